import { memoryRecords, type RequestAuth, storedSessions } from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type TestApp, type TestUser, testApp } from '../app.ts'

type Auth = RequestAuth<TestUser>

/** A browser that is logged in as alice, and a copy of it from before `change`. */
async function around(
  change: (auth: Auth, app: TestApp) => unknown,
): Promise<{ app: TestApp; browser: TestBrowser; before: TestBrowser }> {
  const clock = testClock()
  const app = testApp({ sessions: storedSessions(memoryRecords({ now: clock.now })), touchSeconds: 0 }, clock)
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  await app.during(browser, ({ session }) => session.set('cart', 1))
  const before = browser.copy()
  await app.during(browser, async (auth) => {
    await auth.authenticate()
    await change(auth, app)
  })
  return { app, browser, before }
}

const data = (app: TestApp, browser: TestBrowser) => app.during(browser, ({ session }) => session.all())

const SAME_USER: readonly [sentence: string, change: (auth: Auth, app: TestApp) => unknown][] = [
  ['a step-up', (auth) => auth.reauthenticate('wonderland')],
  [
    'a change of password',
    (auth, { users }) => auth.passwordChanged(users.change('alice', { hashedPassword: 'plain:new' })),
  ],
  ['a new id', ({ session }) => session.regenerateId()],
]

describe.each(SAME_USER)('a request that was under way during %s', (_, change) => {
  test('is not logged out', async () => {
    const { app, before } = await around(change)
    expect(await app.whoIs(before)).toBe('alice')
    expect(await data(app, before)).toEqual({ cart: 1 })
  })

  test('sees the session as it is now', async () => {
    const { app, browser, before } = await around(change)
    await app.during(browser, ({ session }) => session.set('cart', 2))
    expect(await data(app, before)).toEqual({ cart: 2 })
  })

  test('cannot write', async () => {
    const { app, browser, before } = await around(change)
    await app.during(before, ({ session }) => session.set('cart', 3))
    expect(await data(app, browser)).toEqual({ cart: 1 })
    expect(before.cookies).not.toEqual(browser.cookies)
  })

  test('cannot move the session on', async () => {
    const { app, browser, before } = await around(change)
    const held = new Map(before.cookies)
    await app.during(before, ({ session }) => session.regenerateId())
    expect(before.cookies).toEqual(held)
    app.clock.advance(10)
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('is told no new cookie', async () => {
    const { app, before } = await around(change)
    const held = new Map(before.cookies)
    app.clock.advance(5)
    await app.whoIs(before)
    expect(before.cookies).toEqual(held)
  })

  test('has ten seconds, and no more', async () => {
    const { app, browser, before } = await around(change)
    app.clock.advance(9.999)
    expect(await app.whoIs(before)).toBe('alice')
    app.clock.advance(0.001)
    expect(await app.whoIs(before)).toBeNull()
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('is out when the session ends meanwhile', async () => {
    const { app, browser, before } = await around(change)
    await app.during(browser, (auth) => auth.logout())
    expect(await app.whoIs(before)).toBeNull()
  })

  test('is out when another logs in on that browser meanwhile', async () => {
    const { app, browser, before } = await around(change)
    await app.login(browser, 'bob', 'builder')
    expect(await app.whoIs(before)).toBeNull()
    expect(await app.whoIs(browser)).toBe('bob')
  })

  test('still logs out, for good', async () => {
    const { app, browser, before } = await around(change)
    await app.during(before, (auth) => auth.logout())
    expect(await app.whoIs(browser)).toBeNull()
    expect(await app.whoIs(before)).toBeNull()
  })

  test('reads through several of them', async () => {
    const { app, browser, before } = await around(change)
    await app.during(browser, ({ session }) => session.regenerateId())
    await app.during(browser, ({ session }) => session.regenerateId())
    expect(await app.whoIs(before)).toBe('alice')
    await app.during(before, (auth) => auth.logout())
    expect(await app.whoIs(browser)).toBeNull()
  })
})

describe('an old id never reads', () => {
  test.each([
    ['a logout', (auth: Auth) => auth.logout()],
    ['a login as the same user', (auth: Auth) => auth.login('alice', 'wonderland')],
    ['a login as another user', (auth: Auth) => auth.login('bob', 'builder')],
    [
      'a logout and a login in one request',
      async (auth: Auth) => {
        await auth.logout()
        await auth.login('alice', 'wonderland')
      },
    ],
    ['a clear', ({ session }: Auth) => session.clear()],
  ] as const)('after %s', async (_, change) => {
    const { app, before } = await around(change)
    expect(await app.whoIs(before)).toBeNull()
    expect(await data(app, before)).toEqual({})
  })

  test('after a login from anonymous: it was known before (fixation)', async () => {
    const clock = testClock()
    const app = testApp({ sessions: storedSessions(memoryRecords({ now: clock.now })) }, clock)
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const planted = browser.copy()
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.whoIs(planted)).toBeNull()
    expect(await data(app, planted)).toEqual({})
  })
})

describe('a visitor’s cookie after the login', () => {
  /** A browser that has logged in as alice from a session with a cart, and a copy of it from before. */
  async function around(idleSeconds = 3600) {
    const clock = testClock()
    const records = memoryRecords({ now: clock.now })
    const app = testApp({ sessions: storedSessions(records), idleSeconds, touchSeconds: 60 }, clock)
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    clock.advance(115)
    const before = browser.copy()
    const held = before.cookieHeader
    await app.login(browser, 'alice', 'wonderland')
    return { app, browser, before, held }
  }
  const keep = ({ session }: Auth) => session.set('late', 1)

  test.each([
    ['an hour', 3600],
    ['two minutes, nearly over', 120],
  ])(
    'keeps nothing for half a minute, and brings no other cookie: idle time of %s',
    async (_, idleSeconds) => {
      const { app, before, held } = await around(idleSeconds)
      app.clock.advance(29)
      await app.during(before, keep)
      expect(before.cookieHeader).toBe(held)
      expect(await data(app, before)).toEqual({})
    },
  )

  test('begins a new session after that: its login may never have got an answer', async () => {
    const { app, before, held } = await around()
    app.clock.advance(30)
    await app.during(before, keep)
    expect(before.cookieHeader).not.toBe(held)
    expect(await data(app, before)).toEqual({ late: 1 })
  })

  test('logs in all the same', async () => {
    const { app, browser, before } = await around()
    await app.login(before, 'bob', 'builder')
    expect(await app.whoIs(before)).toBe('bob')
    expect(await data(app, before)).not.toHaveProperty('cart')
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('hides no session behind it that is alive', async () => {
    const { app, browser, before } = await around()
    const both = app.browser()
    const [name, old] = [...before.cookies][0] ?? ['', '']
    both.cookies.set(name, `${old}; ${name}=${browser.cookies.get(name)}`)
    expect(await app.whoIs(both)).toBe('alice')
  })

  test('is not expired by a request that has taken the last key away meanwhile', async () => {
    const inner = memoryRecords()
    let login: (() => Promise<unknown>) | undefined
    const records = new Proxy(inner, {
      get: (target, name: keyof typeof inner) => {
        const value = target[name]
        if (name !== 'delete') return typeof value === 'function' ? value.bind(target) : value
        return async (id: string, condition?: { ifEmpty: true }) => {
          if (condition) await login?.()
          return target.delete(id, condition)
        }
      },
    })
    const app = testApp({ sessions: storedSessions(records), now: Date.now })
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('flash', 1))
    const held = browser.cookieHeader
    const other = browser.copy()
    login = () => {
      login = undefined
      return app.login(browser, 'alice', 'wonderland')
    }
    await app.during(other, ({ session }) => session.set('flash', undefined))
    expect(other.cookieHeader).toBe(held)
    expect(await app.whoIs(browser)).toBe('alice')
  })
})
