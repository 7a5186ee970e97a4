import {
  bearerAuthenticator,
  createAuth,
  type DeviceList,
  memoryRecords,
  memoryUsers,
  migrateSession,
  protectPaths,
  sealedSessions,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser, type TestClock, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import {
  ORIGIN,
  plain,
  SECRET,
  SESSION_MODES,
  sessionCookies,
  type TestApp,
  type TestUser,
  testApp,
} from '../app.ts'
import { OLD, OldLibrary } from './migrating.ts'

const DAY = 86_400

type Change = Parameters<OldLibrary['migrate']>[0]
type Mode = (clock?: TestClock) => Parameters<typeof testApp>[0]

/** An old session of alice's with a cart, in a browser that comes to the new app for the first time. */
function start(
  mode: Mode = SESSION_MODES.sealed,
  change: Change = {},
  options: Parameters<typeof testApp>[0] = {},
) {
  const clock = testClock()
  const library = new OldLibrary()
  const events: string[] = []
  const app = testApp(
    {
      ...mode(clock),
      migrate: library.migrate(change),
      onEvent: (event) =>
        events.push('reason' in event && event.type === 'migration_failed' ? event.reason : event.type),
      ...options,
    },
    clock,
  )
  app.users.put('carol', { id: 'carol', hashedPassword: 'plain:carol', disabled: true })
  const browser = app.browser()
  browser.cookies.set(OLD, library.put('of-alice', { userId: 'alice', cart: ['book'] }))
  return { app, browser, library, events, clock }
}

/** What a browser is shown, and which cookies it has afterwards. */
async function visit(app: TestApp, browser: TestBrowser) {
  const [who, cart] = await app.during(browser, async (auth) => [
    (await auth.authenticate()).userId,
    await auth.session.get('cart'),
  ])
  return {
    who,
    cart,
    ours: sessionCookies(browser).filter((name) => name !== OLD).length,
    old: browser.cookies.has(OLD),
  }
}

const status = async (browser: TestBrowser): Promise<number> => (await browser.get('/')).status

test.each([false, true])('keys of the library are not carried over: only reading %s', async (readOnly) => {
  const { app, browser } = start(SESSION_MODES.sealed, {
    dataOf: () => ({ _impersonated_user_id: 'bob', _impersonator_user_id: 'alice' }),
  })
  const opening = async () =>
    app.auth.open(new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } }), { readOnly })
  await expect(opening()).rejects.toMatchObject({ code: 'session_key_refused' })
})

test('a planted cookie hides no old session that came in pieces', async () => {
  const { app, browser } = start()
  const value = browser.cookies.get(OLD) ?? ''
  browser.cookies.set(OLD, 'junk')
  browser.cookies.set(`${OLD}.0`, value.slice(0, 3))
  browser.cookies.set(`${OLD}.1`, value.slice(3))
  expect((await visit(app, browser)).who).toBe('alice')
})

describe('a device that was revoked is not logged in again by its old cookie', () => {
  const stored = (clock?: TestClock) => SESSION_MODES['stored in memory'](clock)

  test.each<[sentence: string, options: object, days: number]>([
    ['while the reason is known', {}, 0],
    ['when it is forgotten', {}, 1.1],
    ['where none is kept', { reasonSeconds: 0 }, 0],
  ])('%s', async (_, options, days) => {
    const { app, browser, clock } = start(stored, {}, options)
    await visit(app, browser)
    const device = browser.copy()
    await app.during(browser.copy(), (auth) => (auth.devices as DeviceList).revokeAll())
    clock.advance(days * DAY)
    expect((await visit(app, device)).who).toBeNull()
  })

  test('but a cookie of our name that another app has set hides no old session', async () => {
    const { app, browser } = start(stored)
    browser.cookies.set('__Host-session', 's:of-another-app')
    expect((await visit(app, browser)).who).toBe('alice')
  })
})

describe.each(Object.entries(SESSION_MODES))('an old session becomes a new one: %s', (_, mode) => {
  test('its user is logged in, with their data, and both cookies are kept for a day', async () => {
    const { app, browser, library, events, clock } = start(mode)
    for (let i = 0; i < 3; i++)
      expect(await visit(app, browser)).toEqual({ who: 'alice', cart: ['book'], ours: 1, old: true })
    expect([events, library.reads, library.sessions.size]).toEqual([['login'], 1, 1])
    clock.advance(DAY / 2)
    await visit(app, browser)
    clock.advance(DAY / 2)
    expect(await visit(app, browser)).toEqual({ who: 'alice', cart: ['book'], ours: 1, old: false })
    expect(library.sessions.size).toBe(0)
    expect(await visit(app, browser)).toMatchObject({ who: 'alice' })
    expect(events).toEqual(['login'])
  })

  test('the login is neither fresh nor by password', async () => {
    const { app, browser } = start(mode)
    const token = await app.during(browser, async (auth) => ({
      ...(await auth.authenticate()),
      isFresh: auth.isFresh,
    }))
    expect(token).toMatchObject({ method: 'migrated', authTime: 0, isFresh: false })
  })

  test('with `keepSeconds: 60` the old one goes with the first request after a minute', async () => {
    const { app, browser, library, clock } = start(mode, { keepSeconds: 60 })
    expect(await visit(app, browser)).toEqual({ who: 'alice', cart: ['book'], ours: 1, old: true })
    clock.advance(60)
    expect(await visit(app, browser)).toEqual({ who: 'alice', cart: ['book'], ours: 1, old: false })
    expect(library.sessions.size).toBe(0)
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', cart: ['book'] })
  })

  test('a visitor without a user keeps their data, and the old session stays', async () => {
    const { app, browser, library, events, clock } = start(mode)
    library.put('of-alice', { cart: ['lamp'] })
    for (let i = 0; i < 3; i++)
      expect(await visit(app, browser)).toEqual({ who: null, cart: ['lamp'], ours: 1, old: true })
    expect(events).toEqual(['no_user'])
    await app.during(browser, ({ session }) => session.set('cart', ['lamp', 'pen']))
    expect(await visit(app, browser)).toMatchObject({ cart: ['lamp', 'pen'] })
    clock.advance(2 * DAY)
    await visit(app, browser)
    expect([browser.cookies.has(OLD), library.sessions.size]).toEqual([true, 1])
  })

  test('a visitor without a user and without data gets no session', async () => {
    const { app, browser, library, events } = start(mode)
    library.put('of-alice', {})
    for (let i = 0; i < 2; i++)
      expect(await visit(app, browser)).toEqual({ who: null, cart: undefined, ours: 0, old: true })
    expect([events, library.sessions.size]).toEqual([['no_user'], 1])
  })

  test('their login takes the data along, and ends the old session', async () => {
    const { app, browser, library } = start(mode)
    library.put('of-alice', { cart: ['lamp'] })
    await visit(app, browser)
    await app.login(browser, 'bob', 'builder')
    expect(await visit(app, browser)).toEqual({ who: 'bob', cart: ['lamp'], ours: 1, old: false })
    expect(library.sessions.size).toBe(0)
  })

  test.each([
    ['alone', 'logout', false],
    ['in a request that fails after it', 'logout', true],
    ['by clearing the session', 'clear', false],
  ])('a logout holds, %s, and no copy of the old cookie logs in again', async (_, how, fails) => {
    for (const isFirst of [true, false]) {
      const { app, browser, library, clock } = start(mode)
      const copy = browser.copy()
      if (!isFirst) await visit(app, browser)
      const leaving = app.during(browser, async (auth) => {
        await (how === 'clear' ? auth.session.clear() : auth.logout())
        if (fails) throw new Error('half-way')
      })
      await (fails ? expect(leaving).rejects.toThrow('half-way') : leaving)
      expect(await visit(app, browser)).toEqual({ who: null, cart: undefined, ours: 0, old: false })
      expect(library.sessions.size).toBe(0)
      // A cookie that nothing can take back, as that of iron-session.
      library.put('of-alice', { userId: 'alice' })
      for (const seconds of [0, 61, DAY]) {
        clock.advance(seconds)
        expect(await visit(app, copy.copy())).toMatchObject({ who: null, ours: 0 })
      }
    }
  })

  test('a login by password ends the old session, so that it does not come back', async () => {
    for (const isFirst of [true, false]) {
      const { app, browser, library } = start(mode)
      const copy = browser.copy()
      if (!isFirst) await visit(app, browser)
      await app.login(browser, 'bob', 'builder')
      expect(await visit(app, browser)).toMatchObject({ who: 'bob', ours: 1, old: false })
      library.put('of-alice', { userId: 'alice' })
      expect(await visit(app, copy)).toMatchObject({ who: null, ours: 0 })
    }
  })

  test.each([
    ['throws', () => Promise.reject(new Error('half-way'))],
    ['changes the session and throws', null],
  ])('a first request that %s costs nothing: the next one logs in', async (_, work) => {
    const { app, browser, library } = start(mode)
    const failing = app.during(browser, async ({ session }) => {
      session.set('cart', [])
      await (work?.() ?? Promise.reject(new Error('half-way')))
    })
    await expect(failing).rejects.toThrow('half-way')
    expect([[...browser.cookies.keys()], library.sessions.size]).toEqual([[OLD], 1])
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', cart: ['book'], ours: 1 })
  })

  test('our session ends by itself: the old one does not log in again', async () => {
    const { app, browser, clock } = start(mode)
    await visit(app, browser)
    clock.advance(1.5 * DAY)
    expect(await visit(app, browser)).toMatchObject({ who: null, old: false })
  })

  test('the browser has lost our session: the old one logs in again, after the minute of the tabs', async () => {
    const { app, browser, clock } = start(mode)
    const restarted = browser.copy()
    await visit(app, browser)
    expect(await visit(app, restarted)).toEqual({ who: 'alice', cart: ['book'], ours: 0, old: true })
    clock.advance(61)
    expect(await visit(app, restarted)).toEqual({ who: 'alice', cart: ['book'], ours: 1, old: true })
  })

  test('a session of ours from a login elsewhere keeps the old one for a day, too', async () => {
    const { app, browser, library, clock } = start(mode)
    const value = browser.cookies.get(OLD) as string
    browser.cookies.clear()
    await app.login(browser, 'bob', 'builder')
    browser.cookies.set(OLD, value)
    expect(await visit(app, browser)).toMatchObject({ who: 'bob', old: true })
    expect(library.reads).toBe(0)
    for (let hours = 0; hours < 24; hours += 12) {
      clock.advance(DAY / 2)
      await visit(app, browser)
    }
    expect(await visit(app, browser)).toMatchObject({ who: 'bob', old: false })
  })
})

describe('nothing old is lost before the new session is saved', () => {
  const never = (): Promise<never> => new Promise(() => {})

  test.each<[sentence: string, change: Change]>([
    ['its store rejects', { read: () => Promise.reject(new Error('down')) }],
    [
      'its store throws at once',
      {
        read: () => {
          throw new Error('down')
        },
      },
    ],
    ['its store does not answer', { read: never }],
    ['the users reject', { findUser: () => Promise.reject(new Error('down')) }],
    ['the users do not answer', { findUser: never }],
  ])('%s: 503, an event, and the old cookie stays', async (_, change) => {
    const { browser, library, events } = start(SESSION_MODES.sealed, change, { timeLimitSeconds: 0.02 })
    for (let i = 0; i < 2; i++) expect(await status(browser)).toBe(503)
    expect(events).toEqual(['read_failed', 'read_failed'])
    expect([[...browser.cookies.keys()], library.sessions.size]).toEqual([[OLD], 1])
  })

  test('a store that is back logs in as if nothing had been', async () => {
    const { app, browser, library } = start()
    library.before = () => Promise.reject(new Error('down'))
    expect(await status(browser)).toBe(503)
    library.before = () => {}
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
  })

  test('an old store that is down does not concern a browser that has our session', async () => {
    const { app, browser, library } = start()
    await visit(app, browser)
    library.before = () => Promise.reject(new Error('down'))
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1, old: true })
  })

  test('there is no such session: anonymous, and the cookie stays', async () => {
    const { app, browser, library, events } = start()
    library.sessions.clear()
    expect(await visit(app, browser)).toEqual({ who: null, cart: undefined, ours: 0, old: true })
    expect(events).toEqual([])
  })

  test('it names no user: an event a minute, and nothing is destroyed', async () => {
    const { app, browser, library, events, clock } = start(SESSION_MODES.sealed, {
      findUser: () => null,
      dataOf: () => null,
    })
    for (let i = 0; i < 3; i++)
      expect(await visit(app, browser)).toMatchObject({ who: null, ours: 0, old: true })
    expect(events).toEqual(['no_user'])
    clock.advance(61)
    await visit(app, browser)
    expect(events).toEqual(['no_user', 'no_user'])
    expect(library.sessions.size).toBe(1)
  })

  test.each([
    ['a disabled user', 'carol', {}],
    ['a guard', 'alice', { guards: [() => 'too late'] }],
    ['a second factor', 'alice', { secondFactor: () => true }],
  ])('refused by %s: one event a minute, and nothing is destroyed', async (_, userId, options) => {
    const { app, browser, library, events } = start(SESSION_MODES.sealed, {}, options)
    library.put('of-alice', { userId })
    for (let i = 0; i < 3; i++)
      expect(await visit(app, browser)).toMatchObject({ who: null, ours: 0, old: true })
    expect(events).toEqual('secondFactor' in options ? [] : ['login_rejected'])
    expect(library.sessions.size).toBe(1)
  })

  test('a refusal is told once, also of requests that ask at the same time', async () => {
    let asked = 0
    let answer = (): void => {}
    const both = new Promise<void>((resolve) => {
      answer = resolve
    })
    const guard = async () => {
      if (++asked === 2) answer()
      await both
      return 'too late'
    }
    const { app, browser, events } = start(SESSION_MODES.sealed, {}, { guards: [guard] })
    expect(await Promise.all([app.whoIs(browser), app.whoIs(browser.copy())])).toEqual([null, null])
    expect(events).toEqual(['login_rejected'])
  })

  test('a guard that throws reaches the caller, and is asked again', async () => {
    let isDown = true
    const guard = () => {
      if (isDown) throw new Error('down')
    }
    const { app, browser } = start(SESSION_MODES.sealed, {}, { guards: [guard] })
    expect(await status(browser)).toBe(500)
    isDown = false
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
  })

  test('our store is down while the session is saved: 503, and the next request logs in', async () => {
    const store = memoryRecords()
    let isDown = false
    const wild = new Proxy(store, {
      get: (target, name: 'create') =>
        name === 'create' && isDown
          ? () => Promise.reject(new Error('down'))
          : (target[name]?.bind?.(target) as never),
    })
    const { app, browser, library } = start(() => ({ sessions: storedSessions(wild) }))
    const failing = app.during(browser, () => {
      isDown = true
    })
    await expect(failing).rejects.toMatchObject({ code: 'backend_failed' })
    isDown = false
    expect([[...browser.cookies.keys()], library.sessions.size]).toEqual([[OLD], 1])
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
  })

  test('data that fit into no cookie: an error that says so, and nothing is lost', async () => {
    const { browser, library } = start()
    library.put('of-alice', { userId: 'alice', cart: 'x'.repeat(5000) })
    expect(await status(browser)).toBe(500)
    expect([[...browser.cookies.keys()], library.sessions.size]).toEqual([[OLD], 1])
  })
})

describe('the end of an old session that fails', () => {
  test('at a logout: 503, an event, and all cookies are gone', async () => {
    const { app, browser, library, events } = start()
    await visit(app, browser)
    library.before = (step) => (step === 'end' ? Promise.reject(new Error('down')) : undefined)
    const logout = await app.during(browser, (auth) => auth.logout()).catch((error: unknown) => error)
    expect(logout).toMatchObject({ code: 'backend_failed' })
    expect(events).toEqual(['login', 'logout', 'end_failed'])
    library.before = () => {}
    expect(await visit(app, browser)).toMatchObject({ who: null, ours: 0, old: false })
  })

  test('otherwise: an event, the old cookie is gone, and the request is answered', async () => {
    const { app, browser, library, events, clock } = start(SESSION_MODES.sealed, { keepSeconds: 60 })
    const copy = browser.copy()
    await visit(app, browser)
    clock.advance(60)
    library.before = (step) => (step === 'end' ? Promise.reject(new Error('down')) : undefined)
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1, old: false })
    expect(events).toEqual(['login', 'end_failed'])
    expect(await visit(app, copy)).toMatchObject({ who: null })
  })
})

describe('what a stranger sends as an old cookie', () => {
  test.each([
    ['nothing', ''],
    ['a percent sign', '%'],
    ['broken percent-coding', '%E0%A4'],
    ['the name of every object’s prototype', '__proto__'],
    ['12,000 characters', 'x'.repeat(12_000)],
    ['12,000 semicolons', ';'.repeat(12_000)],
    ['chunks that lead to nothing', `x; ${OLD}.0=a; ${OLD}.3=b`],
    ['eight values', Array.from({ length: 8 }, (_, i) => `v${i}`).join(`; ${OLD}=`)],
  ])('%s: anonymous, nothing is noted, nothing is set', async (_, value) => {
    const records = memoryRecords()
    const { app, browser, events } = start(SESSION_MODES.sealed, {}, { records })
    browser.cookies.set(OLD, value)
    const answer = await browser.get('/')
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
    expect(await app.whoIs(browser)).toBeNull()
    await app.during(browser, (auth) => auth.logout())
    expect([records.size, events]).toEqual([0, ['logout']])
  })

  test('a thousand values: eight are read', async () => {
    const { browser, library } = start()
    browser.cookies.set(OLD, Array.from({ length: 1000 }, (_, i) => `v${i}`).join(`; ${OLD}=`))
    await browser.get('/')
    expect(library.reads).toBe(8)
  })

  test('of two cookies with one name the one with a user counts, also if the other cannot be read', async () => {
    for (const order of [`stale; ${OLD}=of-alice`, `of-alice; ${OLD}=stale`]) {
      const { app, browser, library } = start()
      library.before = (_, value) => (value === 'stale' ? Promise.reject(new Error('down')) : undefined)
      browser.cookies.set(OLD, order)
      expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
    }
  })

  test('a session in chunks is joined, and all chunks are removed', async () => {
    const { app, browser, library } = start()
    browser.cookies.clear()
    browser.cookies.set(`${OLD}.0`, 'of-')
    browser.cookies.set(`${OLD}.1`, 'alice')
    expect(await visit(app, browser)).toMatchObject({ who: 'alice' })
    await app.login(browser, 'alice', 'wonderland')
    expect(sessionCookies(browser)).toEqual(['__Host-session'])
    expect(library.sessions.size).toBe(0)
  })

  test('one that was planted beside a session of ours is not looked at', async () => {
    const { app, browser, library } = start()
    browser.cookies.clear()
    await app.login(browser, 'bob', 'builder')
    browser.cookies.set(OLD, 'of-alice')
    expect(await visit(app, browser)).toMatchObject({ who: 'bob' })
    expect(library.reads).toBe(0)
  })

  test('a copy that is used elsewhere is as good as it was, until its owner logs out', async () => {
    const { app, browser, clock } = start()
    const thief = browser.copy()
    await visit(app, browser)
    clock.advance(61)
    expect(await visit(app, thief)).toMatchObject({ who: 'alice' })
    const late = new TestBrowser((request) => app.handle(request), ORIGIN)
    late.cookies.set(OLD, 'of-alice')
    await app.during(browser, (auth) => auth.logout())
    expect(await visit(app, late)).toMatchObject({ who: null, ours: 0 })
  })

  test('data under the library’s own keys are refused', async () => {
    const { browser } = start(SESSION_MODES.sealed, { dataOf: () => ({ _auth_user_id: 'bob' }) })
    expect(await status(browser)).toBe(500)
    expect([...browser.cookies.keys()]).toEqual([OLD])
  })

  test('a cookie of our name that is not ours does not hide the old one', async () => {
    const { app, browser } = start()
    browser.cookies.set('__Host-session', 'rubbish')
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
  })
})

describe('a request with an old session', () => {
  const protectedApp = (path: string, options: object = {}) => {
    const library = new OldLibrary()
    library.put('of-alice', { userId: 'alice' })
    const users = [{ user: { id: 'alice', hashedPassword: 'plain:wonderland' }, username: 'alice' }]
    const auth = createAuth({
      secret: SECRET,
      origin: ORIGIN,
      users: memoryUsers(users),
      passwords: plain,
      protect: protectPaths({ exclude: ['/login'], redirectTo: '/login' }),
      migrate: library.migrate() as never,
      ...options,
    })
    const browser = new TestBrowser(
      withAuth(auth, async (_, { auth }) => Response.json({ user: (await auth.authenticate()).userId })),
      ORIGIN,
    )
    browser.cookies.set(OLD, 'of-alice')
    return { browser, get: () => browser.get(path, { accept: 'text/html' }) }
  }

  test('passes a protected path at once', async () => {
    const { get, browser } = protectedApp('/app')
    expect(await (await get()).json()).toEqual({ user: 'alice' })
    expect(browser.cookies.has('__Host-session')).toBe(true)
  })

  test('that a path rule refuses all the same still gets its session', async () => {
    const { get, browser } = protectedApp('/app', {
      protect: protectPaths({ exclude: ['/login'], scopes: ['admin'] }),
    })
    expect((await get()).status).toBe(403)
    expect(browser.cookies.has('__Host-session')).toBe(true)
  })

  test('and a token is who the token says, and its session is migrated', async () => {
    const library = new OldLibrary()
    library.put('of-alice', { userId: 'alice' })
    const users = ['alice', 'bob'].map((id) => ({
      user: { id, hashedPassword: `plain:${id}` },
      username: id,
      tokens: [`token-of-${id}`],
    }))
    const auth = createAuth({
      secret: SECRET,
      origin: ORIGIN,
      users: memoryUsers(users),
      passwords: plain,
      authenticators: [bearerAuthenticator(), sessionAuthenticator()],
      migrate: library.migrate({ findUser: () => users[0]?.user }) as never,
    })
    const browser = new TestBrowser(
      withAuth(auth, async (_, { auth }) => Response.json({ user: (await auth.authenticate()).userId })),
      ORIGIN,
    )
    browser.cookies.set(OLD, 'of-alice')
    const asked = await browser.get('/', { authorization: 'Bearer token-of-bob' })
    expect(await asked.json()).toEqual({ user: 'bob' })
    expect(await (await browser.get('/')).json()).toEqual({ user: 'alice' })
  })

  test('of another site is refused, also with a token: the old cookie came by itself', async () => {
    const { app, browser } = start(
      SESSION_MODES.sealed,
      {},
      {
        authenticators: [bearerAuthenticator(), sessionAuthenticator()],
        users: { findById: () => null, findByUsername: () => null, findByToken: () => null },
      },
    )
    const authorization = 'Bearer token'
    const foreign = { authorization, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
    expect((await browser.post('/', {}, foreign)).status).toBe(403)
    expect([...browser.cookies.keys()]).toEqual([OLD])
    expect((await app.browser().post('/', {}, foreign)).status).toBe(200)
  })

  test('that only reads is shown the user, and uses nothing up; who can save takes over', async () => {
    const { app, browser, library } = start(SESSION_MODES['stored in memory'])
    const request = new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } })
    const open = async (readOnly: boolean, key: object) => {
      const visit = await app.auth.open(request, { readOnly, key })
      if (visit instanceof Response) throw new Error('refused')
      return visit
    }
    const one = {}
    const readers = await Promise.all([open(true, one), open(true, one)])
    for (const { auth } of readers) expect((await auth.authenticate()).userId).toBe('alice')
    expect(library.reads).toBe(1)
    const saver = await open(false, one)
    expect((await saver.auth.authenticate()).userId).toBe('alice')
    expect((await saver.close({ failed: false })).cookies.map(({ name }) => name)).toEqual(['__Host-session'])
    expect(await (await open(true, {})).auth.session.get('cart')).toEqual(['book'])
  })
})

describe('an inner request of the same app', () => {
  test.each(Object.entries(SESSION_MODES))(
    'that logs out is not undone by the outer one: %s',
    async (_, mode) => {
      const { app, browser } = start(mode)
      await app.during(browser, async (auth) => {
        await auth.authenticate()
        // Its response, and the cookies on it, are lost.
        await app.during(browser.copy(), (inner) => inner.logout())
        auth.session.set('late', 1)
      })
      expect(await visit(app, browser)).toMatchObject({ who: null, ours: 0 })
    },
  )
})

describe('the options', () => {
  const good = { cookie: { name: OLD }, read: () => null, findUser: (): TestUser | null => null }

  test.each<[sentence: string, make: () => unknown, message: RegExp]>([
    ['an unknown one', () => migrateSession({ ...good, ends: () => {} } as never), /`ends`/],
    ['no reader', () => migrateSession({ ...good, read: undefined } as never), /`read`/],
    ['no users', () => migrateSession({ ...good, findUser: undefined } as never), /`findUser`/],
    ['no cookie', () => migrateSession({ ...good, cookie: {} } as never), /`cookie`/],
    ['an end that is none', () => migrateSession({ ...good, end: true } as never), /`end`/],
    [
      'a time that is too short for tabs',
      () => migrateSession({ ...good, keepSeconds: 59 }),
      /`keepSeconds`/,
    ],
    ['the options themselves', () => testApp({ migrate: good as never }), /`migrate` must be migrateSession/],
    ['records that are none', () => testApp({ records: {} as never }), /`records`/],
    [
      'an old cookie with our name',
      () =>
        testApp({
          origin: 'http://localhost:3000',
          migrate: migrateSession({ ...good, cookie: { name: 'session' } }),
        }),
      /both be called "session"/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  test('an old cookie called `session` is no trouble where ours has another name', () => {
    testApp({ migrate: migrateSession({ ...good, cookie: { name: 'session' } }) })
  })

  test('the old cookie is removed under its path and domain', async () => {
    const { browser, app, clock } = start(SESSION_MODES.sealed, {
      cookie: { name: OLD, path: '/app', domain: 'app.test' },
    })
    await visit(app, browser)
    clock.advance(DAY - 1)
    await visit(app, browser)
    clock.advance(1)
    const answer = await app.handle(new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } }))
    expect(answer.headers.getSetCookie()).toContain(
      `${OLD}=; Path=/app; Domain=app.test; HttpOnly; Secure; SameSite=Lax; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
    )
  })

  test('`login` may keep the user logged in', async () => {
    const { app, browser, clock } = start(SESSION_MODES.sealed, { login: () => ({ remember: true }) })
    const answer = await app.handle(new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } }))
    expect(answer.headers.getSetCookie()[0]).toContain('; Max-Age=2592000')
    expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 0 })
    clock.advance(61)
    await visit(app, browser)
    clock.advance(20 * DAY)
    expect(await visit(app, browser)).toMatchObject({ who: 'alice' })
  })

  test('`login` is given to the login', async () => {
    const { app, browser, clock } = start(
      SESSION_MODES.sealed,
      {
        login: () => ({ authTime: 5, method: 'sso', secondFactorDone: true }),
      },
      { secondFactor: () => true },
    )
    const copy = browser.copy()
    for (const one of [browser, copy]) {
      const token = await app.during(one, async (auth) => ({ ...(await auth.authenticate()) }))
      expect(token).toMatchObject({ userId: 'alice', method: 'sso', authTime: 5 })
    }
    clock.advance(1)
  })

  test('one record store of several apps keeps their notes apart', async () => {
    const records = memoryRecords()
    for (const namespace of ['one', 'two']) {
      const { app, browser } = start(SESSION_MODES.sealed, {}, { records, namespace })
      expect(await visit(app, browser)).toMatchObject({ who: 'alice', ours: 1 })
    }
  })

  test('a limit on sessions counts one for all tabs', async () => {
    const { app, browser } = start((clock) => ({
      sessions: storedSessions(memoryRecords(clock ? { now: clock.now } : {}), {
        maxSessionsPerUser: 1,
        onLimit: 'refuse',
      }),
    }))
    const tabs = [browser.copy(), browser.copy(), browser.copy()]
    for (const tab of tabs) expect(await visit(app, tab)).toMatchObject({ who: 'alice' })
  })
})

test('a logout in one process wins against a first request in another that answers later, and shares nothing', async () => {
  const clock = testClock()
  const library = new OldLibrary()
  const [here, there] = [1, 2].map(() =>
    testApp({ sessions: sealedSessions(), migrate: library.migrate() }, clock),
  )
  const browser = (here as TestApp).browser()
  browser.cookies.set(OLD, library.put('of-alice', { userId: 'alice' }))
  const headers = { cookie: browser.cookieHeader }
  const late = await (there as TestApp).auth.open(new Request(ORIGIN, { headers }))
  clock.advance(1)
  await (here as TestApp).during(browser, (auth) => auth.logout())
  clock.advance(1)
  if (late instanceof Response) throw new Error('refused')
  for (const { name, value } of (await late.close({ failed: false })).cookies)
    browser.cookies.set(name, value)
  expect(browser.cookies.has('__Host-session')).toBe(true)
  for (const app of [here, there])
    expect(
      await (app as TestApp).whoIs(Object.assign((app as TestApp).browser(), { cookies: browser.cookies })),
    ).toBeNull()
})

test('sealed sessions without a list that all processes share', async () => {
  const { app, browser } = start(() => ({ sessions: sealedSessions({ listBytes: 0 }) }))
  await visit(app, browser)
  await app.during(browser, (auth) => auth.logout())
  expect(await visit(app, browser)).toMatchObject({ who: null, ours: 0, old: false })
})
