import {
  type Authenticator,
  authenticatedToken,
  createAuth,
  type Denial,
  type DeniedResponder,
  handleRequest,
  protectPaths,
  type RequireUserOptions,
  sessionAuthenticator,
} from 'latchkey'
import { TestBrowser } from 'latchkey/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, testApp, Users } from '../app.ts'
import { ADAPTERS } from './by-adapter.ts'

const users = new Users()

/** Whoever says in a header who they are. */
const byHeader: Authenticator<TestUser> = {
  authenticate({ request }, { call }) {
    const who = request.headers.get('x-test')
    if (who === null) return null
    if (who === 'broken')
      return call('user provider', () => {
        throw new Error('postgres://app:s3cret@db')
      })
    if (who === 'throttled')
      return { isAuthenticated: false, reason: 'throttled', status: 429, retryAfterSeconds: 7 }
    const state = who === 'actor' ? 'impersonator' : 'fresh'
    const user = users.named('alice')
    return authenticatedToken({ user, state, method: 'test', authTime: 0, expiresAt: null })
  },
  challenge: () => 'Test realm="x"',
}

function authThat(deniedResponse?: DeniedResponder) {
  return createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    authenticators: [sessionAuthenticator(), byHeader],
    protect: protectPaths({ include: ['/admin'], scopes: ['staff'] }),
    ...(deniedResponse ? { deniedResponse } : {}),
  })
}

interface Row {
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly options?: RequireUserOptions
  readonly status: number
  readonly code: string
  readonly challenges?: readonly string[]
  /** What Next's proxy does not look at, or leaves to Next. */
  readonly isBehindProxy?: true
}

const CHALLENGES = ['Test realm="x"']
const ROWS: readonly [sentence: string, row: Row][] = [
  ['an anonymous request', { status: 401, code: 'login_required', challenges: CHALLENGES }],
  [
    'an anonymous request by a path rule',
    { path: '/admin', status: 401, code: 'login_required', challenges: CHALLENGES, isBehindProxy: true },
  ],
  [
    'a form of another site',
    {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
      status: 403,
      code: 'cross_origin_refused',
      isBehindProxy: true,
    },
  ],
  [
    'a missing scope',
    {
      headers: { 'x-test': 'alice' },
      options: { scopes: ['staff'] },
      status: 403,
      code: 'insufficient_scope',
      challenges: CHALLENGES,
    },
  ],
  [
    'a missing scope by a path rule',
    {
      path: '/admin',
      headers: { 'x-test': 'alice' },
      status: 403,
      code: 'insufficient_scope',
      challenges: CHALLENGES,
      isBehindProxy: true,
    },
  ],
  [
    'an impersonator',
    {
      headers: { 'x-test': 'actor' },
      options: { notImpersonating: true },
      status: 403,
      code: 'impersonating',
    },
  ],
  ['an ambiguous path', { path: '/admin%2f', status: 400, code: 'bad_request', isBehindProxy: true }],
  [
    'too many attempts',
    { headers: { 'x-test': 'throttled' }, status: 429, code: 'throttled', challenges: CHALLENGES },
  ],
  [
    'a broken backend',
    { headers: { 'x-test': 'broken' }, status: 503, code: 'backend_failed', isBehindProxy: true },
  ],
]

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => vi.restoreAllMocks())

const requestOf = ({ path = '/app', headers = {}, method = 'GET' }: Partial<Row>): Request =>
  new Request(ORIGIN + path, { method, headers })

describe.each(Object.entries(ADAPTERS))('`deniedResponse` shapes what is denied: %s', (name, guarded) => {
  const rows = name === 'next, in the proxy' ? ROWS.filter(([, row]) => !row.isBehindProxy) : ROWS

  test.each(rows)('%s', async (_, row) => {
    const { status, code, challenges = [], options = {} } = row
    const seen: Denial[] = []
    for (const isLate of [false, true]) {
      const auth = authThat((denial) => {
        seen.push(denial)
        const headers = { 'content-type': 'application/problem+json' }
        const own = new Response(JSON.stringify({ title: denial.code }), { status: denial.status, headers })
        return isLate ? Promise.resolve(own) : own
      })
      const response = await guarded(auth, requestOf(row), options)
      expect([response.status, await response.json()]).toEqual([status, { title: code }])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      // What the client needs is there, although the app did not think of it.
      expect(response.headers.get('www-authenticate')).toBe(challenges[0] ?? null)
      expect(response.headers.get('retry-after')).toBe(status === 429 ? '7' : null)
      expect(response.headers.get('cache-control')).toMatch(/no-store/)
    }
    expect(seen).toHaveLength(2)
    for (const denial of seen) {
      expect(denial).toMatchObject({ status, code, challenges })
      expect(denial.request.headers.get('x-test')).toBe(row.headers?.['x-test'] ?? null)
      expect([denial.response.status, await denial.response.json()]).toEqual([status, { ok: false, code }])
    }
  })

  test('without it, each is JSON, and a page for those who name HTML', async () => {
    for (const [, row] of rows) {
      const json = await guarded(authThat(), requestOf(row), row.options ?? {})
      expect([json.status, await json.json()]).toEqual([row.status, { ok: false, code: row.code }])
      const headers = { ...row.headers, accept: 'text/html' }
      const page = await guarded(authThat(), requestOf({ ...row, headers }), row.options ?? {})
      expect([page.status, await page.text()]).toEqual([
        row.status,
        expect.stringMatching(/^<!doctype html>/),
      ])
    }
  })

  const used = new Response('used')
  const broken: readonly [sentence: string, respond: () => unknown][] = [
    ['throws', () => throwing(new TypeError('broken'))],
    ['throws a response', () => throwing(new Response('x'))],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
    ['returns nothing', () => undefined],
    ['returns nothing later', async () => undefined],
    ['returns null', () => null],
    ['returns true', () => true],
    ['returns text', () => 'denied'],
    ['returns an object', () => ({ status: 200 })],
    ['returns a response that was read', () => used],
    ['returns a network error', () => Response.error()],
  ]
  test.each(broken)('the default response is sent if it %s', async (_, respond) => {
    if (!used.bodyUsed) await used.text()
    for (const [, row] of rows) {
      const response = await guarded(authThat(respond as never), requestOf(row), row.options ?? {})
      expect([response.status, await response.json()]).toEqual([row.status, { ok: false, code: row.code }])
    }
    expect(vi.mocked(console.error).mock.calls.flat().join(' ')).toContain('`deniedResponse` failed')
  })
})

function throwing(error: unknown): never {
  throw error
}

test('one response for all carries no cookie of one visitor to the next', async () => {
  const denied = new Response(null, { status: 403 })
  const protect = protectPaths({ include: ['/admin'], scopes: ['staff'] })
  const app = testApp({ protect, deniedResponse: () => denied, touchSeconds: 0 })
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  app.clock.advance(60)
  const hers = await browser.get('/admin')
  expect([hers.status, hers.headers.getSetCookie().length]).toEqual([403, 1])
  const anonymous = await app.browser().get('/admin')
  expect([anonymous.status, anonymous.headers.getSetCookie()]).toEqual([403, []])
  expect([...denied.headers]).toEqual([])
})

test('with a status of its own, it is the app’s answer, and is never cached', async () => {
  const auth = authThat(() => new Response('no such page', { status: 404 }))
  const response = await ADAPTERS.fetch?.(auth, requestOf({}), {})
  expect([response?.status, await response?.text()]).toEqual([404, 'no such page'])
  expect(response?.headers.get('www-authenticate')).toBe(null)
  expect(response?.headers.get('cache-control')).toMatch(/no-store/)
})

test('htmx and Inertia find the login page in whatever shape', async () => {
  const auth = authThat(({ status }) => new Response('own', { status }))
  const ask = (name: string) => ADAPTERS.fetch?.(auth, requestOf({ headers: { [name]: 'true' } }), OPTIONS)
  const OPTIONS = { redirectTo: '/login' }
  const htmx = await ask('hx-request')
  expect([htmx?.status, htmx?.headers.get('hx-redirect')]).toEqual([401, '/login?next=%2Fapp'])
  const inertia = await ask('x-inertia')
  expect([inertia?.status, inertia?.headers.get('x-inertia-location')]).toEqual([409, '/login?next=%2Fapp'])
})

test('a handler denies in the same shape, and what a handler throws is answered in it', async () => {
  const auth = authThat(({ status, code }) => Response.json({ code }, { status }))
  const ask = (handle: Parameters<typeof handleRequest>[2]) =>
    handleRequest(auth, new Request(ORIGIN), handle as never, { onError: () => undefined })
  const own = await ask((current) => current.deny(404, 'not_found', { 'x-own': '1' }))
  expect([own.status, await own.json(), own.headers.get('x-own')]).toEqual([404, { code: 'not_found' }, '1'])
  const thrown = await ask(() => throwing(new TypeError('broken')))
  expect([thrown.status, await thrown.json()]).toEqual([500, { code: 'internal_error' }])
  const browser = new TestBrowser((request) => handleRequest(auth, request, () => new Response()), ORIGIN)
  expect((await browser.post('/', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})
