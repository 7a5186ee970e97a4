import {
  apiKeyAuthenticator,
  bearerAuthenticator,
  memoryRecords,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { GOOD, start, TOKEN, verdict, type Work } from './by-token.ts'

describe('no session comes of a token', () => {
  test('no cookie, and the answer is nobody else’s', async () => {
    const headers = { 'cache-control': 'public, max-age=60' }
    const answer = await start().ask(GOOD, { work: () => new Response('page', { headers }) })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
  })

  test('the same for an API key', async () => {
    const { ask } = start({ authenticators: [apiKeyAuthenticator({ query: 'key' })] })
    const headers = { 'cache-control': 'public' }
    const answer = await ask({}, { path: `/?key=${TOKEN}`, work: () => new Response('page', { headers }) })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private'])
  })

  test('a session beside it is not read, not written and not ended', async () => {
    const calls: PropertyKey[] = []
    const store = new Proxy(memoryRecords(), {
      get(target, name) {
        calls.push(name)
        const method: unknown = Reflect.get(target, name)
        return typeof method === 'function' ? method.bind(target) : method
      },
    })
    const authenticators = [bearerAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()]
    const { ask, login } = start({ authenticators, sessions: storedSessions(store), now: Date.now })
    const { cookieHeader: cookie } = await login('bob')
    calls.length = 0
    const answer = await ask({ ...GOOD, cookie })
    expect(await verdict(answer)).toBe('alice')
    expect([answer.headers.getSetCookie(), calls]).toEqual([[], []])
    expect(await verdict(await ask({ cookie }))).toBe('bob')
  })

  test('who came by a token is never fresh: it does not say when he was there', async () => {
    const work: Work = ({ isFresh, token }) => [isFresh, token.method, token.authTime, token.expiresAt]
    const { ask } = start({ freshSeconds: 315_360_000 })
    expect(await (await ask(GOOD, { work })).json()).toEqual([false, 'bearer', 0, null])
  })

  test('nor does the session beside it become so by a password of his', async () => {
    const { ask, login, clock } = start({
      authenticators: [bearerAuthenticator(), sessionAuthenticator()],
      freshSeconds: 60,
    })
    const browser = await login('bob')
    clock.advance(100)
    const { cookieHeader: cookie } = browser
    const answer = await ask({ ...GOOD, cookie }, { work: (auth) => auth.reauthenticate('wonderland') })
    expect(await answer.json()).toEqual({ ok: true })
    expect(answer.headers.getSetCookie()).toEqual([])
    const fresh = await ask({ cookie }, { work: ({ isFresh, token }) => [token.userId, isFresh] })
    expect(await fresh.json()).toEqual(['bob', false])
  })
})
