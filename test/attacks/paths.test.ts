import fc from 'fast-check'
import {
  type AuthOptions,
  bearerAuthenticator,
  createAuth,
  type FailureStrategy,
  handleRequest,
  LatchkeyError,
  memoryUsers,
  type ProtectPathsOptions,
  protectPaths,
  safeRedirectPath,
} from 'latchkey'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { PathRules } from '../../src/http/path-rules.ts'
import { ORIGIN, plain, SECRET, SESSION_MODES, type TestUser, Users } from '../app.ts'

const RULES = { include: ['/admin', '/area'], exclude: ['/area/public', '/area/health'] }
const JSON_ONLY = { accept: 'application/json' }
const HTML = { accept: 'text/html' }

interface Ask extends RequestInit {
  readonly headers?: Record<string, string>
}

/** An app with one handler for whatever comes, and without a check in it. */
function start(rules: ProtectPathsOptions = RULES, options: Partial<AuthOptions<TestUser>> = {}) {
  const users = new Users()
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    protect: protectPaths(rules),
    ...options,
  })
  let thrown: unknown
  /** `target` is a path, or a whole address. */
  const ask = (target: string, init: Ask = {}): Promise<Response> =>
    handleRequest(
      auth,
      new Request(target.startsWith('/') ? ORIGIN + target : target, { redirect: 'manual', ...init }),
      async (current) => new Response(`MARKER ${(await current.authenticate()).userId ?? 'nobody'}`),
      {
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  const login = async (username = 'alice'): Promise<string> => {
    const browser = new TestBrowser(
      (request) =>
        handleRequest(auth, request, async (current) => {
          await current.loginUser(users.named(username))
          return new Response()
        }),
      ORIGIN,
    )
    await browser.post(rules.exclude?.[0] ?? '/login')
    return browser.cookieHeader
  }
  return { ask, login, users, thrown: () => thrown }
}

/** `marker`, or the status of the refusal. */
async function judged(answer: Response): Promise<'marker' | number> {
  const isMarker = (await answer.text()).includes('MARKER')
  expect(isMarker).toBe(answer.status === 200)
  return isMarker ? 'marker' : answer.status
}

const PROTECTED: readonly string[] = [
  '/admin',
  '/admin/',
  '/admin//',
  '/admin/users',
  '/admin/users/',
  '/admin/area/public',
  '/area',
  '/area/',
  '/area/x',
  '/area/x/public',
  // Slashes that are collapsed, and dots that are resolved.
  '//admin',
  '///admin',
  '//admin//users',
  '/./admin',
  '/admin/.',
  '/admin/./users',
  '/x/../admin',
  '/../admin',
  '/../../../admin',
  '/admin/users/..',
  '/area/public/..',
  '/area/public/../',
  '/area/public/../x',
  '/area/public/../../admin',
  '/area/public/x/../../x',
  '/area/health/../public/../x',
  '/area/./x/./public',
  // The same with the dots encoded.
  '/%2e/admin',
  '/%2e%2e/admin',
  '/x/%2e%2e/admin',
  '/x/.%2e/admin',
  '/x/%2E./admin',
  '/area/public/%2e%2e',
  '/area/public/%2e%2E/x',
  '/area/public/.%2e/.%2E/admin',
  // Backslashes, which are slashes in an address.
  '/\\admin',
  '/x\\..\\admin',
  '/area\\x',
  '/area/public\\..\\x',
  '/area/public/..\\x',
  // Letters, encoded once.
  '/%61dmin',
  '/adm%69n',
  '/%61%64%6D%69%6e',
  '/%61rea/x',
  '/area/publi%63ity',
  '/area/%78',
  '/%61dmin/%2e',
  // What an address drops.
  '/ad\tmin',
  '/ad\nmin',
  '/\radmin',
  '/area/pub\tlicity',
  // Query and fragment.
  '/admin?',
  '/admin#',
  '/admin?x=/area/public',
  '/admin?/../area/public',
  '/admin?#/area/public',
  '/admin#/../area/public',
  '/area?/public',
  '/area#/public',
  '/area/?public',
  '/area/%2e?/public',
  // What looks like a public one.
  '/area/publicity',
  '/area/public2',
  '/area/publi',
  '/area/Public',
  '/area/PUBLIC',
  '/area/public.',
  '/area/public.html',
  '/area/public;x',
  '/area/public;/x',
  '/area/;/public',
  '/area/public%20',
  '/area/%20public',
  '/area/public%09',
  '/area/public%3Fx',
  '/area/public%23',
  '/area/public,health',
  '/area/healthz',
  '/area/pub\u200blic',
  '/area/\uff50ublic',
  '/area/publi\u0441',
  '/area/.../public',
  '/area/*',
  '/area/~/public',
  // An empty segment: not every router takes it away, so nothing is lifted.
  '/area//public',
  '/area//public/x',
  '/area/public//',
  '/area/public//x',
  '/area/public/x//y',
  '/area///public',
  '/area//health',
  '//area/public',
  // The data of a protected page, as React Router, Remix and Next ask for it.
  '/admin.data',
  '/admin.data.data',
  '/admin.data?_routes=routes%2Fadmin',
  '/admin%2edata',
  '/admin/users.data',
  '/admin/_.data',
  '/admin/.data',
  '/admin.rsc',
  '/admin.rsc.data',
  '/area.data',
  '/area/x.data',
  // That of a public one, where the adapter does not say that it is.
  '/area/public.data',
]

const UNCLEAR: readonly string[] = [
  // Slashes, backslashes and NUL, encoded.
  '/%2fadmin',
  '/%2Fadmin',
  '/admin%2f',
  '/admin%2fusers',
  '/admin%2F..',
  '/area%2fx',
  '/area%2fpublic',
  '/area/public%2f..%2fx',
  '/area/public/..%2fx',
  '/area/public/%2e%2e%2fx',
  '/x%2f..%2fadmin',
  '/%5cadmin',
  '/%5Cadmin',
  '/area/public%5c..%5cx',
  '/area/public/..%5cx',
  '/admin%00',
  '/%00/admin',
  '/admin%00.html',
  '/area/public%00',
  // Encoded twice, or in part.
  '/%2561dmin',
  '/%25%36%31dmin',
  '/%252fadmin',
  '/%25252fadmin',
  '/admin%252f',
  '/area/public/%252e%252e/x',
  '/area/public/.%252e/x',
  '/area/public/%25%32%65%25%32%65/x',
  '/area/public%255c..%255cx',
  '/area/public%2500',
  // Malformed.
  '/%',
  '/%zz',
  '/%6',
  '/admin%',
  '/admin%2',
  '/admin%u0000',
  '/%u0061dmin',
  '/area/public/%%32%65',
  // UTF-8 that is none, or longer than it need be.
  '/%ff',
  '/%c1%a1dmin',
  '/%c0%afadmin',
  '/area/public/%c0%ae%c0%ae/x',
  '/area/public%c0%af..%c0%afx',
  '/%e0%80%afadmin',
  '/%f0%80%80%afadmin',
  '/%ed%a0%80',
]

const OPEN: readonly string[] = [
  '/',
  '/x',
  '/area/public',
  '/area/public/',
  '/area/public/x',
  '/area/public/admin',
  '/area/public?x=/admin',
  '/area/public#/admin',
  '/area/public/%2e',
  '/area/./public',
  '/area/x/../public',
  '/area/%70ublic',
  '/area/public/x/../y',
  // By the standard for addresses dots take an empty segment away, or one of any kind.
  '/x//../admin',
  '/area/public/%00/../x',
  '/admin/../area/public',
  '/area/health',
  '/area/health/live',
  // Other paths than those that are protected, and so for a router.
  '/areal',
  '/areal/x',
  '/area2/x',
  '/are',
  '/administrator',
  '/admin-panel',
  '/admin.json',
  '/admin.',
  '/admin;x=1',
  '/admin%20',
  '/%20admin',
  '/admin%3Fx',
  '/ADMIN',
  '/Area/x',
  '/x/admin',
  '/x?/admin',
  '/x#/admin',
  '/x?next=/admin',
  '/\u0430dmin',
  '/\uff41dmin',
  '/adm\u0131n',
  '/admin\u200b',
  '/%EF%BC%8Fadmin',
  '/100%25',
  '/%25/x',
]

describe('spellings of a protected path are answered 401, and no handler is asked', () => {
  const { ask, login } = start()
  test.each(PROTECTED)('%j', async (path) => {
    expect(await judged(await ask(path))).toBe(401)
    expect(await judged(await ask(path, { headers: { cookie: await login() } }))).toBe('marker')
  })
})

describe('what could be one path here and another further on is answered 400, to users as well', () => {
  const { ask, login } = start()
  test.each(UNCLEAR)('%j', async (path) => {
    expect(await judged(await ask(path))).toBe(400)
    expect(await judged(await ask(path, { headers: { cookie: await login() } }))).toBe(400)
  })

  test('whatever becomes of nobody', async () => {
    const strategies: ProtectPathsOptions[] = [
      { ...RULES, onFailure: 'continue' },
      { ...RULES, onFailure: 'throw' },
      { ...RULES, onFailure: () => null },
      { ...RULES, redirectTo: '/login' },
    ]
    for (const rules of strategies)
      expect(await judged(await start(rules).ask('/area/public/..%2fx'))).toBe(400)
  })
})

describe('all others stay open', () => {
  const { ask } = start()
  test.each(OPEN)('%j', async (path) => expect(await judged(await ask(path))).toBe('marker'))
})

describe('very long paths', () => {
  const { ask } = start()
  test.each([
    ['below a protected one', `/admin/${'x'.repeat(100_000)}`, 401],
    ['of many segments', `/admin${'/x'.repeat(50_000)}`, 401],
    ['of slashes', `${'/'.repeat(100_000)}admin`, 401],
    ['of dots', `/${'x/../'.repeat(20_000)}admin`, 401],
    ['of escapes', `/admin/${'%61'.repeat(50_000)}`, 401],
    ['of escapes that are none', `/${'%2'.repeat(50_000)}`, 400],
    ['of percent signs', `/admin/${'%25'.repeat(50_000)}zz`, 401],
    ['beside all', `/x${'/admin'.repeat(20_000)}`, 'marker'],
  ])('%s', async (_, path, expected) => expect(await judged(await ask(path))).toBe(expected))
})

describe('nothing but the path counts', () => {
  const { ask } = start()
  const rows: readonly [sentence: string, target: string, init: Ask, expected: 'marker' | number][] = [
    ['another host', 'https://evil.test/admin', {}, 401],
    ['another port', 'https://app.test:8443/admin', {}, 401],
    ['no TLS', 'http://app.test/admin', {}, 401],
    ['an address in place of a name', 'http://[::1]/admin', {}, 401],
    ['a host that is called like a public path', 'https://area.public/admin', {}, 401],
    ['a host that is called like a protected one', 'https://admin/x', {}, 'marker'],
    ['a host of two words, of which one is a path', 'https://app.test\\admin', {}, 401],
    ['Host', '/admin', { headers: { host: 'app.test/area/public' } }, 401],
    ['a path for a proxy', '/admin', { headers: { 'x-original-url': '/area/public' } }, 401],
    ['a path for another proxy', '/admin', { headers: { 'x-rewrite-url': '/area/public' } }, 401],
    ['a prefix of a proxy', '/admin', { headers: { 'x-forwarded-prefix': '/area/public' } }, 401],
    ['a method for a router', '/admin', { headers: { 'x-http-method-override': 'OPTIONS' } }, 401],
    ['HEAD', '/admin', { method: 'HEAD' }, 401],
    ['OPTIONS', '/admin', { method: 'OPTIONS' }, 401],
    ['POST', '/admin', { method: 'POST' }, 401],
    ['DELETE', '/admin', { method: 'DELETE' }, 401],
  ]
  test.each(rows)('%s', async (_, target, init, expected) => {
    expect(await judged(await ask(target, init))).toBe(expected)
  })
})

/**
 * Deno hands on the address as it came over the wire, and a router that reads it as a text (Hono) finds the path before
 * its dots are resolved. What is judged here must not be another path.
 */
describe('where a runtime does not resolve the address of a request', () => {
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    protect: protectPaths(RULES),
  })
  const ask = (path: string): Promise<Response> => {
    const request = new Request(ORIGIN)
    Object.defineProperty(request, 'url', { value: ORIGIN + path })
    return handleRequest(auth, request, ({ request: { url } }) => new Response(`MARKER ${url}`))
  }

  test.each([
    '/admin/..',
    '/admin/../',
    '/admin/../x',
    '/admin/x/../../area/public',
    '/admin/./../x',
    '/admin/%2e%2e/x',
    '/admin/.%2E/x',
    '/admin/..\\x',
    '/admin/\\../..\\x',
    '/admin/../area/public?x=1',
    '/area/x/../public',
    '/area/public/../x',
    '/x/../admin',
    '/admin#/../x',
  ])('a protected path stays one: %j', async (path) => {
    expect(await judged(await ask(path))).not.toBe('marker')
  })

  test.each([
    '/x',
    '/area/public',
    '/area/public/x?a=/../..',
    '/x#/../admin',
    '/a..b/..c/d..',
    '/.well-known/x',
  ])('others stay open: %j', async (path) => expect(await judged(await ask(path))).toBe('marker'))
})

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

describe('the data of a page, where the adapter names the suffix', () => {
  const rules = (options: ProtectPathsOptions) => {
    const auth = createAuth<TestUser>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
      protect: protectPaths(options),
    })
    return (path: string) =>
      handleRequest(auth, new Request(ORIGIN + path), async () => new Response('MARKER'), {
        dataSuffix: '.data',
      })
  }

  test.each([
    ['/admin.data', 401],
    ['/admin.data.data', 401],
    ['/admin/_.data', 401],
    ['/area/x.data', 401],
    ['/area/public.data', 'marker'],
    ['/area/public/_.data', 'marker'],
    ['/area/public.data.data', 'marker'],
    ['/area/public/x.data?_routes=x', 'marker'],
    ['/area//public.data', 401],
    ['/area/public.rsc', 401],
    ['/area/public%2edata', 401],
    ['/x.data', 'marker'],
  ])('%s: %s', async (path, expected) => expect(await judged(await rules(RULES)(path))).toBe(expected))

  test.each([
    ['/_root.data', 'marker'],
    ['/_.data', 'marker'],
    ['/x.data', 401],
    ['/x/_root.data', 401],
    ['//_root.data', 401],
    ['/login.data', 'marker'],
  ])('the front page alone: %s: %s', async (path, expected) =>
    expect(await judged(await rules({ exclude: ['/', '/login'] })(path))).toBe(expected),
  )

  test('the login page is exempt, and leads back to the page', async () => {
    const ask = rules({ redirectTo: '/login' })
    expect(await judged(await ask('/login.data'))).toBe('marker')
    expect((await ask('/admin.data?x=1&_routes=x')).headers.get('location')).toBe(
      '/login?next=%2Fadmin%3Fx%3D1',
    )
  })
})

describe('where the router ignores case', () => {
  const rules = new PathRules({ include: ['/Admin'], exclude: ['/Admin/Public'], ignoreCase: true })
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
})

describe('rules that would do something else, or nothing, are refused when they are built', () => {
  const rows: readonly [sentence: string, options: object, says: RegExp][] = [
    ['a regular expression', { include: [/^\/admin/] }, /`include` takes plain paths/],
    ['one without a list', { include: /^\/admin/ }, /`include` is a list/],
    ['a path without a list', { include: '/admin' }, /`include` is a list/],
    ['an exception without a list', { exclude: '/public' }, /`exclude` is a list/],
    ['a star', { include: ['*'] }, /`include` takes plain paths/],
    ['a pattern', { include: ['/admin/*'] }, /`include` takes plain paths/],
    ['a pattern as exception', { exclude: ['/public/**'] }, /`exclude` takes plain paths/],
    ['a path without slash', { include: ['admin'] }, /`include` takes plain paths/],
    ['a slash at the end', { include: ['/a/'] }, /without slash at the end/],
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
    ['what is included and excluded', { include: ['/a'], exclude: ['/a'] }, /included and excluded/],
    ['the front page, where it is not included', { include: ['/a'], exclude: ['/'] }, /front page/],
    ['a login page with a fragment', { redirectTo: '/login#form' }, /`redirectTo` is/],
    ['all that is included', { include: ['/'], exclude: ['/'] }, /front page/],
    [
      'the same but for its case, which is ignored',
      { include: ['/a'], exclude: ['/A'], ignoreCase: true },
      /included and excluded/,
    ],
    ['an exception from nothing', { include: ['/a'], exclude: ['/b'] }, /lies under no `include`/],
    ['an exception from what only begins alike', { include: ['/a'], exclude: ['/ab'] }, /lies under no/],
    ['an exception from what is spelt otherwise', { include: ['/a'], exclude: ['/A/b'] }, /lies under no/],
    ['an exception that is wider', { include: ['/a/b'], exclude: ['/a'] }, /lies under no/],
    ['an unknown strategy', { onFailure: 'redirct' }, /`onFailure` is/],
    ['no strategy', { onFailure: null }, /`onFailure` is/],
    ['a strategy that is an answer', { onFailure: new Response() }, /`onFailure` is/],
    ['redirecting to nowhere', { onFailure: 'redirect' }, /go together/],
    ['throwing, and a login page', { onFailure: 'throw', redirectTo: '/login' }, /go together/],
    ['going on, and a login page', { onFailure: 'continue', redirectTo: '/login' }, /go together/],
    ['a challenge, and a login page', { onFailure: 'challenge', redirectTo: '/login' }, /go together/],
    ['a function, and a login page', { onFailure: () => null, redirectTo: '/login' }, /go together/],
    ['a login page elsewhere in disguise', { redirectTo: '//evil.test' }, /`redirectTo` is a path/],
    ['the same with a backslash', { redirectTo: '/\\evil.test' }, /`redirectTo` is a path/],
    ['a login page without slash', { redirectTo: 'login' }, /`redirectTo` is a path/],
    ['an empty login page', { redirectTo: '' }, /`redirectTo` is a path/],
    ['a login page that is a script', { redirectTo: 'javascript:alert(1)' }, /`redirectTo` is a path/],
    ['a login page that is a number', { redirectTo: 42 }, /`redirectTo` is a path/],
    ['an option that does not exist', { includes: ['/a'] }, /No option `includes`/],
    ['one of imia’s', { include_patterns: ['/a'] }, /No option `include_patterns`/],
  ]
  test.each(rows)('%s', (_, options, says) => {
    const build = () => protectPaths(options as ProtectPathsOptions)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test.each([
    ['rules that nobody has built', { protect: RULES }],
    ['null', { protect: null }],
  ])('%s', (_, options) => {
    expect(() => start({}, options as never)).toThrowError(/`protect` is protectPaths/)
  })

  test('what is right is built', () => {
    for (const rules of [
      {},
      RULES,
      { include: ['/'], exclude: ['/a'] },
      { include: ['/a', '/a/b/c'], exclude: ['/a/b'] },
      { include: ['/a'], exclude: ['/A/b'], ignoreCase: true },
      { include: ['/größe/x y'] },
      { redirectTo: 'https://sso.test/login', onFailure: 'redirect' },
    ] as const)
      expect(protectPaths(rules)).toBeTypeOf('function')
  })
})

describe('what becomes of nobody', () => {
  test('a challenge, by default', async () => {
    const users = { ...new Users().provider, findByToken: () => null }
    const { ask } = start(RULES, { users, authenticators: [bearerAuthenticator()], realm: 'Staff' })
    const answer = await ask('/admin')
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Staff"'])
    const bad = await ask('/admin', { headers: { authorization: 'Bearer x' } })
    expect(bad.headers.get('www-authenticate')).toBe('Bearer realm="Staff", error="invalid_token"')
    expect((await ask('/admin', { headers: { authorization: 'Bearer' } })).status).toBe(400)
  })

  const redirects: readonly [
    sentence: string,
    target: string,
    init: Ask,
    status: number,
    location: string | null,
  ][] = [
    [
      'a browser, with the way back',
      '/admin/x?tab=2',
      { headers: HTML },
      303,
      '/login?next=%2Fadmin%2Fx%3Ftab%3D2',
    ],
    ['whoever says nothing of what he likes', '/admin', {}, 303, '/login?next=%2Fadmin'],
    ['HEAD', '/admin', { method: 'HEAD' }, 303, '/login?next=%2Fadmin'],
    ['a form, without one: it is not sent again', '/admin', { method: 'POST', headers: HTML }, 303, '/login'],
    ['nor is anything else that changes things', '/admin', { method: 'PUT' }, 303, '/login'],
    ['who asks for JSON is told 401', '/admin', { headers: JSON_ONLY }, 401, null],
    ['a fragment of which no server knows', '/admin#x', {}, 303, '/login?next=%2Fadmin'],
    [
      'escapes as they came',
      '/admin/%C3%BC%20?q=%26',
      {},
      303,
      '/login?next=%2Fadmin%2F%25C3%25BC%2520%3Fq%3D%2526',
    ],
    [
      'a line break in the query',
      '/admin?x=%0d%0aSet-Cookie:y',
      {},
      303,
      '/login?next=%2Fadmin%3Fx%3D%250d%250aSet-Cookie%3Ay',
    ],
    [
      'a next of one’s own',
      '/admin?next=//evil.test',
      {},
      303,
      '/login?next=%2Fadmin%3Fnext%3D%2F%2Fevil.test',
    ],
    ['another host', 'https://evil.test/admin', {}, 303, '/login?next=%2Fadmin'],
  ]
  test.each(redirects)('to the login page: %s', async (_, target, init, status, location) => {
    const answer = await start({ ...RULES, redirectTo: '/login' }).ask(target, init)
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location])
    expect(await answer.text()).not.toContain('MARKER')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    '//evil.test',
    '//evil.test/admin',
    '///evil.test',
    '/\\evil.test',
    '/.//evil.test',
    '/x/..//evil.test',
    '//evil.test@app.test',
    '//evil.test?x#y',
  ])('the way back is never another site: %j', async (path) => {
    const answer = await start({ redirectTo: '/login' }).ask(path)
    expect(answer.status).toBe(303)
    const next = new URL(answer.headers.get('location') ?? '', ORIGIN).searchParams.get('next')
    if (next !== null) expect(safeRedirectPath(next, ORIGIN, 'unsafe')).toBe(next)
  })

  test.each([
    ['a query of its own', '/login?from=app', '/login?from=app&next=%2Fadmin'],
    [
      'a page elsewhere, which learns nothing of ours',
      'https://sso.test/login?x=1',
      'https://sso.test/login?x=1',
    ],
  ])('a login page with %s', async (_, redirectTo, location) => {
    expect((await start({ ...RULES, redirectTo }).ask('/admin')).headers.get('location')).toBe(location)
  })

  test.each([
    ['the login page', '/login', 'marker'],
    ['with what it was sent', '/login?next=%2Fx', 'marker'],
    ['no page below it', '/login/x', 303],
    ['not as another spells it', '/LOGIN', 303],
    ['no page that only begins alike', '/login2', 303],
  ])('exempt is %s', async (_, path, expected) => {
    const { ask } = start({ redirectTo: '/login?from=app' })
    expect(await judged(await ask(path))).toBe(expected)
    if (expected === 'marker') expect(await judged(await ask(path, { method: 'POST' }))).toBe(expected)
  })

  test.each(['/', '/x', '/login/', '/login/x', '//login', '/%6cogin', '/LOGIN', '/x/../y'])(
    'a browser comes to the login page, and goes in no circle: from %s',
    async (path) => {
      const { ask } = start({ redirectTo: '/login' })
      let answer = await ask(path)
      let hops = 0
      for (; answer.status === 303 && hops < 5; hops++)
        answer = await ask(answer.headers.get('location') ?? '')
      expect([await judged(answer), hops < 2]).toEqual(['marker', true])
    },
  )

  test('throwing: the app’s own handler of errors is told', async () => {
    const { ask, thrown } = start({ ...RULES, onFailure: 'throw' })
    expect(await judged(await ask('/admin'))).toBe(401)
    expect(thrown()).toBeInstanceOf(LatchkeyError)
    expect(thrown()).toMatchObject({ code: 'login_required', status: 401 })
  })

  test('going on: the handler is asked, and knows that it is nobody', async () => {
    const { ask, login } = start({ ...RULES, onFailure: 'continue' })
    expect(await (await ask('/admin')).text()).toBe('MARKER nobody')
    expect(await (await ask('/admin', { headers: { cookie: await login() } })).text()).toBe('MARKER alice')
  })

  const own: readonly [sentence: string, onFailure: FailureStrategy, status: number, body: string][] = [
    ['that answers', () => new Response('own', { status: 418 }), 418, 'own'],
    ['that answers later', async () => new Response('own', { status: 418 }), 418, 'own'],
    ['that does not answer', () => null, 200, 'MARKER nobody'],
    ['that does not answer later', async () => undefined, 200, 'MARKER nobody'],
    ['that throws an answer', () => Promise.reject(new Response('own', { status: 418 })), 418, 'own'],
  ]
  test.each(own)('a function %s', async (_, onFailure, status, body) => {
    const answer = await start({ ...RULES, onFailure }).ask('/admin')
    expect([answer.status, await answer.text()]).toEqual([status, body])
  })

  test('a function that breaks lets nobody on', async () => {
    const broken = new TypeError('broken')
    const onFailure = () => Promise.reject(broken)
    const { ask, thrown } = start({ ...RULES, onFailure })
    expect(await judged(await ask('/admin'))).toBe(500)
    expect(thrown()).toBe(broken)
  })

  test('a function is asked about nobody alone, on protected paths alone', async () => {
    const asked: unknown[] = []
    const { ask, login, users } = start({
      ...RULES,
      onFailure: (request, token) => {
        asked.push([new URL(request.url).pathname, token.userId, token.reason])
        return null
      },
    })
    const cookie = await login()
    await ask('/admin', { headers: { cookie } })
    await ask('/area/public')
    await ask('/x')
    await ask('/admin%2f')
    expect(asked).toEqual([])
    users.change('alice', { disabled: true })
    await ask('/admin', { headers: { cookie } })
    expect(asked).toEqual([['/admin', null, 'user_disabled']])
  })
})

describe('the refusal is in the kind that was asked for', () => {
  test.each([
    ['JSON', JSON_ONLY, '/admin', 'application/json', /^\{"ok":false,"code":"login_required"\}$/],
    ['a page', HTML, '/admin', 'text/html; charset=utf-8', /^<!doctype html>.*Please log in/],
    ['anything', { accept: '*/*' }, '/admin', 'text/html; charset=utf-8', /^<!doctype html>/],
    [
      'JSON, of no one path',
      JSON_ONLY,
      '/admin%2f',
      'application/json',
      /^\{"ok":false,"code":"bad_request"\}$/,
    ],
    [
      'a page, of no one path',
      HTML,
      '/admin%2f<b>',
      'text/html; charset=utf-8',
      /^<!doctype html>.*Bad request(?!.*<b>)/,
    ],
  ])('%s', async (_, headers, path, type, body) => {
    const answer = await start().ask(path, { headers })
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toMatch(body)
  })
})

describe('an upgrade to WebSocket', () => {
  const { ask, login } = start({ ...RULES, redirectTo: '/login' })
  const socket = { upgrade: 'websocket', origin: ORIGIN }

  test('is answered 401, and sent to no login page', async () => {
    const answer = await ask('/admin', { headers: socket })
    expect([answer.status, answer.headers.get('location')]).toEqual([401, null])
  })

  test('of another site is refused before', async () => {
    const headers = { ...socket, origin: 'https://evil.test', cookie: await login() }
    expect(await judged(await ask('/admin', { headers }))).toBe(403)
  })

  test('of a user passes', async () => {
    expect(await judged(await ask('/admin', { headers: { ...socket, cookie: await login() } }))).toBe(
      'marker',
    )
  })
})

describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
  test('what needs no user still knows him', async () => {
    const { ask, login } = start(RULES, sessions())
    const headers = { cookie: await login() }
    for (const path of ['/area/public', '/area/health', '/', '/areal', '/admin'])
      expect(await (await ask(path, { headers })).text()).toBe('MARKER alice')
  })

  test('a refusal that was made from a session says so to caches, and gives no cookie', async () => {
    for (const rules of [RULES, { ...RULES, redirectTo: '/login' }]) {
      const { ask, login } = start(rules, sessions())
      const cookie = await login()
      for (const path of ['/admin', '/area']) {
        const answer = await ask(path)
        expect(answer.headers.get('vary')).toBe('Cookie')
        expect(answer.headers.getSetCookie()).toEqual([])
      }
      expect((await ask('/admin', { headers: { cookie } })).headers.get('vary')).toBe('Cookie')
    }
  })

  test('a session that has ended is refused, and its cookie taken back', async () => {
    const { ask, login, users } = start(RULES, sessions())
    const headers = { cookie: await login() }
    users.change('alice', { sessionEpoch: 1 })
    const answer = await ask('/admin', { headers })
    expect(await judged(answer)).toBe(401)
    expect(answer.headers.getSetCookie().join()).toContain('Max-Age=0')
  })

  test('a table of users that is down lets nobody pass, and public pages stand', async () => {
    const broken = { isDown: false }
    const users = new Users()
    const findById = (id: string | number) => {
      if (broken.isDown) throw new Error('postgres://app:s3cret@db.internal')
      return users.provider.findById(id)
    }
    const { ask, login } = start(RULES, { ...sessions(), users: { ...users.provider, findById } })
    const headers = { cookie: await login(), ...JSON_ONLY }
    broken.isDown = true
    const answer = await ask('/admin', { headers })
    expect([answer.status, await answer.text()]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    broken.isDown = false
    expect(await judged(await ask('/admin', { headers }))).toBe('marker')
  })
})

describe('whatever path comes', () => {
  const rules = new PathRules(RULES)
  const pieces = [
    ...['/', '//', '\\', '.', '..', '%2e', '%2E', '%252e', '%2f', '%5c', '%00', '%', '%25', '%2', '%c0%ae'],
    ...['admin', 'area', 'public', 'health', '%61dmin', 'are%61', '%70ublic', 'Admin', 'l', ';x', ' ', '\t'],
    ...['?', '#', 'ü', '%c3%bc', '\u200b', '\ud800'],
  ]
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constant('/') },
    { weight: 8, arbitrary: fc.constantFrom(...pieces) },
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  const path = fc.array(piece, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)

  const under = (segments: readonly string[]): boolean =>
    segments[0] === 'admin' ||
    (segments[0] === 'area' && segments[1] !== 'public' && segments[1] !== 'health')
  const decode = (text: string): string | null => {
    try {
      return decodeURIComponent(text)
    } catch {
      return null
    }
  }
  /** As a careless reader would: every slash is one, and dots are resolved once more. */
  const segmentsOf = (text: string): string[] => {
    const segments: string[] = []
    for (const segment of text.split(/[/\\]/)) {
      if (segment === '..') segments.pop()
      else if (segment !== '' && segment !== '.') segments.push(segment)
    }
    return segments
  }

  test('one that lies under a rule needs a user', () => {
    fc.assert(
      fc.property(path, (text) => {
        const { pathname } = new URL(ORIGIN + text)
        const decoded = decode(pathname)
        const verdict = rules.isProtected(pathname)
        const segments = decoded?.split('/').filter((segment) => segment !== '') ?? []
        const isIncluded = segments[0] === 'admin' || segments[0] === 'area'
        if (decoded === null) expect(verdict).toBeNull()
        // Where there is an empty segment nothing is lifted.
        else if (under(segments) || (isIncluded && pathname.includes('//'))) expect(verdict).not.toBe(false)
        else expect(verdict).not.toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  test('and one that needs none lies under no rule for whoever decodes it again', () => {
    fc.assert(
      fc.property(path, (text) => {
        const { pathname } = new URL(ORIGIN + text)
        if (rules.isProtected(pathname) !== false) return
        let form: string | null = pathname
        for (let times = 0; form !== null && times < 4; times++) {
          expect(under(segmentsOf(form)) && times > 0).toBe(false)
          form = decode(form)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})

test('a login page that is named by the whole address of the app is exempt all the same', async () => {
  const protect = protectPaths<TestUser>({ redirectTo: `${ORIGIN}/login` })
  const auth = createAuth<TestUser>({ secret: SECRET, users: memoryUsers([]), passwords: plain, protect })
  const answer = (path: string) =>
    handleRequest(auth, new Request(ORIGIN + path), async () => new Response('page'))
  expect((await answer('/x')).headers.get('location')).toBe(`${ORIGIN}/login`)
  expect(await (await answer('/login')).text()).toBe('page')
})
