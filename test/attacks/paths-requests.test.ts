import { createAuth, handleRequest, protectPaths } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'
import { type Ask, judged, RULES, start } from './by-path.ts'

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
