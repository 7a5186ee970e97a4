import { basicAuthenticator, sessionAuthenticator } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, SESSION_MODES, testApp } from '../app.ts'

describe.each(Object.entries(SESSION_MODES))('ids keep their type: %s', (_, options) => {
  test('42 and "42" are two users', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.login(browser, 'answer', 'question')
    expect(await app.whoIs(browser)).toBe(42)
    await app.login(browser, 'text', 'question')
    expect(await app.whoIs(browser)).toBe('42')
  })

  test('logging in again as 42 wipes nothing; logging in as "42" wipes all', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.login(browser, 'answer', 'question')
    await app.during(browser, ({ session }) => session.set('a', 1))
    await app.login(browser, 'answer', 'question')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ a: 1 })
    await app.login(browser, 'text', 'question')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })

  test('a provider that finds loosely lets nobody in as somebody else', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.login(browser, 'text', 'question')
    app.users.byId.set('42', { id: 42, hashedPassword: 'plain:question' })
    expect(await app.during(browser, (auth) => auth.authenticate())).toMatchObject({ reason: 'user_missing' })
  })
})

describe('keys that are the library’s own', () => {
  const own = [
    '_auth_user_id',
    '_auth_user_hash',
    '_auth_time',
    '_auth_method',
    '_auth_future',
    '_impersonated_user_id',
  ]

  test.each(own)('%s cannot be written by the app', async (key) => {
    const app = testApp()
    await app.during(app.browser(), ({ session }) => {
      expect(() => session.set(key, 'root')).toThrowError(
        expect.objectContaining({ code: 'session_key_refused' }),
      )
    })
  })

  test.each(own)('%s cannot be read by the app', async (key) => {
    const app = testApp()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.during(browser, ({ session }) => session.get(key))).toBeUndefined()
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })
})

test('whoever confirms a password of his own makes nobody else’s session fresh', async () => {
  const clock = testClock()
  const authenticators = [basicAuthenticator<never>(), sessionAuthenticator<never>()]
  const app = testApp({ now: clock.now, freshSeconds: 60, authenticators })
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  clock.advance(100)
  const [[name, value] = []] = browser.cookies
  const request = new Request(ORIGIN, {
    method: 'POST',
    headers: { cookie: `${name}=${value}`, authorization: `Basic ${btoa('bob:builder')}` },
  })
  const visit = opened(app.auth, request)
  const both = visit.auth
  expect((await both.authenticate()).userId).toBe('bob')
  expect(await both.reauthenticate('builder')).toEqual({ ok: true })
  expect(both.isFresh).toBe(true)
  expect((await visit.close({ failed: false })).cookies).toEqual([])
  await app.during(browser, async (auth) => {
    expect((await auth.authenticate()).userId).toBe('alice')
    expect(auth.isFresh).toBe(false)
  })
})
