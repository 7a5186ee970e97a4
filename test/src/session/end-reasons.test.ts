import { type DeviceList, memoryRecords, type RequestAuth, sealedSessions, storedSessions } from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type TestApp, type TestUser, testApp } from '../../app.ts'

/** Users' sessions, in each kind that can tell. `store` holds what is left of them. */
const KINDS = {
  stored: (now: () => number) => {
    const store = memoryRecords({ now })
    return { store, sessions: storedSessions(store) }
  },
  sealed: () => ({ store: null, sessions: sealedSessions() }),
  'sealed, with a shared list': (now: () => number) => {
    const store = memoryRecords({ now })
    return { store, sessions: sealedSessions({ revocation: store }) }
  },
}

function start(kind: keyof typeof KINDS, options: object = {}) {
  const clock = testClock()
  const { store, sessions } = KINDS[kind](clock.now)
  const app = testApp({ sessions, ...options }, clock)
  return { app, clock, store, browser: app.browser() }
}

/** What a request with this cookie is told. */
const reason = (app: TestApp, browser: TestBrowser): Promise<unknown> =>
  app.during(browser.copy(), async (auth) => (await auth.authenticate()).reason)

type End = (auth: RequestAuth<TestUser>, app: TestApp) => unknown

const BY_ITSELF: readonly [sentence: string, end: End, reason: string][] = [
  ['a logout', (auth) => auth.logout(), 'logged_out'],
  ['a session that is cleared', (auth) => auth.session.clear(), 'logged_out'],
  ['another user’s login', (auth) => auth.login('bob', 'builder'), 'logged_out'],
  ['the idle end', (_, app) => app.clock.advance(86_400), 'idle'],
]

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('why a session ended: %s', (kind) => {
  test.each(BY_ITSELF)('%s', async (_, end, told) => {
    const { app, browser } = start(kind)
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, (auth) => end(auth, app))
    expect(await reason(app, copy)).toBe(told)
  })

  test('the absolute end, however much it was used', async () => {
    const { app, clock, browser } = start(kind, { absoluteSeconds: 100_000, idleSeconds: 60_000 })
    await app.login(browser, 'alice', 'wonderland')
    clock.advance(50_000)
    expect(await app.whoIs(browser)).toBe('alice')
    clock.advance(50_000)
    expect(await reason(app, browser)).toBe('absolute')
  })

  test.each<[sentence: string, change: (app: TestApp) => unknown, told: string]>([
    [
      'a password that was changed',
      ({ users }) => users.change('alice', { hashedPassword: 'plain:new' }),
      'credentials_changed',
    ],
    ['a user who is gone', ({ users }) => users.byId.delete('alice'), 'user_missing'],
    ['a user who is disabled', ({ users }) => users.change('alice', { disabled: true }), 'user_disabled'],
  ])('%s: at once, and when the session was ended for it', async (_, change, told) => {
    const { app, clock, browser } = start(kind)
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    change(app)
    expect(await reason(app, copy)).toBe(told)
    clock.advance(361)
    expect(await app.whoIs(browser)).toBeNull()
    expect(await reason(app, copy)).toBe(told)
  })

  test.each([
    ['rubbish', 'rubbish'],
    ['nothing', ''],
    ['a token of nobody’s', `1.${'A'.repeat(43)}`],
    [
      'a seal of nobody’s',
      `Fe26.2*00000000**${'A'.repeat(22)}*${'A'.repeat(44)}*1900000000000**${'A'.repeat(43)}`,
    ],
  ])('cannot be told of %s', async (_, value) => {
    const { app, browser } = start(kind)
    browser.cookies.set('__Host-session', value)
    expect(await reason(app, browser)).toBe(value === '' ? null : 'unknown')
  })

  test('of several cookies the first one that says something counts', async () => {
    const { app, browser } = start(kind)
    await app.login(browser, 'alice', 'wonderland')
    const ended = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    const value = ended.cookies.get('__Host-session')
    for (const both of [`${value}; __Host-session=rubbish`, `rubbish; __Host-session=${value}`]) {
      ended.cookies.set('__Host-session', both)
      expect(await reason(app, ended)).toBe('logged_out')
    }
  })

  test('a browser that has logged out brings no cookie, and is told nothing', async () => {
    const { app, browser } = start(kind)
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, (auth) => auth.logout())
    expect(await reason(app, browser)).toBeNull()
  })
})

describe('what a stored session leaves behind', () => {
  test.each<
    [sentence: string, end: (own: RequestAuth<TestUser, DeviceList>, handle: string) => unknown, told: string]
  >([
    ['revoked by its handle', (auth, handle) => auth.devices.revokeSession(handle), 'revoked'],
    ['revoked with the others', (auth) => auth.devices.revokeOthers(), 'revoked'],
    ['revoked with all', (auth) => auth.devices.revokeAll(), 'revoked'],
  ])('%s', async (_, end, told) => {
    const { app, clock, browser } = start('stored')
    const other = app.browser()
    await app.login(other, 'alice', 'wonderland')
    clock.advance(1)
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, async (auth) => {
      const devices = (auth as RequestAuth<TestUser, DeviceList>).devices
      const handle = (await devices.listSessions()).find(({ current }) => !current)?.handle ?? ''
      await end(auth as RequestAuth<TestUser, DeviceList>, handle)
    })
    expect(await reason(app, other)).toBe(told)
  })

  test('one too many', async () => {
    const clock = testClock()
    const sessions = storedSessions(memoryRecords({ now: clock.now }), { maxSessionsPerUser: 1 })
    const app = testApp({ sessions }, clock)
    const [first, second] = [app.browser(), app.browser()]
    await app.login(first, 'alice', 'wonderland')
    clock.advance(1)
    await app.login(second, 'alice', 'wonderland')
    expect(await reason(app, first)).toBe('too_many_sessions')
  })

  test('is an empty record without an owner, for a day', async () => {
    const { app, clock, browser, store } = start('stored')
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    expect(store?.size).toBe(1)
    clock.advance(86_399)
    expect(await reason(app, copy)).toBe('logged_out')
    clock.advance(1)
    expect(await reason(app, copy)).toBe('unknown')
    expect(store?.prune()).toBe(0)
    expect(store?.size).toBe(0)
  })

  test('takes no late write, and no second logout removes it', async () => {
    const { app, browser } = start('stored')
    await app.login(browser, 'alice', 'wonderland')
    const [late, again] = [browser.copy(), browser.copy()]
    await app.during(late, async (auth) => {
      await auth.authenticate()
      await app.during(browser, (own) => own.logout())
      auth.session.set('late', 1)
      auth.session.regenerateId()
    })
    await app.during(again.copy(), (auth) => auth.logout())
    expect(await reason(app, again)).toBe('logged_out')
    expect(await app.whoIs(late)).toBeNull()
  })

  test('a session that has timed out is kept as long, and is in no list', async () => {
    const { app, clock, browser, store } = start('stored')
    await app.login(browser, 'alice', 'wonderland')
    const over = browser.copy()
    clock.advance(86_400)
    const other = app.browser()
    await app.login(other, 'alice', 'wonderland')
    expect(await reason(app, over)).toBe('idle')
    const copy = other.copy()
    await app.during(other, async (auth) => {
      const devices = (auth as RequestAuth<TestUser, DeviceList>).devices
      expect(await devices.listSessions()).toHaveLength(1)
      expect(await devices.revokeAll()).toBe(1)
    })
    expect(await reason(app, copy)).toBe('revoked')
    expect(await reason(app, over)).toBe('idle')
    expect(store?.size).toBe(2)
  })

  test('a visitor’s leaves nothing: anyone could fill the store', async () => {
    const { app, clock, browser, store } = start('stored')
    const use = (): Promise<void> => app.during(browser, ({ session }) => session.set('cart', 1))
    await use()
    const copy = browser.copy()
    await app.during(browser, ({ session }) => session.clear())
    expect(store?.size).toBe(0)
    await use()
    clock.advance(86_400)
    expect(await reason(app, browser)).toBe('unknown')
    expect(await reason(app, copy)).toBe('unknown')
  })

  test('with `reasonSeconds: 0` nothing is left at all', async () => {
    const { app, clock, browser, store } = start('stored', { reasonSeconds: 0 })
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    expect(store?.size).toBe(0)
    expect(await reason(app, copy)).toBe('unknown')
    await app.login(browser, 'alice', 'wonderland')
    clock.advance(86_400)
    expect(await reason(app, browser)).toBe('unknown')
  })

  test('a store that cannot note it ends the session all the same', async () => {
    const clock = testClock()
    const store = memoryRecords({ now: clock.now })
    const app = testApp({ sessions: storedSessions(store) }, clock)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    store.create = () => {
      throw new Error('the disk is full')
    }
    await app.during(browser, (auth) => auth.logout())
    expect(await reason(app, copy)).toBe('unknown')
  })

  test.each([
    ['hangs', () => new Promise<boolean>(() => {})],
    [
      'takes most of the time limit for each call',
      () => new Promise<boolean>((resolve) => setTimeout(resolve, 70, true)),
    ],
  ])('a store that %s while it notes it fails no logout', async (_, create) => {
    const store = memoryRecords()
    const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 70))
    const app = testApp({ sessions: storedSessions(store), timeLimitSeconds: 0.1, now: Date.now })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const remove = store.delete.bind(store)
    Object.assign(store, { create, delete: async (id: string) => slow().then(() => remove(id)) })
    await app.during(browser, (auth) => auth.logout())
    expect(browser.cookies.size).toBe(0)
    expect(store.size).toBe(0)
  })

  test('gives way to users in a store that is full', async () => {
    const clock = testClock()
    const store = memoryRecords({ maxRecords: 10, now: clock.now })
    const app = testApp({ sessions: storedSessions(store, { maxSessionsPerUser: 1 }) }, clock)
    const bob = app.browser()
    await app.login(bob, 'bob', 'builder')
    for (let i = 0; i < 20; i++) {
      clock.advance(1)
      await app.login(app.browser(), 'alice', 'wonderland')
    }
    expect(await app.whoIs(bob)).toBe('bob')
    expect(store.size).toBe(10)
  })

  test('of a session that had timed out the reason is that, whoever ends it later', async () => {
    const { app, clock, browser } = start('stored')
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    clock.advance(86_400)
    await app.during(browser, (auth) => auth.logout())
    expect(await reason(app, copy)).toBe('idle')
  })

  test('the own session, revoked in the list, is told so', async () => {
    const { app, browser } = start('stored')
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, async (auth) => {
      const { devices } = auth as RequestAuth<TestUser, DeviceList>
      await devices.revokeSession((await devices.listSessions())[0]?.handle)
    })
    expect(await reason(app, copy)).toBe('revoked')
  })

  test('a handle of one that has timed out is unknown', async () => {
    const { app, clock, browser } = start('stored')
    const old = app.browser()
    await app.login(old, 'alice', 'wonderland')
    let handle = ''
    await app.during(old, async (auth) => {
      handle = (await (auth as RequestAuth<TestUser, DeviceList>).devices.listSessions())[0]?.handle ?? ''
    })
    clock.advance(86_400)
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, async (auth) => {
      const { devices } = auth as RequestAuth<TestUser, DeviceList>
      expect(await devices.revokeSession(handle)).toBe(false)
      expect(await devices.revokeOthers()).toBe(0)
    })
    expect(await reason(app, old)).toBe('idle')
  })

  test('a reason that somebody has planted is not passed on', async () => {
    const clock = testClock()
    const store = memoryRecords({ now: clock.now })
    const app = testApp({ sessions: storedSessions(store) }, clock)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    const create = store.create.bind(store)
    store.create = (id, record) =>
      create(id, { ...record, mark: { kind: 'ended', reason: '<script>', readableUntil: 0, next: null } })
    await app.during(browser, (auth) => auth.logout())
    expect(await reason(app, copy)).toBe('unknown')
  })
})

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])(
  'a request that began before the end: %s',
  (kind) => {
    test.each<[sentence: string, use: End]>([
      ['renews nothing after it', () => {}],
      ['writes nothing after it', (auth) => auth.session.set('late', 1)],
      ['moves it to no new id', (auth) => auth.session.regenerateId()],
    ])('%s', async (_, use) => {
      const { app, clock, browser } = start(kind)
      await app.login(browser, 'alice', 'wonderland')
      const late = browser.copy()
      clock.advance(86_399)
      await app.during(late, async (auth) => {
        expect((await auth.authenticate()).userId).toBe('alice')
        clock.advance(2)
        await use(auth, app)
      })
      expect(await reason(app, late)).toBe('idle')
      expect(await reason(app, browser)).toBe('idle')
    })

    test('begins a new session where it logs in, without what the old one held', async () => {
      const { app, clock, browser } = start(kind)
      await app.login(browser, 'alice', 'wonderland')
      await app.during(browser, ({ session }) => session.set('note', 1))
      clock.advance(86_399)
      await app.during(browser, async (auth) => {
        await auth.authenticate()
        clock.advance(2)
        await auth.login('alice', 'wonderland')
      })
      expect(await app.whoIs(browser)).toBe('alice')
      expect(await app.during(browser, ({ session }) => session.get('note'))).toBeUndefined()
    })
  },
)

test('a write is saved where a parallel request has renewed the session before its end', async () => {
  const { app, clock, browser } = start('stored')
  await app.login(browser, 'alice', 'wonderland')
  clock.advance(86_399)
  await app.during(browser, async (auth) => {
    await auth.authenticate()
    await app.whoIs(browser.copy())
    clock.advance(2)
    auth.session.set('late', 1)
  })
  expect(await app.during(browser, ({ session }) => session.get('late'))).toBe(1)
})
