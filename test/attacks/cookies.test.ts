import fc from 'fast-check'
import { createAuth } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { cookieValues } from '../../src/http/cookie-values.ts'
import { ORIGIN, opened, plain, SECRET, SESSION_MODES, setCookiesOf, testApp, Users } from '../app.ts'

const users = new Users()
const OTHER_SECRET = 'another-secret-of-more-than-32-bytes-0002'

async function setCookieOf(url: string, options: object = {}): Promise<string> {
  const auth = createAuth({
    secret: SECRET,
    users: users.provider,
    passwords: plain,
    now: () => 0,
    ...options,
  })
  const visit = opened(auth, new Request(url, { method: 'POST' }))
  visit.auth.session.set('a', 1)
  return setCookiesOf(await visit.close({ failed: false })).join()
}

const SHAPES: readonly [sentence: string, url: string, options: object, name: string, attributes: string][] =
  [
    ['by default', ORIGIN, {}, '__Host-session', 'Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['on localhost over http', 'http://localhost:3000', {}, 'session-88eb', 'Path=/; HttpOnly; SameSite=Lax'],
    ['on 127.0.0.1 over http', 'http://127.0.0.1:8080', {}, 'session-88eb', 'Path=/; HttpOnly; SameSite=Lax'],
    ['on ::1 over http', 'http://[::1]:8080', {}, 'session-88eb', 'Path=/; HttpOnly; SameSite=Lax'],
    [
      'on localhost over https',
      'https://localhost',
      {},
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'on another host over http, as behind a proxy',
      'http://app.test',
      {},
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'on a host that begins like a loopback',
      'http://127.0.0.1.evil.test',
      {},
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'on a host that begins like localhost',
      'http://localhost.evil.test',
      {},
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'behind a proxy on localhost, told the origin',
      'http://localhost:3000',
      { origin: ORIGIN },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with secure on localhost',
      'http://localhost',
      { cookie: { secure: true } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with insecure',
      'http://192.168.1.5',
      { cookie: { insecure: true } },
      'session',
      'Path=/; HttpOnly; SameSite=Lax',
    ],
    [
      'with a name',
      ORIGIN,
      { cookie: { name: 'sid' } },
      '__Host-sid',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with a name and prefix',
      ORIGIN,
      { cookie: { name: '__Secure-sid' } },
      '__Secure-sid',
      'Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with a path',
      ORIGIN,
      { cookie: { path: '/app' } },
      '__Secure-session',
      'Path=/app; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with a domain',
      'https://www.app.test',
      { cookie: { domain: 'app.test' } },
      '__Secure-session',
      'Path=/; Domain=app.test; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'with SameSite strict',
      ORIGIN,
      { cookie: { sameSite: 'strict' } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Strict',
    ],
    [
      'with SameSite none on localhost',
      'http://localhost',
      { cookie: { sameSite: 'none' } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=None',
    ],
    [
      'partitioned',
      ORIGIN,
      { cookie: { partitioned: true } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax; Partitioned',
    ],
    [
      'kept by the browser',
      ORIGIN,
      { cookie: { maxAgeSeconds: 60 } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60',
    ],
    [
      'kept longer than the session lives',
      ORIGIN,
      { idleSeconds: 50, cookie: { maxAgeSeconds: 600 } },
      '__Host-session',
      'Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=50',
    ],
  ]

describe('our Set-Cookie', () => {
  test.each(SHAPES)('%s', async (_, url, options, name, attributes) => {
    const [pair = '', ...rest] = (await setCookieOf(url, options)).split('; ')
    expect(pair.replace(/=.*/, '')).toBe(name)
    expect(rest.join('; ')).toBe(attributes)
  })
})

/** What is written to the console meanwhile. */
async function warnings(work: () => Promise<void>): Promise<unknown[][]> {
  const { warn } = console
  const written: unknown[][] = []
  console.warn = (...line: unknown[]) => written.push(line)
  try {
    await work()
  } finally {
    console.warn = warn
  }
  return written
}

describe('a loopback address', () => {
  const nameAt = async (
    url: string,
    headers: Record<string, string>,
    options: object = {},
  ): Promise<string> => {
    const app = testApp({ origin: undefined, ...options })
    const request = new Request(url, { headers })
    const visit = opened(app.auth, request)
    visit.auth.session.set('a', 1)
    const [cookie = ''] = setCookiesOf(await visit.close({ failed: false }))
    return `${cookie.replace(/=.*/, '')}${cookie.includes('; Secure') ? ', Secure' : ''}`
  }
  const FORWARDED: readonly [sentence: string, headers: Record<string, string>][] = [
    ['X-Forwarded-For', { 'x-forwarded-for': '203.0.113.9' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'app.example' }],
    ['X-Forwarded-Port', { 'x-forwarded-port': '443' }],
    ['Forwarded', { forwarded: 'for=203.0.113.9;proto=https' }],
    ['Forwarded beside a host of ours', { forwarded: 'proto=https', 'x-forwarded-host': 'localhost:3000' }],
    ['our host, over TLS', { 'x-forwarded-host': 'localhost:3000', 'x-forwarded-proto': 'https' }],
    ['an empty header', { 'x-forwarded-for': '' }],
  ]
  test.each(FORWARDED)(
    'that a proxy forwards to gets the Secure form, and a warning: %s',
    async (_, headers) => {
      const warned = await warnings(async () => {
        expect(await nameAt('http://localhost:3000/', headers)).toBe('__Host-session, Secure')
      })
      expect(warned).toEqual([[expect.stringContaining('Set `origin`')]])
    },
  )

  test('is warned of once', async () => {
    const app = testApp({ origin: undefined })
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' } }
    const warned = await warnings(async () => {
      for (let i = 0; i < 3; i++) opened(app.auth, new Request('http://localhost/', forwarded))
    })
    expect(warned).toHaveLength(1)
  })

  test.each([
    ['itself', {}],
    [
      'a development server that names itself, as Next’s does',
      { 'x-forwarded-host': 'localhost:3000', 'x-forwarded-proto': 'http', 'x-forwarded-for': '::1' },
    ],
  ] as [string, Record<string, string>][])('that is asked by %s has the bare form', async (_, headers) => {
    expect(await nameAt('http://localhost:3000/', headers)).toBe('session-88eb')
  })

  test('has another name for each secret and namespace, unless the app names its cookie', async () => {
    const at = (options: object) => nameAt('http://localhost/', {}, options)
    const names = await Promise.all(
      [{}, { secret: OTHER_SECRET }, { namespace: 'a' }, { namespace: 'b' }].map(at),
    )
    expect(new Set(names).size).toBe(4)
    expect(await at({ cookie: { name: 'session' } })).toBe('session')
    expect(await at({ origin: 'http://localhost' })).toBe('session')
    // While a new secret is being deployed, the name stays.
    expect(await at({ secret: [OTHER_SECRET, SECRET] })).toBe(names[0])
  })
})

test.each([
  ['a host', 'http://app.example'],
  ['an address in a LAN', 'http://192.168.1.5:8080'],
  ['a host that begins like loopback', 'http://localhost.example'],
])('an origin without TLS is refused by its name, and taken with `insecure`: %s', (_, origin) => {
  expect(() => testApp({ origin })).toThrow(/cookie\.insecure/)
  expect(() => testApp({ origin, cookie: { insecure: true } })).not.toThrow()
})

describe.each(Object.entries(SESSION_MODES))('several cookies with one name: %s', (_, options) => {
  const app = testApp({ now: Date.now, ...options() })

  test.each<[sentence: string, header: (good: string, other: string) => string]>([
    ['rubbish before', (good) => `__Host-session=rubbish; ${good}`],
    ['rubbish behind', (good) => `${good}; __Host-session=rubbish`],
    ['an empty one before', (good) => `__Host-session=; ${good}`],
    ['a name that ends alike before', (good, other) => `x${other}; ${good}`],
    ['no blank between', (good) => `a=b;${good};c=d`],
  ])('%s hides nothing', async (_, header) => {
    const [browser, other] = [app.browser(), app.browser()]
    await app.login(browser, 'alice', 'wonderland')
    await app.login(other, 'bob', 'builder')
    const cookie = header(browser.cookieHeader, other.cookieHeader)
    const request = new Request(ORIGIN, { headers: { cookie } })
    expect((await opened(app.auth, request).auth.authenticate()).userId).toBe('alice')
  })

  test('a logout ends every one of them', async () => {
    const [one, two] = [app.browser(), app.browser()]
    await app.login(one, 'alice', 'wonderland')
    await app.login(two, 'bob', 'builder')
    const request = new Request(ORIGIN, { headers: { cookie: `${one.cookieHeader}; ${two.cookieHeader}` } })
    await opened(app.auth, request).auth.logout()
    if (_ === 'sealed') return
    expect(await app.whoIs(one)).toBeNull()
    expect(await app.whoIs(two)).toBeNull()
  })
})

describe('reading a Cookie header', () => {
  test('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        expect(Array.isArray(cookieValues(header, 'session'))).toBe(true)
      }),
    )
  })

  test('finds the value between any others', () => {
    const text = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,8}$/)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text)),
        text,
        fc.array(fc.tuple(text, text)),
        (before, value, after) => {
          const others = (list: [string, string][]) => list.filter(([name]) => name !== 'session')
          const pairs = [...others(before), ['session', value], ...others(after)]
          expect(cookieValues(pairs.map((pair) => pair.join('=')).join('; '), 'session')).toEqual([value])
        },
      ),
    )
  })

  test('does not cut a value at its equals signs', () => {
    expect(cookieValues('session=YWJj==; a=b', 'session')).toEqual(['YWJj=='])
  })

  test('looks at eight values at most', () => {
    expect(cookieValues('session=x; '.repeat(1000), 'session')).toHaveLength(8)
  })
})
