import { Hono } from 'hono'
import { cors } from 'hono/cors'
import {
  apiKeyAuthenticator,
  bearerAuthenticator,
  createAuth,
  memoryRecords,
  protectPaths,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { latchkey, requireUser } from 'latchkey/hono'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

const SPA = 'https://spa.test'
const BEARER = { authorization: 'Bearer abc' }

/** `cors()` in front of latchkey, as docs/hono.md has it, over an engine that can break. */
function start() {
  let isBroken = false
  const users = new Users()
  const memory = memoryRecords()
  const records = new Proxy(memory, {
    get(target, name: keyof typeof memory) {
      if (isBroken) throw new Error('broken')
      const member = target[name]
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: {
      ...users.provider,
      findByToken(token) {
        if (isBroken) throw new Error('broken')
        return token === 'abc' ? users.named('alice') : null
      },
    },
    passwords: plain,
    sessions: storedSessions(records),
    authenticators: [sessionAuthenticator(), bearerAuthenticator(), apiKeyAuthenticator()],
    protect: protectPaths({ include: ['/area'] }),
  })
  const reached: string[] = []
  const app = new Hono()
    .use(cors({ origin: SPA, allowHeaders: ['Authorization'] }))
    .use(latchkey(auth, { onError: () => undefined }))
    .all('/area', (c) => c.text(String(reached.push(c.req.method))))
    .all('/me', requireUser({ redirectTo: '/login' }), (c) => c.text(String(reached.push(c.req.method))))
    .post('/write', (c) => {
      c.var.auth.session.set('a', 1)
      return c.text('written')
    })
    .onError((error, c) => c.text(error.message, 500))
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    app.request(ORIGIN + path, {
      method,
      headers: { origin: SPA, 'sec-fetch-site': 'cross-site', ...headers },
    })
  const breakEngine = (): void => {
    isBroken = true
  }
  return { ask, reached, breakEngine }
}

describe('behind `cors()`', () => {
  test.each(['/area', '/me'])('a preflight for %s is answered by it', async (path) => {
    const { ask, reached } = start()
    const answer = await ask(path, { 'access-control-request-method': 'POST' }, 'OPTIONS')
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, SPA])
    expect(answer.headers.get('access-control-allow-headers')).toBe('Authorization')
    expect(reached).toEqual([])
  })

  test.each<
    [sentence: string, path: string, headers: Record<string, string>, method: string, status: number]
  >([
    ['a user by a token', '/me', BEARER, 'POST', 200],
    ['a user by a token, by a path rule', '/area', BEARER, 'DELETE', 200],
    ['a bad token', '/me', { authorization: 'Bearer unknown' }, 'POST', 401],
    ['a bad token, by a path rule', '/area', { authorization: 'Bearer unknown' }, 'POST', 401],
    ['nobody', '/me', {}, 'GET', 401],
    ['a cookie beside the token', '/me', { ...BEARER, cookie: '__Host-session=1.x' }, 'POST', 403],
    ['nothing, to change something', '/me', {}, 'POST', 403],
    ['an ambiguous path', '/area%2f', {}, 'GET', 400],
  ])('the page can read the answer: %s', async (_, path, headers, method, status) => {
    const answer = await start().ask(path, headers, method)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, SPA])
  })

  test.each([
    ['a handler', '/me', 'GET'],
    ['a path rule', '/area', 'GET'],
    ['a session that cannot be saved', '/write', 'POST'],
  ])('and so can it when an engine is broken: %s', async (_, path, method) => {
    const { ask, breakEngine } = start()
    breakEngine()
    const answer = await ask(path, { ...BEARER, 'sec-fetch-site': 'same-origin' }, method)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([503, SPA])
  })
})
