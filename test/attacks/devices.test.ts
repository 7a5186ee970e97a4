import {
  createAuth,
  type DeviceList,
  type IndexedRecordStore,
  type IndexedSessionOptions,
  memoryRecords,
  type RecordStore,
  type RequestAuth,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, plain, SECRET, type TestUser, Users } from '../app.ts'

type Auth = RequestAuth<TestUser, DeviceList>

function start(options: IndexedSessionOptions = {}, cookieName = 'session', records?: IndexedRecordStore) {
  const clock = testClock()
  const store = records ?? memoryRecords({ now: clock.now })
  const ids: string[] = []
  const create = store.create.bind(store)
  store.create = (id, record) => {
    ids.push(id)
    return create(id, record)
  }
  const events: Record<string, unknown>[] = []
  const users = new Users()
  const auth = createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    sessions: storedSessions(store, options),
    cookie: { name: cookieName },
    touchSeconds: 0,
    trustProxy: 1,
    now: clock.now,
    onEvent: (event) => events.push(event),
  })
  let work: (auth: Auth) => unknown = () => {}
  const handle = withAuth(auth, async (_, { auth: current }) => Response.json((await work(current)) ?? null))
  const during = async (browser: TestBrowser, use: (auth: Auth) => unknown, headers = {}) => {
    work = use
    return (await browser.post('/', {}, headers)).json()
  }
  const login = async (username: string, headers = {}): Promise<TestBrowser> => {
    const browser = new TestBrowser(handle, ORIGIN)
    const passwords: Record<string, string> = { alice: 'wonderland', bob: 'builder', sso: '-' }
    clock.advance(1)
    await during(browser, (current) => current.login(username, passwords[username] ?? 'question'), headers)
    return browser
  }
  const whoIs = (browser: TestBrowser) => during(browser, async (a) => (await a.authenticate()).userId)
  const list = (browser: TestBrowser) => during(browser, (a) => a.devices.listSessions())
  return {
    clock,
    store,
    ids,
    events,
    users,
    during,
    login,
    whoIs,
    list,
    visitor: () => new TestBrowser(handle, ORIGIN),
  }
}

describe('the list of devices', () => {
  test('shows where its user is logged in, and which one this is', async () => {
    const { login, list } = start()
    const here = await login('alice')
    await login('alice')
    await login('bob')
    const listed = (await list(here)) as Record<string, unknown>[]
    expect(listed.map(({ current }) => current).sort()).toEqual([false, true])
    expect(listed[0]).toMatchObject({ method: 'password', createdAt: expect.any(Number) })
  })

  test('begins with the one that was used last', async () => {
    const { login, list, whoIs, clock } = start()
    const [first, second] = [await login('alice'), await login('alice')]
    clock.advance(60)
    await whoIs(first)
    expect(await list(second)).toMatchObject([{ current: false }, { current: true }])
    clock.advance(60)
    await whoIs(second)
    expect(await list(second)).toMatchObject([{ current: true }, { current: false }])
  })

  test('holds no credential: neither token nor id, and no handle opens anything', async () => {
    const { login, list, whoIs, ids, visitor } = start()
    const browser = await login('alice')
    const [name = '', token = ''] = [...browser.cookies][0] ?? []
    const text = JSON.stringify(await list(browser))
    const { handle } = (JSON.parse(text) as { handle: string }[])[0] ?? { handle: '' }
    expect(text).not.toContain(token)
    expect(ids).toHaveLength(1)
    for (const id of ids) {
      expect(text).not.toContain(id)
      const thief = visitor()
      thief.cookies.set(name, id)
      expect(await whoIs(thief)).toBeNull()
    }
    const thief = visitor()
    thief.cookies.set(name, handle.padEnd(43, 'A'))
    expect(await whoIs(thief)).toBeNull()
  })

  test('is empty for a visitor, who can end nothing', async () => {
    const { login, list, during, visitor, whoIs } = start()
    const alice = await login('alice')
    const [device] = (await list(alice)) as { handle: string }[]
    const nobody = visitor()
    expect(await list(nobody)).toEqual([])
    expect(await during(nobody, ({ devices }) => devices.revokeSession(device?.handle))).toBe(false)
    expect(await during(nobody, ({ devices }) => devices.revokeAll())).toBe(0)
    expect(await during(nobody, ({ devices }) => devices.revokeOthers())).toBe(0)
    expect(await whoIs(alice)).toBe('alice')
  })

  test('shows no session that has ended: by time, by logout, by another id', async () => {
    const { login, list, during, clock } = start()
    await login('alice')
    clock.advance(86_400)
    const out = await login('alice')
    await during(out, (auth) => auth.logout())
    const here = await login('alice')
    await during(here, (auth) => auth.reauthenticate('wonderland'))
    expect(await list(here)).toHaveLength(1)
  })

  test('shows no session of before a change of password, or of an epoch', async () => {
    const { login, list, during, users } = start()
    const [here] = [await login('alice'), await login('alice')]
    await during(here, (auth) => auth.authenticate())
    await during(here, (auth) => auth.passwordChanged(users.change('alice', { hashedPassword: 'plain:new' })))
    expect(await list(here)).toMatchObject([{ current: true }])
    await during(here, (auth) => auth.passwordChanged(users.change('alice', { sessionEpoch: 7 })))
    expect(await list(here)).toMatchObject([{ current: true }])
  })

  test('keeps address and user agent only where it is told to, cut to size, and not in reach of the app', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Agent '.repeat(100) }
    const silent = start()
    expect(await silent.list(await silent.login('alice', headers))).toEqual([
      expect.not.objectContaining({ address: expect.anything(), userAgent: expect.anything() }),
    ])
    const asked = start({ keepAddress: true, keepUserAgent: true })
    const browser = await asked.login('alice', headers)
    expect(await asked.list(browser)).toMatchObject([
      { address: '203.0.113.7', userAgent: 'Agent '.repeat(100).slice(0, 256) },
    ])
    expect(await asked.during(browser, ({ session }) => session.all())).toEqual({})
  })
})

describe('revoking', () => {
  test('ends the session that is named, at once, and no other', async () => {
    const { login, list, during, whoIs } = start()
    const [here, there] = [await login('alice'), await login('alice')]
    const other = ((await list(here)) as { current: boolean; handle: string }[]).find(
      ({ current }) => !current,
    )
    expect(await during(here, ({ devices }) => devices.revokeSession(other?.handle))).toBe(true)
    expect(await whoIs(there)).toBeNull()
    expect(await whoIs(here)).toBe('alice')
  })

  test('of this very session is a logout', async () => {
    const { login, list, during, events } = start()
    const here = await login('alice')
    const [own] = (await list(here)) as { handle: string }[]
    await during(here, ({ devices }) => devices.revokeSession(own?.handle))
    expect(here.cookies.size).toBe(0)
    expect(events.map(({ type }) => type)).toContain('logout')
    expect(events.at(-1)).toMatchObject({ type: 'session_revoked', userId: 'alice', actor: 'alice' })
  })

  test("never reaches another user's session, whatever the handle", async () => {
    const { login, list, during, whoIs } = start()
    const [alice, bob] = [await login('alice'), await login('bob')]
    const [ofBob] = (await list(bob)) as { handle: string }[]
    for (const handle of [ofBob?.handle, '', '*', undefined, null, 42, {}, [ofBob?.handle]]) {
      expect(await during(alice, ({ devices }) => devices.revokeSession(handle))).toBe(false)
    }
    expect(await whoIs(bob)).toBe('bob')
  })

  test('the others leaves this one', async () => {
    const { login, during, whoIs } = start()
    const [here, there, third, bob] = [
      await login('alice'),
      await login('alice'),
      await login('alice'),
      await login('bob'),
    ]
    expect(await during(here as TestBrowser, ({ devices }) => devices.revokeOthers())).toBe(2)
    expect(await whoIs(here as TestBrowser)).toBe('alice')
    for (const ended of [there, third]) expect(await whoIs(ended as TestBrowser)).toBeNull()
    expect(await whoIs(bob as TestBrowser)).toBe('bob')
  })

  test('the others leaves this one also from a request whose id was just rotated', async () => {
    const { login, during, whoIs } = start()
    const here = await login('alice')
    const before = here.copy()
    await during(here, (auth) => auth.reauthenticate('wonderland'))
    await during(before, ({ devices }) => devices.revokeOthers())
    expect(await whoIs(here)).toBe('alice')
  })

  test('the others leaves this one also where its id is rotated in the middle', async () => {
    const { login, during, whoIs } = start()
    const here = await login('alice')
    const same = here.copy()
    await during(same, async ({ session, devices }) => {
      await session.get('a')
      await during(here, (auth) => auth.reauthenticate('wonderland'))
      await devices.revokeOthers()
    })
    expect(await whoIs(here)).toBe('alice')
  })

  test('all ends all, this one too', async () => {
    const { login, during, whoIs } = start()
    const [here, there] = [await login('alice'), await login('alice')]
    expect(await during(here, ({ devices }) => devices.revokeAll())).toBe(2)
    expect(here.cookies.size).toBe(0)
    for (const browser of [here, there]) expect(await whoIs(browser)).toBeNull()
  })

  test('all of 42 leaves "42": they are two users', async () => {
    const { login, during, whoIs } = start()
    const [number, text] = [await login('answer'), await login('text')]
    await during(number, ({ devices }) => devices.revokeAll())
    expect(await whoIs(text)).toBe('42')
  })

  test('all leaves a user of the same id in another app over the same store', async () => {
    const one = start()
    const two = start({}, 'other', one.store)
    const [here, there] = [await one.login('alice'), await two.login('alice')]
    expect(await one.list(here)).toHaveLength(1)
    await one.during(here, ({ devices }) => devices.revokeAll())
    expect(await two.whoIs(there)).toBe('alice')
  })

  test("for another user is an administrator's, and the event names both", async () => {
    const { login, during, whoIs, events } = start()
    const [admin, victim] = [await login('bob'), await login('alice')]
    const listed = (await during(admin, ({ devices }) => devices.of('alice').listSessions())) as {
      current: boolean
    }[]
    expect(listed).toMatchObject([{ current: false }])
    expect(await during(admin, ({ devices }) => devices.of('alice').revokeAll())).toBe(1)
    expect(await whoIs(victim)).toBeNull()
    expect(await whoIs(admin)).toBe('bob')
    expect(events.at(-1)).toMatchObject({
      type: 'session_revoked',
      userId: 'alice',
      actor: 'bob',
      reason: 'revoked_all',
    })
  })

  test('wins against a request that writes meanwhile', async () => {
    const { login, during, whoIs } = start()
    const [here, there] = [await login('alice'), await login('alice')]
    const before = there.copy()
    await during(there, async ({ session }) => {
      await session.get('a')
      session.set('a', 1)
      await during(here, ({ devices }) => devices.revokeOthers())
    })
    for (const browser of [there, before]) expect(await whoIs(browser)).toBeNull()
  })
})

describe('a limit on sessions', () => {
  test('ends the one that was not used for the longest time', async () => {
    const { login, whoIs, clock, events } = start({ maxSessionsPerUser: 2 })
    const [first, second] = [await login('alice'), await login('alice')]
    clock.advance(60)
    await whoIs(first)
    const third = await login('alice')
    expect(await whoIs(first)).toBe('alice')
    expect(await whoIs(second)).toBeNull()
    expect(await whoIs(third)).toBe('alice')
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'session_revoked', reason: 'too_many_sessions', userId: 'alice' }),
    )
  })

  test('that is new ends what is too much in parallel, however much it is', async () => {
    const { login, store, list } = start()
    for (let i = 0; i < 120; i++) await login('alice')
    const limited = start({ maxSessionsPerUser: 5 }, 'session', store)
    limited.clock.advance(120)
    let underWay = 0
    let most = 0
    const remove = store.delete.bind(store)
    store.delete = async (...args) => {
      most = Math.max(most, ++underWay)
      await null
      underWay--
      return remove(...args)
    }
    const browser = await limited.login('alice')
    expect(await limited.list(browser)).toHaveLength(5)
    expect(await list(browser)).toHaveLength(5)
    expect(most).toBe(50)
  })

  test('counts each user for himself', async () => {
    const { login, whoIs } = start({ maxSessionsPerUser: 1 })
    const [alice, bob] = [await login('alice'), await login('bob')]
    expect([await whoIs(alice), await whoIs(bob)]).toEqual(['alice', 'bob'])
  })

  test('holds for logins at the same time', async () => {
    const { login, whoIs } = start({ maxSessionsPerUser: 3 })
    const browsers = await Promise.all(Array.from({ length: 10 }, () => login('alice')))
    const alive = []
    for (const browser of browsers) if ((await whoIs(browser)) === 'alice') alive.push(browser)
    expect(alive.length).toBeLessThanOrEqual(3)
    expect(alive.length).toBeGreaterThan(0)
  })

  test('can refuse instead, with a reason, and takes a logout into account', async () => {
    const { login, during, visitor, whoIs } = start({ maxSessionsPerUser: 1, onLimit: 'refuse' })
    const first = await login('alice')
    const second = visitor()
    const refused = { ok: false, code: 'rejected', reason: 'too_many_sessions' }
    expect(await during(second, (auth) => auth.login('alice', 'wonderland'))).toEqual(refused)
    expect(await whoIs(first)).toBe('alice')
    await during(first, (auth) => auth.logout())
    expect(await during(second, (auth) => auth.login('alice', 'wonderland'))).toMatchObject({ ok: true })
  })

  test.each([
    ['a change of password', { hashedPassword: 'plain:new' }, 'new'],
    ['a raised epoch', { sessionEpoch: 1 }, 'wonderland'],
  ])('does not count what %s has ended', async (_, change, password) => {
    const { login, during, visitor, whoIs, users, list } = start({ maxSessionsPerUser: 2, onLimit: 'refuse' })
    for (const lost of [await login('alice'), await login('alice')]) expect(await whoIs(lost)).toBe('alice')
    users.change('alice', change)
    const [first, second, third] = [visitor(), visitor(), visitor()]
    for (const browser of [first, second])
      expect(await during(browser, (auth) => auth.login('alice', password))).toMatchObject({ ok: true })
    expect(await during(third, (auth) => auth.login('alice', password))).toMatchObject({ ok: false })
    expect(await whoIs(first)).toBe('alice')
    expect(await list(second)).toHaveLength(2)
  })

  test.each(['refuse', 'end_least_recent'] as const)(
    'ends first what a change of password has ended, not the session that it was changed in: %s',
    async (onLimit) => {
      const { login, during, visitor, whoIs, users, clock } = start({ maxSessionsPerUser: 2, onLimit })
      const here = await login('alice')
      clock.advance(600)
      const thief = await login('alice')
      clock.advance(10)
      const changed = users.change('alice', { hashedPassword: 'plain:new' })
      await during(here, (auth) => auth.passwordChanged(changed))
      clock.advance(10)
      const phone = visitor()
      await during(phone, (auth) => auth.login('alice', 'new'))
      expect(await whoIs(here)).toBe('alice')
      expect(await whoIs(phone)).toBe('alice')
      expect(await whoIs(thief)).toBeNull()
    },
  )

  test('ends nobody by what was known of the user a moment ago', async () => {
    const { login, during, visitor, whoIs, users } = start({ maxSessionsPerUser: 3, onLimit: 'refuse' })
    const here = await login('alice')
    const stale = users.named('alice')
    const changed = users.change('alice', { hashedPassword: 'plain:new' })
    await during(here, (auth) => auth.passwordChanged(changed))
    // As a replica that lags behind has it.
    users.change('alice', stale)
    await during(visitor(), (auth) => auth.login('alice', 'wonderland'))
    users.change('alice', changed)
    expect(await whoIs(here)).toBe('alice')
  })

  test('does not count the session that a login replaces', async () => {
    const { login, during } = start({ maxSessionsPerUser: 1, onLimit: 'refuse' })
    const browser = await login('alice')
    expect(await during(browser, (auth) => auth.login('alice', 'wonderland'))).toMatchObject({ ok: true })
  })

  test('ends nothing for a password alone: a wrong one, or one that a guard refuses', async () => {
    const { login, during, visitor, whoIs } = start({ maxSessionsPerUser: 1 })
    const alice = await login('alice')
    await during(visitor(), (auth) => auth.login('alice', 'wrong'))
    await during(visitor(), (auth) => auth.login('alice', 'wonderland', { guards: [() => 'no'] }))
    expect(await whoIs(alice)).toBe('alice')
  })

  test.each([
    [{ maxSessionsPerUser: 0 }, '`maxSessionsPerUser`'],
    [{ maxSessionsPerUser: 1.5 }, '`maxSessionsPerUser`'],
    [{ onLimit: 'refuse' }, '`onLimit`'],
    [{ maxSessionsPerUser: 1, onLimit: 'other' }, '`onLimit`'],
    [{ keepAddress: 'yes' }, '`keepAddress`'],
    [{ maxPerUsers: 1 }, 'maxPerUsers'],
  ])('refuses %j when built', (options, named) => {
    expect(() => storedSessions(memoryRecords(), options as never)).toThrow(named)
  })

  test('is refused for a store that cannot list, naming the option', () => {
    const { read, create, update, supersede, delete: remove } = memoryRecords()
    const bare = { read, create, update, supersede, delete: remove } as RecordStore
    const untyped = storedSessions as (store: RecordStore, options: object) => unknown
    expect(() => untyped(bare, { maxSessionsPerUser: 1 })).toThrow('`maxSessionsPerUser`')
  })
})

describe('what cannot list has no list, and the compiler knows', () => {
  const options = { secret: SECRET, users: new Users().provider, passwords: plain }
  const request = new Request(ORIGIN)

  test('sealed sessions', () => {
    const { devices } = opened(createAuth({ ...options, sessions: sealedSessions() }), request).auth
    // @ts-expect-error there is no list
    expect(() => devices.listSessions()).toThrow(TypeError)
  })

  test('a store without an index', () => {
    const { read, create, update, supersede, delete: remove } = memoryRecords()
    const bare: RecordStore = { read, create, update, supersede, delete: remove }
    const { devices } = opened(createAuth({ ...options, sessions: storedSessions(bare) }), request).auth
    // @ts-expect-error there is no list
    expect(() => devices.listSessions()).toThrow(TypeError)
  })
})
