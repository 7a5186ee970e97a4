import { memoryRecords, type RecordStore, type RequestAuth, sealedSessions } from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type TestApp, type TestUser, testApp } from '../../app.ts'

const IDLE_SECONDS = 600

type Auth = RequestAuth<TestUser>

/** An app with a list of revoked seals, in a process whose clock is ahead by as many seconds. */
function start() {
  const clock = testClock()
  const records = memoryRecords({ now: clock.now })
  // Answers later, as a store in a network does.
  const revocation: RecordStore = {
    read: async (id) => records.read(id),
    create: async (id, record) => records.create(id, record),
    update: async (id, patch, times) => records.update(id, patch, times),
    supersede: async (id, by, expiresAt) => records.supersede(id, by, expiresAt),
    delete: async (id, condition) => records.delete(id, condition),
  }
  const inProcess = (secondsAhead: number): TestApp =>
    testApp({
      sessions: sealedSessions({ revocation }),
      idleSeconds: IDLE_SECONDS,
      touchSeconds: 0,
      now: () => clock.now() + secondsAhead * 1000,
    })
  return { clock, app: inProcess(0), inProcess }
}

/** The same cookies before another process. */
function carried(from: TestBrowser, to: TestApp): TestBrowser {
  const browser = to.browser()
  for (const [name, value] of from.cookies) browser.cookies.set(name, value)
  return browser
}

describe('a copy of a seal that was logged out', () => {
  test('is refused to its last second', async () => {
    const { app, clock } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    const other = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    expect(await app.whoIs(copy.copy())).toBeNull()
    clock.advance(IDLE_SECONDS - 0.001)
    const token = await app.during(other, (auth) => auth.authenticate())
    expect(token).toMatchObject({ userId: null, reason: 'logged_out' })
    clock.advance(0.001)
    expect(await app.during(copy, (auth) => auth.authenticate())).toMatchObject({ reason: 'idle' })
  })

  test('is refused to its last second, where a process with a clock ahead has renewed it', async () => {
    const { app, inProcess, clock } = start()
    const ahead = inProcess(30)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = carried(browser, ahead)
    expect(await ahead.whoIs(copy)).toBe('alice')
    expect(copy.cookieHeader).not.toBe(browser.cookieHeader)
    await app.during(browser, (auth) => auth.logout())
    clock.advance(IDLE_SECONDS + 29)
    const token = await app.during(carried(copy, app), (auth) => auth.authenticate())
    expect(token).toMatchObject({ userId: null, reason: 'logged_out' })
  })

  test('is refused to its last second, where its session had moved to a new id before', async () => {
    const { app, clock } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const before = browser.copy()
    await app.during(browser, ({ session }) => session.regenerateId())
    const after = browser.copy()
    await app.during(before.copy(), (auth) => auth.logout())
    clock.advance(IDLE_SECONDS - 0.001)
    for (const copy of [before, after, browser]) expect(await app.whoIs(copy)).toBeNull()
  })
})

describe('a session with a list of revoked seals', () => {
  test('keeps what is written, and moves to new ids', async () => {
    const { app } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('cart', 1))
    await app.during(browser, ({ session }) => session.regenerateId())
    await app.during(browser, ({ session }) => session.set('page', 2))
    expect(await app.whoIs(browser)).toBe('alice')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ cart: 1, page: 2 })
  })

  test('ends when its last key is removed', async () => {
    const { app } = start()
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('flash', 1))
    await app.during(browser, ({ session }) => session.set('flash', undefined))
    expect(browser.cookies.size).toBe(0)
  })

  test('is listed if it has a user: visitors cannot fill the list, and drop what users have ended', async () => {
    const clock = testClock()
    const revocation = memoryRecords({ now: clock.now, maxRecords: 10 })
    const app = testApp({ sessions: sealedSessions({ revocation }) }, clock)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const stolen = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    for (let i = 0; i < 30; i++) {
      const visitor = app.browser()
      await app.during(visitor, ({ session }) => session.set('cart', i))
      await app.during(
        visitor,
        i % 2 ? (auth) => auth.logout() : ({ session }) => session.set('cart', undefined),
      )
    }
    expect(await app.whoIs(stolen)).toBeNull()
  })

  test('does not end by the seal that a visitor had before: knowing it is not enough to log the user out', async () => {
    const { app } = start()
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const planted = browser.copy()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(planted, (auth) => auth.logout())
    expect(await app.whoIs(browser)).toBe('alice')
  })
})

describe('a logout in another tab while a request is under way', () => {
  const rows: readonly [sentence: string, work: (auth: Auth) => unknown][] = [
    ['reads and renews', () => {}],
    ['writes', ({ session }) => session.set('late', 1)],
    ['moves the session to a new id', ({ session }) => session.regenerateId()],
    [
      'writes, and moves the session to a new id',
      ({ session }) => {
        session.set('late', 1)
        session.regenerateId()
      },
    ],
    ['re-authenticates', (auth) => auth.reauthenticate('wonderland')],
    [
      'changes the password',
      (auth) => auth.passwordChanged({ id: 'alice', hashedPassword: 'plain:wonderland' }),
    ],
  ]
  test.each(rows)('wins, and the request brings no cookie: it %s', async (_, work) => {
    const { app } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const other = browser.copy()
    const held = browser.cookieHeader
    await app.during(browser, async (auth) => {
      expect((await auth.authenticate()).userId).toBe('alice')
      await app.during(other, (current) => current.logout())
      await work(auth)
    })
    expect(browser.cookieHeader).toBe(held)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('does not win against a login, which starts with empty data', async () => {
    const { app } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const other = browser.copy()
    await app.during(browser, async (auth) => {
      await auth.authenticate()
      await app.during(other, (current) => current.logout())
      await auth.login('alice', 'wonderland')
    })
    expect(await app.whoIs(browser)).toBe('alice')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })
})

describe('without a list of revoked seals', () => {
  test('a session keeps its data under a new id, without a store', async () => {
    const app = testApp({ sessions: sealedSessions() })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('cart', 1))
    await app.during(browser, ({ session }) => session.regenerateId())
    expect(await app.whoIs(browser)).toBe('alice')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ cart: 1 })
  })

  test('a cookie that was opened before expires all the same', async () => {
    const app = testApp({ sessions: sealedSessions(), idleSeconds: IDLE_SECONDS })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    expect(await app.whoIs(copy)).toBe('alice')
    app.clock.advance(IDLE_SECONDS)
    expect(await app.during(copy, (auth) => auth.authenticate())).toMatchObject({
      userId: null,
      reason: 'idle',
    })
  })

  test('a cookie that has expired does not hide a good one behind it', async () => {
    const app = testApp({ sessions: sealedSessions(), idleSeconds: IDLE_SECONDS })
    const [old, recent] = [app.browser(), app.browser()]
    await app.login(old, 'alice', 'wonderland')
    app.clock.advance(IDLE_SECONDS)
    await app.login(recent, 'bob', 'builder')
    const both = app.browser()
    const [[name, value]] = [...old.cookies] as [[string, string]]
    both.cookies.set(name, `${value}; ${recent.cookieHeader}`)
    expect(await app.whoIs(both)).toBe('bob')
  })
})

describe('clocks that differ', () => {
  test.each([
    ['up to a minute ahead: the session is one', 60, 'alice'],
    ['further ahead: the seal is not ours', 60.001, null],
  ])('a seal by a process that is %s', async (_, seconds, userId) => {
    const { app, inProcess } = start()
    const ahead = inProcess(seconds)
    const browser = ahead.browser()
    await ahead.login(browser, 'alice', 'wonderland')
    expect(await app.whoIs(carried(browser, app))).toBe(userId)
  })
})
