import { describe, expect, test } from 'vitest'
import { serializeCookie } from '../../../src/http/cookie.ts'
import { type CookieOptions, SessionCookie } from '../../../src/http/session-cookie.ts'

describe('a cookie for a domain and the origin of the app', () => {
  test.each([
    ['the host itself', 'app.example', 'https://app.example'],
    ['a host below it', 'app.example', 'https://www.app.example'],
    ['a host two levels below it', 'app.example', 'https://a.b.app.example:8443'],
    ['no origin', 'app.example', undefined],
  ])('is built where the domain covers it: %s', (_, domain, origin) =>
    expect(new SessionCookie({ domain }, origin)).toBeDefined(),
  )

  test.each([
    ['another site', 'app.example', 'https://evil.example'],
    ['a host that only begins with it', 'app.example', 'https://app.example.evil'],
    ['a host below it, of another site', 'app.example', 'https://www.app.example.evil'],
    ['a host that only ends with its letters', 'app.example', 'https://myapp.example'],
    ['a host above it', 'www.app.example', 'https://app.example'],
    ['a host beside it', 'www.app.example', 'https://api.app.example'],
  ])('is refused where it does not: %s', (_, domain, origin) =>
    expect(() => new SessionCookie({ domain }, origin)).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringMatching(new RegExp(`\`cookie.domain\`.*${origin}`)),
      }),
    ),
  )
})

describe('refused when built', () => {
  test.each<[sentence: string, options: object, says: RegExp]>([
    ['a name of 65 characters', { name: 'x'.repeat(65) }, /`cookie.name`/],
    ['a name with a semicolon', { name: 'a;b' }, /`cookie.name`/],
    ['a name beyond ASCII', { name: 'größe' }, /`cookie.name`/],
    ['a domain of one word', { domain: 'localhost' }, /`cookie.domain`/],
    ['a domain that ends with a dot', { domain: 'app.example.' }, /`cookie.domain`/],
    ['a domain with a blank', { domain: 'app .example' }, /`cookie.domain`/],
    ['a domain with a port', { domain: 'app.example:80' }, /`cookie.domain`/],
    ['a path with a blank', { path: '/a b' }, /`cookie.path`/],
    ['a path with a comma', { path: '/a,b' }, /`cookie.path`/],
    ['a path with a line feed', { path: '/a\nb' }, /`cookie.path`/],
    ['a path beyond ASCII', { path: '/größe' }, /`cookie.path`/],
    ['half a second', { maxAgeSeconds: 0.5 }, /`cookie.maxAgeSeconds`/],
    ['a negative age', { maxAgeSeconds: -1 }, /`cookie.maxAgeSeconds`/],
    ['`__host-` in small letters, with a path', { name: '__host-x', path: '/a' }, /`__Host-`/],
  ])('%s', (_, options, says) =>
    expect(() => new SessionCookie(options as CookieOptions, undefined)).toThrowError(says),
  )

  test('the longest name and the longest age are accepted', () => {
    const cookie = new SessionCookie({ name: 'x'.repeat(64), maxAgeSeconds: 34_560_000 }, undefined)
    expect(cookie.baseName).toHaveLength(64)
  })
})

describe('the form of a cookie', () => {
  const formOf = (options: CookieOptions, origin: string | undefined, url = 'https://app.test/') =>
    new SessionCookie(options, origin).formFor(new Request(url))

  test.each<[sentence: string, options: CookieOptions, seconds: number, maxAge: string | undefined]>([
    ['has no age by default', {}, 600, undefined],
    ['has the configured age', { maxAgeSeconds: 60 }, 600, '60'],
    ['has at most the age that the session has left', { maxAgeSeconds: 600 }, 60, '60'],
    ['has an age of whole seconds', { maxAgeSeconds: 600 }, 59.9, '59'],
  ])('%s', (_, options, seconds, maxAge) => {
    const form = formOf(options, undefined)
    expect(/; Max-Age=(\d+)$/.exec(serializeCookie(form.set('x', seconds)))?.[1]).toBe(maxAge)
    expect(form.isPersistent).toBe(maxAge !== undefined)
  })

  test('is removed with the attributes that it was set with, or a browser would keep it', () => {
    const form = formOf({ path: '/app', sameSite: 'none', partitioned: true }, undefined)
    const attributes = '; Path=/app; HttpOnly; Secure; SameSite=None; Partitioned'
    expect(serializeCookie(form.set('value', 60))).toBe(`__Secure-session=value${attributes}`)
    expect(serializeCookie(form.expire())).toBe(
      `__Secure-session=${attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
    )
  })

  test.each<
    [sentence: string, options: CookieOptions, origin: string | undefined, url: string, name: string]
  >([
    ['the origin decides, where there is one', {}, 'https://app.test', 'http://localhost/', '__Host-session'],
    ['an origin on loopback', {}, 'http://localhost:3000', 'https://app.test/', 'session'],
    ['the request decides, where there is none', {}, undefined, 'http://localhost/', 'session'],
    ['a prefix in any case is our own', { name: '__HOST-x' }, undefined, 'http://localhost/', '__Host-x'],
    ['`__Secure-` stays that', { name: '__secure-x' }, undefined, 'http://localhost/', '__Secure-x'],
    ['partitioned is Secure', { partitioned: true }, undefined, 'http://localhost/', '__Host-session'],
    ['insecure is bare', { insecure: true }, 'https://app.test', 'https://app.test/', 'session'],
  ])('%s', (_, options, origin, url, name) => expect(formOf(options, origin, url).name).toBe(name))
})
