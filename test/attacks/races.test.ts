import {
  type DeviceList,
  type IndexedRecordStore,
  type RequestAuth,
  type SessionStrategy,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import type { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, type TestApp, type TestUser } from '../app.ts'
import { inAnyOrder } from './in-any-order.ts'

type Auth = RequestAuth<TestUser>

const set =
  (key: string) =>
  async (auth: Auth): Promise<void> => {
    await auth.authenticate()
    auth.session.set(key, 1)
  }
const logout = (auth: Auth): Promise<void> => auth.logout()
const read = async (auth: Auth): Promise<unknown> => auth.authenticate()
const rotate = async (auth: Auth): Promise<void> => {
  await auth.authenticate()
  auth.session.regenerateId()
}

const MODES: readonly [name: string, over: (store: IndexedRecordStore) => SessionStrategy][] = [
  ['stored', (store) => storedSessions(store)],
  ['sealed with a revocation list', (revocation) => sealedSessions({ revocation })],
]

describe.each(MODES)('a logout wins against every request that is under way: %s', (_, over) => {
  const rows: readonly [sentence: string, rival: (auth: Auth) => Promise<unknown>][] = [
    ['one that writes', set('late')],
    ['one that only reads, and renews', read],
    ['one that regenerates the id', rotate],
    [
      'one that changes the password',
      async (auth) =>
        auth.passwordChanged({ id: 'alice', hashedPassword: 'plain:wonderland' }).catch(() => {}),
    ],
    ['one that confirms the password', async (auth) => auth.reauthenticate('wonderland')],
    ['another logout', logout],
  ]
  test.each(rows)('%s', (_, rival) =>
    inAnyOrder(over, async ({ app, browser, together }) => {
      const copies = await together(logout, rival)
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }),
  )

  test('three at once', () =>
    inAnyOrder(over, async ({ app, browser, together }) => {
      const copies = await together(logout, rotate, set('late'))
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }))
})

describe('stored sessions in parallel', () => {
  const stored = MODES[0]?.[1] as (store: IndexedRecordStore) => SessionStrategy

  test('writers of different keys lose nothing', () =>
    inAnyOrder(stored, async ({ app, browser, together }) => {
      await together(set('a'), set('b'), set('c'))
      expect(await app.during(browser, ({ session }) => session.all())).toEqual({ a: 1, b: 1, c: 1 })
    }))

  test('a key that is removed and one that is written do not disturb each other', () =>
    inAnyOrder(stored, async ({ app, browser, together }) => {
      await app.during(browser, ({ session }) => session.set('a', 1))
      await together(async ({ session }) => session.set('a', undefined), set('b'))
      expect(await app.during(browser, ({ session }) => session.all())).toEqual({ b: 1 })
    }))

  test('of two rotations one session is left, and the browser of the other is not logged out', () =>
    inAnyOrder(stored, async ({ app, together, later }) => {
      const [one, two] = await together(rotate, rotate)
      const who = async () => [await app.whoIs(one as TestBrowser), await app.whoIs(two as TestBrowser)]
      expect(await who()).toEqual(['alice', 'alice'])
      later()
      const alive = await who()
      expect(alive.filter((user) => user === 'alice')).toHaveLength(1)
    }))

  test('two logins on one anonymous session never mix', () =>
    inAnyOrder(stored, async ({ app, browser, together }) => {
      await app.during(browser, ({ session }) => session.clear())
      await app.during(browser, ({ session }) => session.set('cart', 1))
      const [one, two] = await together(
        (auth) => auth.login('alice', 'wonderland'),
        (auth) => auth.login('bob', 'builder'),
      )
      expect(await app.whoIs(one as TestBrowser)).toBe('alice')
      expect(await app.whoIs(two as TestBrowser)).toBe('bob')
      expect(await app.whoIs(browser)).toBeNull()
    }))

  test.each([
    ['one that has read', set('late')],
    ['one that only writes', async ({ session }: Auth) => session.set('late', 1)],
  ] as const)(
    'a login, and a request under the visitor’s cookie (%s): it brings none that takes the login’s away',
    (_, rival) =>
      inAnyOrder(stored, async ({ app, browser, together }) => {
        await app.during(browser, ({ session }) => session.clear())
        await app.during(browser, ({ session }) => session.set('cart', 1))
        const before = browser.cookieHeader
        const [loggedIn, other] = await together((auth) => auth.login('alice', 'wonderland'), rival)
        expect(await app.whoIs(loggedIn as TestBrowser)).toBe('alice')
        expect((other as TestBrowser).cookieHeader).toBe(before)
        expect(await app.whoIs(other as TestBrowser)).toBeNull()
      }),
  )

  test('a write and a rotation: the new session has the write, or it came too late', () =>
    inAnyOrder(stored, async ({ app, together }) => {
      const [rotated] = await together(rotate, set('a'))
      expect(await app.whoIs(rotated as TestBrowser)).toBe('alice')
    }))
})

describe('logging out everywhere, from another device', () => {
  const stored = MODES[0]?.[1] as (store: IndexedRecordStore) => SessionStrategy
  const everywhere = (app: TestApp) => async (): Promise<void> => {
    const devices = opened(app.auth, new Request(ORIGIN)).auth.devices as DeviceList
    await devices.of('alice').revokeAll()
  }
  const rows: readonly [sentence: string, rival: (auth: Auth) => Promise<unknown>][] = [
    ['writes', set('late')],
    ['regenerates the id', rotate],
    ['confirms the password', async (auth) => auth.reauthenticate('wonderland')],
    ['logs out', logout],
  ]
  test.each(rows)('wins against a request that %s', (_, rival) =>
    inAnyOrder(stored, async ({ app, browser, together }) => {
      const copies = await together(everywhere(app), rival)
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }),
  )

  test('and ends what several rotations make of a session', () =>
    inAnyOrder(stored, async ({ app, browser, together }) => {
      const copies = await together(everywhere(app), rotate, rotate, set('late'))
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }))
})

describe('a limit of one session, and two logins at the same time', () => {
  test.each([
    ['the least recent one makes room', 'end_least_recent'],
    ['the later one is refused or ended', 'refuse'],
  ] as const)('%s: one is left, whatever the order', (_, onLimit) =>
    inAnyOrder(
      (store) => storedSessions(store, { maxSessionsPerUser: 1, onLimit }),
      async ({ app, browser, together, later }) => {
        await app.during(browser, (auth) => auth.logout())
        later()
        const login = (auth: Auth): Promise<unknown> => auth.login('alice', 'wonderland')
        const copies = await together(login, login)
        const alive = []
        for (const copy of copies) if ((await app.whoIs(copy)) === 'alice') alive.push(copy)
        expect(alive).toHaveLength(1)
      },
    ),
  )

  test.each([
    ['the least recent one makes room', 'end_least_recent', 1, null],
    ['the later one is refused or ended', 'refuse', 2, 'alice'],
  ] as const)(
    '%s: a session that is used meanwhile changes nothing about which',
    (_, onLimit, maxSessionsPerUser, whoIsHere) =>
      inAnyOrder(
        (store) => storedSessions(store, { maxSessionsPerUser, onLimit }),
        async ({ app, browser, together, later }) => {
          later()
          const fresh = [app.browser(), app.browser()].slice(0, maxSessionsPerUser)
          const logins = fresh.map((visitor) => () => app.login(visitor, 'alice', 'wonderland'))
          await together(...logins, async (auth) => {
            await auth.authenticate()
            later()
            auth.session.set('page', 1)
          })
          const alive = []
          for (const visitor of fresh) if ((await app.whoIs(visitor)) === 'alice') alive.push(visitor)
          expect(alive).toHaveLength(1)
          expect(await app.whoIs(browser)).toBe(whoIsHere)
        },
      ),
  )
})
