import { type RequestAuth, sealedSessions } from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { SECRET, SESSION_MODES, sessionCookies, type TestApp, type TestUser, testApp } from '../app.ts'

type Auth = RequestAuth<TestUser>

/** `touchSeconds` and a minute. */
const IN_USE_SECONDS = 360
const NEW_SECRET = 'a-newer-secret-of-more-than-32-bytes-00002'

describe.each(Object.entries(SESSION_MODES))('ending sessions: %s', (mode, options) => {
  const start = (): TestApp => {
    const clock = testClock()
    return testApp(options(clock), clock)
  }

  const ENDINGS: readonly [sentence: string, end: (app: TestApp) => void, reason: string][] = [
    [
      'the password was changed',
      ({ users }) => users.change('alice', { hashedPassword: 'plain:new' }),
      'credentials_changed',
    ],
    [
      'the password was removed',
      ({ users }) => users.change('alice', { hashedPassword: null }),
      'credentials_changed',
    ],
    [
      'the epoch was raised',
      ({ users }) => users.change('alice', { sessionEpoch: 1 }),
      'credentials_changed',
    ],
    ['the account was disabled', ({ users }) => users.change('alice', { disabled: true }), 'user_disabled'],
    ['the account was deleted', ({ users }) => users.byId.delete('alice'), 'user_missing'],
  ]

  test.each(ENDINGS)('%s', async (_, end, reason) => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    end(app)
    const held = browser.cookieHeader
    const ask = () => app.during(browser, (auth) => auth.authenticate())
    expect(await ask()).toMatchObject({ isAuthenticated: false, reason })
    // The row may be stale: only a session that no request has found good for long is ended.
    expect(browser.cookieHeader).toBe(held)
    app.clock.advance(IN_USE_SECONDS)
    expect(await ask()).toMatchObject({ isAuthenticated: false, reason })
    expect(browser.cookieHeader).toBe(held)
    app.clock.advance(0.001)
    expect(await ask()).toMatchObject({ isAuthenticated: false, reason })
    expect(browser.cookies.size).toBe(0)
  })

  test('a row that was stale costs nobody the session', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const { hashedPassword } = app.users.named('alice')
    for (const stale of [{ hashedPassword: 'plain:old' }, { disabled: true }, { sessionEpoch: 7 }]) {
      app.users.change('alice', stale)
      const seen = await app.during(browser, async (auth) => {
        await auth.authenticate()
        const shown = await auth.session.all()
        auth.session.set('late', 1)
        auth.session.regenerateId()
        return shown
      })
      expect(seen).toEqual({})
      app.users.put('alice', { id: 'alice', hashedPassword })
      expect(await app.whoIs(browser)).toBe('alice')
    }
    app.users.byId.delete('alice')
    expect(await app.whoIs(browser)).toBeNull()
    app.users.put('alice', { id: 'alice', hashedPassword })
    expect(await app.whoIs(browser)).toBe('alice')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ cart: 1 })
  })

  test('a suspended session is not renewed, so that it ends in time', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.users.change('alice', { hashedPassword: 'plain:new' })
    for (let minute = 0; minute < 6; minute++) {
      expect(await app.whoIs(browser)).toBeNull()
      expect(browser.cookies.size).toBe(1)
      app.clock.advance(60)
    }
    app.clock.advance(1)
    expect(await app.whoIs(browser)).toBeNull()
    expect(browser.cookies.size).toBe(0)
  })

  test.each([
    ['by its own user', 'alice', 'new'],
    ['by another one', 'bob', 'builder'],
  ])('a login goes through a suspended session, and starts over: %s', async (_, username, password) => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('cart', 1))
    app.users.change('alice', { hashedPassword: 'plain:new' })
    const outcome = await app.during(browser, async (auth) => {
      await auth.authenticate()
      return auth.login(username, password)
    })
    expect(outcome.ok).toBe(true)
    expect(await app.whoIs(browser)).toBe(username)
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })

  test('a logout in a suspended session ends it', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    const { hashedPassword } = app.users.named('alice')
    app.users.change('alice', { hashedPassword: 'plain:new' })
    await app.during(browser, (auth) => auth.logout())
    app.users.put('alice', { id: 'alice', hashedPassword })
    for (const one of [browser, copy]) expect(await app.whoIs(one)).toBeNull()
  })

  test('what has ended does not come back when the cause is undone', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    app.users.change('alice', { hashedPassword: 'plain:new' })
    app.clock.advance(IN_USE_SECONDS + 0.001)
    expect(await app.whoIs(browser)).toBeNull()
    app.users.change('alice', { hashedPassword: 'plain:wonderland' })
    expect(await app.whoIs(browser)).toBeNull()
    // Of a sealed session the one cookie is over: what the row says of it says nothing of the login's later ones.
    if (mode === 'stored in memory') expect(await app.whoIs(copy)).toBeNull()
  })

  test('an old copy that is over does not take the session along', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    app.clock.advance(IN_USE_SECONDS + 40)
    await app.during(browser, async (auth) => {
      await auth.authenticate()
      await auth.passwordChanged(app.users.change('alice', { hashedPassword: 'plain:new' }))
    })
    app.clock.advance(11)
    expect(await app.whoIs(copy)).toBeNull()
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('a change of password after a pause, beside a request that comes in between', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(3600)
    const other = browser.copy()
    const held = other.cookieHeader
    await app.during(browser, async (auth) => {
      await auth.authenticate()
      const user = app.users.change('alice', { hashedPassword: 'plain:new' })
      expect(await app.whoIs(other)).toBeNull()
      await auth.passwordChanged(user)
    })
    expect(other.cookieHeader).toBe(held)
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('refresh keeps this session and ends the others', async () => {
    const app = start()
    const [here, there] = [app.browser(), app.browser()]
    await app.login(here, 'alice', 'wonderland')
    await app.login(there, 'alice', 'wonderland')
    const before = here.copy()
    await app.during(here, async (auth) => {
      await auth.authenticate()
      await auth.passwordChanged(app.users.change('alice', { hashedPassword: 'plain:new' }))
    })
    expect(await app.whoIs(here)).toBe('alice')
    expect(await app.whoIs(there)).toBeNull()
    app.clock.advance(10)
    expect(await app.whoIs(before)).toBeNull()
  })

  test('refresh of somebody else is misuse', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await expect(
      app.during(browser, (auth) => auth.passwordChanged(app.users.named('bob'))),
    ).rejects.toMatchObject({
      code: 'misuse',
    })
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('sharing one session hash would need the secret: another user’s does not fit', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.users.put('alice', { id: 'alice', hashedPassword: app.users.named('bob').hashedPassword })
    expect(await app.whoIs(browser)).toBeNull()
  })
})

/** The same browser before another configuration of the app. */
function carried(from: TestBrowser, to: TestApp): TestBrowser {
  const browser = to.browser()
  for (const [name, value] of from.cookies) browser.cookies.set(name, value)
  return browser
}

describe('rotating the secret', () => {
  test('a session of the older secret lives on and is stamped anew, so that the older one can go', async () => {
    const shared = SESSION_MODES['stored in memory']()
    const older = testApp({ secret: SECRET, now: Date.now, ...shared })
    const both = testApp({ secret: [NEW_SECRET, SECRET], now: Date.now, ...shared })
    const newer = testApp({ secret: NEW_SECRET, now: Date.now, ...shared })
    const [browser, idle] = [older.browser(), older.browser()]
    await older.login(browser, 'alice', 'wonderland')
    await older.login(idle, 'alice', 'wonderland')
    const moved = carried(browser, both)
    expect(await both.whoIs(moved)).toBe('alice')
    const late = carried(moved, newer)
    expect(await newer.whoIs(late)).toBe('alice')
    const never = carried(idle, newer)
    expect(await newer.whoIs(never)).toBeNull()
  })

  test('a sealed session of the older secret is sealed by the newer one at the next request', async () => {
    const older = testApp({ secret: SECRET })
    const both = testApp({ secret: [NEW_SECRET, SECRET] })
    const newer = testApp({ secret: NEW_SECRET })
    const browser = older.browser()
    await older.login(browser, 'alice', 'wonderland')
    const moved = carried(browser, both)
    expect(await both.whoIs(moved)).toBe('alice')
    const late = carried(moved, newer)
    expect(await newer.whoIs(late)).toBe('alice')
  })
})

describe.each(Object.entries(SESSION_MODES))(
  'a secret that is being deployed, node by node: %s',
  (_, mode) => {
    const ORDERS: readonly [sentence: string, first: string[], second: string[]][] = [
      ['the new one first', [SECRET], [NEW_SECRET, SECRET]],
      ['in two steps: the first of them', [SECRET], [SECRET, NEW_SECRET]],
      ['in two steps: the second', [SECRET, NEW_SECRET], [NEW_SECRET, SECRET]],
      ['the old one goes', [NEW_SECRET, SECRET], [NEW_SECRET]],
    ]
    test.each(ORDERS)('logs out nobody for good: %s', async (_, before, after) => {
      const clock = testClock()
      const shared = mode(clock)
      const ended: unknown[] = []
      const node = (secret: string[]): TestApp =>
        testApp(
          { ...shared, secret, onEvent: ({ type }) => type === 'session_ended' && ended.push(type) },
          clock,
        )
      const [old, fresh] = [node(before), node(after)]
      const browser = old.browser()
      await old.login(browser, 'alice', 'wonderland')
      await old.during(browser, ({ session }) => session.set('cart', 1))
      const at = (app: TestApp) => Object.assign(app.browser(), { cookies: browser.cookies })
      expect(await fresh.whoIs(at(fresh))).toBe('alice')
      // Back and forth, as a load balancer does it; what the other node cannot open, it leaves alone.
      for (let i = 0; i < 3; i++) {
        clock.advance(301)
        expect(await fresh.whoIs(at(fresh))).toBe('alice')
        for (const use of [
          ({ session }: Auth) => session.all(),
          ({ session }: Auth) => session.set('visitor', 1),
          ({ session }: Auth) => session.regenerateId(),
          (auth: Auth) => auth.authenticate(),
        ])
          await old.during(at(old), use)
      }
      expect(await fresh.whoIs(at(fresh))).toBe('alice')
      expect(await fresh.during(at(fresh), ({ session }) => session.get('cart'))).toBe(1)
      expect(ended).toEqual([])
    })

    test('a login goes through where the session cannot be opened', async () => {
      const clock = testClock()
      const shared = mode(clock)
      const [old, fresh] = [[SECRET], [NEW_SECRET, SECRET]].map((secret) =>
        testApp({ ...shared, secret }, clock),
      )
      if (!old || !fresh) throw new Error('two nodes')
      const browser = fresh.browser()
      await fresh.login(browser, 'alice', 'wonderland')
      const late = new Map(browser.cookies)
      const here = Object.assign(old.browser(), { cookies: browser.cookies })
      expect(await old.whoIs(here)).toBeNull()
      expect(await old.login(here, 'bob', 'builder')).toMatchObject({ ok: true })
      expect([await old.whoIs(here), await fresh.whoIs(browser)]).toEqual(['bob', 'bob'])
      // And the session that could not be opened does not come back.
      for (const [name, value] of late) browser.cookies.set(name, value)
      expect(await fresh.whoIs(browser)).toBeNull()
    })
  },
)

describe('a sealed session under a secret that this process does not have', () => {
  const start = () => {
    const clock = testClock()
    const [gone, here] = [NEW_SECRET, SECRET].map((secret) =>
      testApp({ secret, sessions: sealedSessions() }, clock),
    )
    if (!gone || !here) throw new Error('two apps')
    return { clock, gone, here }
  }

  test('is replaced by what a visitor writes, once it is not in use', async () => {
    const { clock, gone, here } = start()
    const browser = gone.browser()
    await gone.login(browser, 'alice', 'wonderland')
    const visitor = carried(browser, here)
    await here.during(visitor, ({ session }) => session.set('cart', 1))
    expect(await here.during(visitor, ({ session }) => session.all())).toEqual({})
    clock.advance(IN_USE_SECONDS + 0.001)
    await here.during(visitor, ({ session }) => session.set('cart', 1))
    expect(await here.during(visitor, ({ session }) => session.all())).toEqual({ cart: 1 })
  })

  test('says that it is unknown, and a logout removes it', async () => {
    const { gone, here } = start()
    const browser = gone.browser()
    await gone.login(browser, 'alice', 'wonderland')
    const visitor = carried(browser, here)
    expect(await here.during(visitor, (auth) => auth.authenticate())).toMatchObject({ reason: 'unknown' })
    await here.during(visitor, (auth) => auth.logout())
    expect(sessionCookies(visitor)).toEqual([])
  })

  test('does not lock a visitor out by an end that is years away', async () => {
    const { here, gone } = start()
    const browser = gone.browser()
    await gone.login(browser, 'alice', 'wonderland')
    const visitor = carried(browser, here)
    const parts = (visitor.cookies.get('__Host-session') as string).split('*')
    parts[5] = '9999999999999'
    visitor.cookies.set('__Host-session', parts.join('*'))
    await here.during(visitor, ({ session }) => session.set('cart', 1))
    expect(await here.during(visitor, ({ session }) => session.all())).toEqual({ cart: 1 })
  })
})
