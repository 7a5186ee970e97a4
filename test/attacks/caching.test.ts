import { withSession } from 'latchkey/adapter'
import { describe, expect, test } from 'vitest'

const OURS = '__Host-session=x; Path=/; HttpOnly; Secure; SameSite=Lax'

describe('responses and caches', () => {
  test('a response without a session is left alone', () => {
    const response = Response.redirect('https://app.test/', 303)
    expect(withSession(response, { used: false, cookies: [] })).toBe(response)
  })

  test.each([
    ['nothing', null, 'Cookie'],
    ['another header', 'Accept', 'Accept, Cookie'],
    ['the cookie already', 'accept, cookie', 'accept, cookie'],
    ['a header that ends alike', 'X-Cookie', 'X-Cookie, Cookie'],
    ['everything', '*', '*'],
  ])('one made from a session varies with the cookie: %s', (_, vary, expected) => {
    const headers = vary === null ? {} : { vary }
    expect(withSession(new Response('', { headers }), { used: true, cookies: [] }).headers.get('vary')).toBe(
      expected,
    )
  })

  test.each([
    [null, 'private'],
    ['public, max-age=3600', 'private, max-age=3600'],
    ['s-maxage=10, max-age=5', 'private, max-age=5'],
    ['no-store', 'private, no-store'],
    ['PUBLIC', 'private'],
    ['private, max-age=1', 'private, max-age=1'],
    ['private="x-foo", public', 'private'],
    ['max-age=3600, immutable', 'private, max-age=3600, immutable'],
  ])('one that carries our cookie is kept by no shared cache: %s', (given, expected) => {
    const headers = given === null ? {} : { 'cache-control': given }
    const response = withSession(new Response('', { headers }), { used: true, cookies: [OURS] })
    expect(response.headers.get('cache-control')).toBe(expected)
    expect(response.headers.getSetCookie()).toEqual([OURS])
  })

  test('one that carries no cookie keeps the handler’s Cache-Control', () => {
    const response = withSession(new Response('', { headers: { 'cache-control': 'public' } }), {
      used: true,
      cookies: [],
    })
    expect(response.headers.get('cache-control')).toBe('public')
  })

  test('one with immutable headers is made anew, with all that it had', async () => {
    const redirect = withSession(Response.redirect('https://app.test/x', 303), {
      used: true,
      cookies: [OURS],
    })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([303, 'https://app.test/x'])
    expect(redirect.headers.getSetCookie()).toEqual([OURS])
  })

  test('the handler’s own cookies stay apart, commas and all', () => {
    const response = new Response('')
    response.headers.append('set-cookie', 'a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT')
    response.headers.append('set-cookie', 'b=2')
    expect(withSession(response, { used: true, cookies: [OURS] }).headers.getSetCookie()).toEqual([
      'a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT',
      'b=2',
      OURS,
    ])
  })
})
