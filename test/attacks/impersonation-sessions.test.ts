import { describe, expect, test } from 'vitest'
import { SESSION_MODES, sessionCookies } from '../app.ts'
import { type Auth, type Options, start, told } from './impersonating.ts'

describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
  const begin = (options: Options = {}) => start({ options, sessions })

  test('acting, and back', async () => {
    const { loggedIn, act, exit, who, events, during } = begin()
    const browser = await loggedIn('root')
    await act(browser, 'alice')
    expect(await who(browser)).toEqual(['alice', 'root'])
    await during(browser, async (auth) => {
      const token = await auth.authenticate()
      expect([token.state, token.scopes, token.method]).toEqual(['impersonator', ['read'], 'password'])
      expect(token.originalToken).toMatchObject({ userId: 'root', state: 'fresh' })
    })
    expect(await exit(browser)).toMatchObject({ userId: 'root', state: 'fresh', originalToken: null })
    expect(await who(browser)).toEqual(['root'])
    expect(told(events)).toEqual([
      ['impersonation_started', 'alice', 'root'],
      ['impersonation_ended', 'alice', 'root', 'exit'],
    ])
  })

  test('an integer stays one', async () => {
    const { acting, who } = begin()
    expect(await who(await acting(42))).toEqual([42, 'root'])
  })

  test('the cookie is another one at the beginning and at the end', async () => {
    const { loggedIn, act, exit } = begin()
    const browser = await loggedIn('root')
    const seen = [browser.cookieHeader]
    await act(browser, 'alice')
    seen.push(browser.cookieHeader)
    await exit(browser)
    seen.push(browser.cookieHeader)
    expect(new Set(seen).size).toBe(3)
  })

  test('the keys of it are the library’s own: neither read, nor written, nor removed', async () => {
    const { acting, during, who } = begin()
    const browser = await acting()
    await during(browser, async ({ session }) => {
      expect(await session.all()).toEqual({})
      for (const key of [
        '_impersonated_user_id',
        '_impersonator_user_id',
        '_impersonation_ends_at',
        '_impersonated_',
      ]) {
        expect(await session.get(key)).toBeUndefined()
        for (const value of ['bob', 'root', 9e15, undefined])
          expect(() => session.set(key, value)).toThrowError(
            expect.objectContaining({ code: 'session_key_refused' }),
          )
      }
    })
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test.each([
    ['as the one acted as', 'alice', 'wonderland'],
    ['as who was really there', 'root', 'pw'],
    ['as a third', 'bob', 'builder'],
  ])('a login %s ends it first, and sees nothing of it', async (_, username, password) => {
    const { acting, login, during, who, events } = begin()
    const browser = await acting('alice')
    await during(browser, ({ session }) => session.set('seen', 'of alice'))
    expect(await login(browser, username, password)).toMatchObject({ ok: true })
    expect(told(events)).toEqual([
      ['impersonation_ended', 'alice', 'root', 'login'],
      ['login', username],
    ])
    await during(browser, async (auth) => {
      expect(await auth.authenticate()).toMatchObject({
        userId: username,
        state: 'fresh',
        originalToken: null,
      })
      expect(await auth.session.all()).toEqual({})
      expect(await auth.exitImpersonation()).toMatchObject({ userId: username })
    })
    expect(await who(browser)).toEqual([username])
  })

  test('so does a login by something else', async () => {
    const { acting, during, who, users, events } = begin()
    const browser = await acting('alice')
    await during(browser, (auth) => auth.loginUser(users.named('bob'), { method: 'sso' }))
    expect(told(events).slice(0, 1)).toEqual([['impersonation_ended', 'alice', 'root', 'login']])
    expect(await who(browser)).toEqual(['bob'])
  })

  test.each([
    ['a wrong password', (auth: Auth) => auth.login('alice', 'wrong')],
    ['a disabled user', (auth: Auth) => auth.login('carol', 'pw')],
    ['a guard that says no', (auth: Auth) => auth.login('bob', 'builder', { guards: [() => false] })],
  ])('a login that is refused ends nothing: %s', async (_, attempt) => {
    const { acting, during, who, events } = begin()
    const browser = await acting('alice')
    expect(await during(browser, attempt)).toMatchObject({ ok: false })
    expect(await who(browser)).toEqual(['alice', 'root'])
    expect(events.filter(({ type }) => type === 'impersonation_ended')).toEqual([])
  })

  test('a logout ends all of it', async () => {
    const { acting, during, who, events } = begin()
    const browser = await acting('alice')
    await during(browser, ({ session }) => session.set('seen', 'of alice'))
    await during(browser, (auth) => auth.logout())
    expect(told(events).map((event) => (event as unknown[]).slice(0, 2))).toEqual([
      ['impersonation_ended', 'alice'],
      ['logout', 'root'],
    ])
    expect(events[0]).toMatchObject({ actor: 'root', reason: 'logout' })
    expect([await who(browser), sessionCookies(browser)]).toEqual([[null], []])
  })
})

describe('an id from before', () => {
  const stale = async (change: 'enter' | 'exit') => {
    const app = start()
    const browser = await (change === 'enter' ? app.loggedIn('root') : app.acting('alice'))
    const before = browser.copy()
    await (change === 'enter' ? app.act(browser, 'alice') : app.exit(browser))
    return { ...app, browser, before, now: change === 'enter' ? ['alice', 'root'] : ['root'] }
  }

  test.each(['enter', 'exit'] as const)('%s: reads for ten seconds, what is so now', async (change) => {
    const { who, before, browser, now, clock } = await stale(change)
    const held = new Map(before.cookies)
    expect(await who(before)).toEqual(now)
    clock.advance(9.999)
    expect(await who(before)).toEqual(now)
    expect(before.cookies).toEqual(held)
    clock.advance(0.001)
    expect(await who(before)).toEqual([null])
    expect(await who(browser)).toEqual(now)
  })

  test.each(['enter', 'exit'] as const)('%s: never writes', async (change) => {
    const { who, during, before, browser, now, act, exit } = await stale(change)
    await during(before, ({ session }) => session.set('late', 1))
    await during(before, ({ session }) => session.regenerateId())
    if (change === 'enter') await exit(before)
    else await act(before, 'bob')
    expect(await who(browser)).toEqual(now)
    expect(await during(browser, ({ session }) => session.all())).toEqual({})
  })

  test.each(['enter', 'exit'] as const)('%s: still logs out, for good', async (change) => {
    const { who, during, before, browser } = await stale(change)
    await during(before, (auth) => auth.logout())
    expect([await who(browser), await who(before)]).toEqual([[null], [null]])
  })

  test.each([
    ['enter', ['root']],
    ['exit', ['alice', 'root']],
  ] as const)('%s: of a sealed session it reads on, as what it was', async (change, now) => {
    for (const mode of ['sealed', 'sealed, with revocation'] as const) {
      const app = start({ sessions: SESSION_MODES[mode] })
      const browser = await (change === 'enter' ? app.loggedIn('root') : app.acting('alice'))
      const before = browser.copy()
      await (change === 'enter' ? app.act(browser, 'alice') : app.exit(browser))
      expect(await app.who(before)).toEqual(now)
    }
  })

  test('a late response does not bring an impersonation back that was left in another process', async () => {
    const [here, there] = [
      start({ sessions: SESSION_MODES.sealed }),
      start({ sessions: SESSION_MODES.sealed }),
    ]
    const browser = await here.acting('alice')
    const late = there.browser()
    for (const [name, value] of browser.cookies) late.cookies.set(name, value)
    await there.during(late, ({ session }) => session.set('late', 1))
    await here.exit(browser)
    expect(await here.who(browser)).toEqual(['root'])
    const name = '__Host-session'
    browser.cookies.set(name, late.cookies.get(name) as string)
    expect(await there.who(Object.assign(there.browser(), { cookies: browser.cookies }))).toEqual([null])
  })
})
