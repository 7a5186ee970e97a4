import { createAuth, handleRequest, type ProtectPathsOptions, protectPaths } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { PathRules } from '../../src/http/path-rules.ts'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'
import { judged, RULES, start } from './by-path.ts'

describe('of two rules the longer one counts', () => {
  test.each([
    ['/', true],
    ['/x', true],
    ['/a', false],
    ['/a/x', false],
    ['/a/b', false],
    ['/a/b/c', true],
    ['/a/b/c/x', true],
    ['/a/b/c/d', false],
    ['/a/b/c/d/e', false],
    ['/a/b/c/dd', true],
  ])('%s: %s', (path, isProtected) => {
    const rules = new PathRules({ include: ['/', '/a/b/c'], exclude: ['/a/b/c/d', '/a'] })
    expect(rules.isProtected(path)).toBe(isProtected)
  })

  test.each([
    ['no rules at all', {}],
    ['an empty list', { include: [] }],
    ['exceptions alone', { exclude: ['/login'] }],
  ])('with nothing included everything is: %s', async (_, rules) => {
    const { ask } = start(rules)
    for (const path of ['/', '/x', '/loginx', '/favicon.ico', '/.well-known/x', '//', '/login/../x'])
      expect(await judged(await ask(path))).toBe(401)
  })
})

describe('the front page alone', () => {
  const { ask } = start({ exclude: ['/', '/login'] })
  test.each([
    ['/', 'marker'],
    ['/?x', 'marker'],
    ['/.', 'marker'],
    ['/x/..', 'marker'],
    ['//', 401],
    ['///', 401],
    ['/login//x', 401],
    ['/login/x', 'marker'],
    ['/x', 401],
    ['//x', 401],
    ['/./x', 401],
    ['/index.html', 401],
    ['/%20', 401],
    ['/;', 401],
    ['/login/../x', 401],
    ['/%2f', 400],
    ['/%00', 400],
  ])('%s: %s', async (path, expected) => expect(await judged(await ask(path))).toBe(expected))
})

describe('the data of a page, where the adapter says which page that is', () => {
  const asking = (options: ProtectPathsOptions) => {
    const auth = createAuth<TestUser>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
      protect: protectPaths(options),
    })
    return (path: string, page: string) =>
      handleRequest(auth, new Request(ORIGIN + path), async () => new Response('MARKER'), {
        page: new URL(ORIGIN + page),
      })
  }

  test.each([
    ['/admin.data', '/admin', 401],
    ['/admin.data.data', '/admin.data', 401],
    ['/admin/_.data', '/admin/', 401],
    ['/area/x.data', '/area/x', 401],
    ['/area/public.data', '/area/public', 'marker'],
    ['/area/public/_.data', '/area/public/', 'marker'],
    ['/area/public/x.data?_routes=x', '/area/public/x', 'marker'],
    // To the router another page than the public one.
    ['/area/public.data.data', '/area/public.data', 401],
    ['/area//public.data', '/area//public', 401],
    ['/area/public.rsc', '/area/public.rsc', 401],
    ['/area/public%2edata', '/area/public%2edata', 401],
    ['/x.data', '/x', 'marker'],
    // What the router serves is protected, whatever it was asked by.
    ['/x', '/admin', 401],
    ['/area/public', '/area/x', 401],
    ['/x', '/admin%2f', 400],
    ['/area/public/_root.data', '/area/public', 'marker'],
    // A page that is not what the address requests the data of lifts nothing.
    ['/area/x/...data', '/area/', 401],
    ['/area/x', '/area/public', 401],
    ['/area/publicity.data', '/area/public', 401],
    ['/area/public/.data/.data', '/area/public/', 'marker'],
    ['/area/PUBLIC.data', '/area/public', 401],
  ])('%s for %s: %s', async (path, page, expected) =>
    expect(await judged(await asking(RULES)(path, page))).toBe(expected),
  )

  test.each([
    ['/_root.data', '/', 'marker'],
    ['/_.data', '/', 'marker'],
    ['/_.rsc', '/', 'marker'],
    ['/__data.json', '/', 'marker'],
    ['/...data', '/', 401],
    ['/login/__data.json', '/login', 'marker'],
    ['/admin/...data', '/', 401],
    ['/x.data', '/', 401],
    ['/x/_.data', '/', 401],
    ['/_root.data', '/_root', 401],
    ['/_.data', '/_', 401],
    ['/x.data', '/x', 401],
    ['//_root.data', '//', 401],
    ['/login.data', '/login', 'marker'],
    ['/login.data.data', '/login.data', 401],
  ])('the front page alone: %s for %s: %s', async (path, page, expected) =>
    expect(await judged(await asking({ exclude: ['/', '/login'] })(path, page))).toBe(expected),
  )

  test('the login page is exempt, and leads back to the page', async () => {
    const ask = asking({ redirectTo: '/login' })
    expect(await judged(await ask('/login.data', '/login'))).toBe('marker')
    const other = await ask('/login.data.data', '/login.data')
    expect([other.status, other.headers.get('location')]).toEqual([303, '/login?next=%2Flogin.data'])
    const answer = await ask('/admin.data?x=1&_routes=x', '/admin?x=1')
    expect(answer.headers.get('location')).toBe('/login?next=%2Fadmin%3Fx%3D1')
  })
})

describe('an inclusion is blind to letter case, an exception is not', () => {
  const rules = new PathRules({ include: ['/Admin'], exclude: ['/Admin/Public'] })
  test.each([
    ['/Admin', true],
    ['/admin', true],
    ['/ADMIN/x', true],
    ['/%41dmin', true],
    ['/Admin/Public', false],
    ['/Admin/Public/x', false],
    ['/admin/Public', true],
    ['/Admin/public', true],
    ['/ADMIN/PUBLIC', true],
    ['/administrator', false],
  ])('%s: %s', (path, isProtected) => expect(rules.isProtected(path)).toBe(isProtected))

  test.each([
    ['/straSSe/ΟΔΟΣ', '/strasse/οδος.x', true],
    ['/straSSe/ΟΔΟΣ', '/\u017ftrasse/οδοσ', true],
    ['/kelvin', '/%E2%84%AAelvin', true],
    ['/größe', '/GR%C3%96%C3%9FE', true],
    // To no router these are one letter.
    ['/admin', '/adm%C4%B1n', false],
    ['/admin', '/%EF%BD%81dmin', false],
  ])('beyond ASCII: %s, %s: %s', (rule, path, isProtected) => {
    expect(new PathRules({ include: [rule] }).isProtected(path)).toBe(isProtected)
  })
})

describe('rules that would do something else, or nothing, are refused when they are built', () => {
  const rows: readonly [sentence: string, options: object, says: RegExp][] = [
    ['a regular expression', { include: [/^\/admin/] }, /`include` takes plain paths/],
    ['one without a list', { include: /^\/admin/ }, /`include` must be a list/],
    ['a path without a list', { include: '/admin' }, /`include` must be a list/],
    ['an exception without a list', { exclude: '/public' }, /`exclude` must be a list/],
    ['a star', { include: ['*'] }, /`include` takes plain paths/],
    ['a pattern', { include: ['/admin/*'] }, /`include` takes plain paths/],
    ['a pattern as exception', { exclude: ['/public/**'] }, /`exclude` takes plain paths/],
    ['a path without slash', { include: ['admin'] }, /`include` takes plain paths/],
    ['a slash at the end', { include: ['/a/'] }, /without a trailing slash/],
    ['a slash at the end of an exception', { exclude: ['/a/'] }, /`exclude` takes plain paths/],
    ['two slashes', { include: ['//a'] }, /`include` takes plain paths/],
    ['dots', { include: ['/a/../b'] }, /dots/],
    ['one dot', { include: ['/a/./b'] }, /dots/],
    ['an escape', { include: ['/%61dmin'] }, /escapes/],
    ['an encoded slash', { include: ['/a%2fb'] }, /escapes/],
    ['a backslash', { include: ['/a\\b'] }, /`include` takes plain paths/],
    ['NUL', { include: ['/a\0'] }, /`include` takes plain paths/],
    ['a query', { include: ['/a?x=1'] }, /`include` takes plain paths/],
    ['a fragment', { exclude: ['/a#x'] }, /`exclude` takes plain paths/],
    ['an address', { include: ['https://app.test/admin'] }, /`include` takes plain paths/],
    ['an empty text', { include: [''] }, /`include` takes plain paths/],
    ['a number', { include: [42] }, /`include` takes plain paths/],
    ['null in the list', { exclude: [null] }, /`exclude` takes plain paths/],
    ['what is included and excluded', { include: ['/a'], exclude: ['/a'] }, /spelling of an included path/],
    ['the front page, where it is not included', { include: ['/a'], exclude: ['/'] }, /front page/],
    ['a login page with a fragment', { redirectTo: '/login#form' }, /`redirectTo` must be/],
    ['all that is included', { include: ['/'], exclude: ['/'] }, /front page/],
    ['the same but for its case', { include: ['/a'], exclude: ['/A'] }, /spelling of an included path/],
    [
      'what a router might take for it',
      { include: ['/a'], exclude: ['/a.css'] },
      /spelling of an included path/,
    ],
    ['what is blind to case anyhow', { include: ['/a'], ignoreCase: true }, /No option `ignoreCase`/],
    ['parameters of a path', { include: ['/a;x'] }, /`include` takes plain paths/],
    ['an exception from nothing', { include: ['/a'], exclude: ['/b'] }, /is not below any `include`/],
    ['an exception from what only begins alike', { include: ['/a'], exclude: ['/ab'] }, /is not below any/],
    ['an exception that is wider', { include: ['/a/b'], exclude: ['/a'] }, /is not below any/],
    ['an unknown strategy', { onFailure: 'redirct' }, /`onFailure` must be/],
    ['no strategy', { onFailure: null }, /`onFailure` must be/],
    ['a strategy that is an answer', { onFailure: new Response() }, /`onFailure` must be/],
    ['redirecting to nowhere', { onFailure: 'redirect' }, /go together/],
    ['throwing, and a login page', { onFailure: 'throw', redirectTo: '/login' }, /go together/],
    ['going on, and a login page', { onFailure: 'continue', redirectTo: '/login' }, /go together/],
    ['a challenge, and a login page', { onFailure: 'challenge', redirectTo: '/login' }, /go together/],
    ['a function, and a login page', { onFailure: () => null, redirectTo: '/login' }, /go together/],
    ['a login page elsewhere in disguise', { redirectTo: '//evil.test' }, /`redirectTo` must be a path/],
    ['the same with a backslash', { redirectTo: '/\\evil.test' }, /`redirectTo` must be a path/],
    ['a login page without slash', { redirectTo: 'login' }, /`redirectTo` must be a path/],
    ['an empty login page', { redirectTo: '' }, /`redirectTo` must be a path/],
    ['a login page that is a script', { redirectTo: 'javascript:alert(1)' }, /`redirectTo` must be a path/],
    ['a login page that is a number', { redirectTo: 42 }, /`redirectTo` must be a path/],
    ['a scope without a list', { scopes: 'admin' }, /`scopes` must be a list/],
    ['no scopes', { scopes: [] }, /`scopes` must be a list/],
    ['an empty scope', { scopes: [''] }, /`scopes` must be a list/],
    ['a scope that is a number', { scopes: [42] }, /`scopes` must be a list/],
    ['scopes, and going on without a user', { scopes: ['a'], onFailure: 'continue' }, /require a user/],
    ['an option that does not exist', { includes: ['/a'] }, /No option `includes`/],
    ['one of imia’s', { include_patterns: ['/a'] }, /No option `include_patterns`/],
  ]
  test.each(rows)('%s', (_, options, says) => {
    const build = () => protectPaths(options as ProtectPathsOptions)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test.each([
    ['rules that were not built', { protect: RULES }, /must be protectPaths\({ … }\), or a list/],
    ['null', { protect: null }, /must be protectPaths/],
    ['rules that were not built, in a list', { protect: [protectPaths(), RULES] }, /must be protectPaths/],
    ['null in a list', { protect: [null] }, /must be protectPaths/],
    ['an empty list', { protect: [] }, /empty list/],
    ['a function that was not called', { protect: protectPaths }, /what a call gives: `protectPaths\(/],
    ['the same in a list', { protect: [protectPaths({}), protectPaths] }, /what a call gives/],
  ])('%s', (_, options, says) => {
    const build = () => start({}, options as never)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test('what is right is built', () => {
    for (const rules of [
      {},
      RULES,
      { include: ['/'], exclude: ['/a'] },
      { include: ['/a', '/a/b/c'], exclude: ['/a/b'] },
      { include: ['/a'], exclude: ['/A/b'] },
      { include: ['/a'], exclude: ['/a.css/b'] },
      { include: ['/a'], scopes: ['staff'] },
      { include: ['/größe/x y'] },
      { redirectTo: 'https://sso.test/login', onFailure: 'redirect' },
    ] as const)
      expect(protectPaths(rules)).toBeTypeOf('function')
  })
})
