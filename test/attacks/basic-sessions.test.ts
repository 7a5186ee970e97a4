import {
  basicAuthenticator,
  handleRequest,
  memoryRecords,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import { ORIGIN, type TestUser, testApp } from '../app.ts'
import { ALICE, basic, start, verdict, type Work } from './by-basic.ts'

describe('no session comes of it', () => {
  test('no cookie, and the answer is nobody else’s', async () => {
    const { by } = start()
    const answer = await by(ALICE)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private')
  })

  test('what the handler calls public is private all the same', async () => {
    const { ask } = start()
    const headers = { 'cache-control': 'public, s-maxage=60, max-age=3600' }
    const answer = await ask({ authorization: ALICE }, { work: () => new Response('page', { headers }) })
    expect(answer.headers.get('cache-control')).toBe('private, max-age=3600')
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
    const app = testApp({
      sessions: storedSessions(store),
      now: Date.now,
      authenticators: [basicAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()],
    })
    const browser = app.browser()
    await app.login(browser, 'bob', 'builder')
    calls.length = 0
    const headers = { authorization: ALICE, cookie: browser.cookieHeader }
    const answer = await handleRequest(app.auth, new Request(ORIGIN, { headers }), async (current) =>
      Response.json({ user: (await current.authenticate()).userId }),
    )
    expect(await verdict(answer)).toBe('alice')
    expect([answer.headers.getSetCookie(), calls]).toEqual([[], []])
    expect(await app.whoIs(browser)).toBe('bob')
  })

  test('who has proven himself by Basic is fresh, in this request', async () => {
    const { ask, clock } = start()
    const work: Work = ({ isFresh, token }) => [isFresh, token.state, token.method, token.authTime]
    const answer = await ask({ authorization: ALICE }, { work })
    expect(await answer.json()).toMatchObject({ answer: [true, 'fresh', 'basic', clock.now()] })
  })

  test('proving it again makes no session either', async () => {
    const { ask } = start()
    const answer = await ask({ authorization: ALICE }, { work: (auth) => auth.reauthenticate('wonderland') })
    expect(await answer.json()).toMatchObject({ answer: { ok: true } })
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a session is no way around a bad password', () => {
  test.each([
    ['a wrong one', basic('alice', 'wrong')],
    ['one of somebody else', basic('ghost', 'builder')],
    ['the user’s own, and wrong', basic('bob', 'wrong')],
    ['none at all', 'Basic'],
    ['what is no base64', 'Basic !!!!'],
  ])('%s', async (_, authorization) => {
    const app = testApp({
      authenticators: [basicAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()],
    })
    const browser = app.browser()
    await app.login(browser, 'bob', 'builder')
    expect(await app.whoIs(browser)).toBe('bob')
    const headers = { authorization, cookie: browser.cookieHeader }
    const answer = await handleRequest(app.auth, new Request(ORIGIN, { headers }), async (current) => {
      return (await current.requireUser()) ?? new Response(String(current.token.userId))
    })
    expect(answer.status).toBe(401)
    expect(await app.whoIs(browser)).toBe('bob')
  })
})

test('a browser that knows the password is not made to send it by another site', async () => {
  const { ask, asked } = start()
  const headers = { authorization: ALICE, 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
  const answer = await ask(headers, { method: 'POST' })
  expect([answer.status, await verdict(answer)]).toEqual([403, 'cross_origin_refused'])
  expect(asked).toEqual([])
})
