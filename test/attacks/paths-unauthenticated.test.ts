import {
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
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'
import { type Ask, HTML, JSON_ONLY, judged, RULES, start } from './by-path.ts'

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
    ['with a slash at the end', '/login/', 'marker'],
    ['no page below it', '/login/x', 303],
    ['no path with an empty segment', '/login//', 303],
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

describe('a CORS preflight for a protected path', () => {
  const headers = { origin: 'https://spa.test', 'access-control-request-method': 'DELETE' }
  const preflight = (path: string, more: Record<string, string> = {}): [string, Ask] => [
    path,
    { method: 'OPTIONS', headers: { ...headers, ...more } },
  ]
  const strategies: readonly [sentence: string, options: ProtectPathsOptions][] = [
    ['a challenge', {}],
    ['a redirect', { redirectTo: '/login' }],
    ['an error', { onFailure: 'throw' }],
    ['a function', { onFailure: () => new Response('own', { status: 418 }) }],
    ['a function that lets it pass', { onFailure: () => null }],
    ['a scope', { scopes: ['staff'] }],
  ]
  test.each(strategies)('is allowed nothing, and reaches no handler: %s', async (_, options) => {
    const { ask } = start({ ...RULES, ...options })
    for (const more of [{}, { cookie: 'x=y' }, { 'sec-fetch-mode': 'cors', accept: '*/*' }]) {
      const answer = await ask(...preflight('/admin', more))
      expect([answer.status, await answer.text()]).toEqual([204, ''])
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('goes on where the path is public, or nothing is required', async () => {
    const { ask } = start(RULES)
    expect(await judged(await ask(...preflight('/area/public')))).toBe('marker')
    expect(await judged(await start({ onFailure: 'continue' }).ask(...preflight('/x')))).toBe('marker')
  })

  test('is told of an ambiguous path like everybody else', async () => {
    expect((await start(RULES).ask(...preflight('/admin%2f'))).status).toBe(400)
  })

  test('of a user goes on, though no browser sends one', async () => {
    const { ask, login } = start(RULES)
    expect(await judged(await ask(...preflight('/admin', { cookie: await login() })))).toBe('marker')
  })

  test('is one with both headers: any other OPTIONS is a request', async () => {
    const { ask } = start(RULES)
    for (const name of ['origin', 'access-control-request-method'] as const) {
      const { [name]: _, ...rest } = headers
      expect((await ask('/admin', { method: 'OPTIONS', headers: rest })).status).toBe(401)
    }
    expect((await ask('/admin', { method: 'GET', headers })).status).toBe(401)
  })
})

describe('the refusal is in the kind that was asked for', () => {
  test.each([
    ['JSON', JSON_ONLY, '/admin', 'application/json', /^\{"ok":false,"code":"login_required"\}$/],
    ['a page', HTML, '/admin', 'text/html; charset=utf-8', /^<!doctype html>.*Please log in/],
    ['anything', { accept: '*/*' }, '/admin', 'application/json', /^\{"ok":false/],
    ['nothing that it names', {}, '/admin', 'application/json', /^\{"ok":false/],
    [
      'JSON and a page',
      { accept: 'application/json, text/html' },
      '/admin',
      'application/json',
      /^\{"ok":false/,
    ],
    [
      'a page of another kind',
      { accept: 'application/xhtml+xml' },
      '/admin',
      'application/json',
      /^\{"ok":false/,
    ],
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

test('a login page with an address is exempt if the configured origin is its own, and for no other Host', async () => {
  const protect = protectPaths({ redirectTo: `${ORIGIN}/login` })
  const options = { secret: SECRET, users: memoryUsers<TestUser>([]), passwords: plain, protect }
  const answer = (path: string, origin?: string) =>
    handleRequest(
      createAuth<TestUser>({ ...options, origin }),
      new Request(path, { headers: HTML }),
      async () => new Response('page'),
    )
  expect((await answer(`${ORIGIN}/x`, ORIGIN)).headers.get('location')).toBe(`${ORIGIN}/login`)
  expect(await (await answer(`${ORIGIN}/login`, ORIGIN)).text()).toBe('page')
  expect(await (await answer('http://localhost/login', ORIGIN)).text()).toBe('page')
  expect((await answer(`${ORIGIN}/login`, 'https://other.test')).status).toBe(303)
  // It would be redirected to itself for ever.
  expect((await answer(`${ORIGIN}/login`)).status).toBe(401)
})
