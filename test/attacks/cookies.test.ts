import fc from 'fast-check'
import { createAuth } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { cookieValues } from '../../src/http/cookie-values.ts'
import { ORIGIN, opened, plain, SECRET, SESSION_MODES, setCookiesOf, testApp, Users } from '../app.ts'

const users = new Users()

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
    ['on localhost over http', 'http://localhost:3000', {}, 'session-f400', 'Path=/; HttpOnly; SameSite=Lax'],
    ['on 127.0.0.1 over http', 'http://127.0.0.1:8080', {}, 'session-f400', 'Path=/; HttpOnly; SameSite=Lax'],
    ['on ::1 over http', 'http://[::1]:8080', {}, 'session-f400', 'Path=/; HttpOnly; SameSite=Lax'],
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
