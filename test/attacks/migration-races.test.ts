import {
  type AuthOptions,
  type IndexedRecordStore,
  memoryRecords,
  type RequestAuth,
  type SessionStrategy,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import type { TestBrowser, TestClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { sessionCookies, type TestApp, type TestUser } from '../app.ts'
import { FAILURE, inAnyOrder, type Race } from './in-any-order.ts'
import { inOneBrowser, type Work } from './in-one-browser.ts'
import { OLD, OldLibrary } from './migrating.ts'

/*
 * Tabs that a browser restores all at once, with the cookie of the library before: in every order, in one process and in two,
 * with stored and with sealed sessions.
 */

type Auth = RequestAuth<TestUser>
type Options = Partial<AuthOptions<TestUser, unknown>>

const old = new OldLibrary()
/** A browser with an old session of alice's. */
const arrive = async (app: TestApp, browser: TestBrowser): Promise<void> => {
  // So that what is computed once, on a thread, does not hold the first one up while all others go on.
  await app.login(app.browser(), 'alice', 'wonderland')
  old.sessions.clear()
  old.put('of-alice', { userId: 'alice', cart: ['book'] })
  browser.cookies.set(OLD, 'of-alice')
}

const read = async (auth: Auth): Promise<unknown> => (await auth.authenticate()).userId
const write = async (auth: Auth): Promise<void> => {
  await auth.authenticate()
  auth.session.set('late', 1)
}
const regenerateId = async (auth: Auth): Promise<void> => auth.session.regenerateId()
const reauthenticate = (auth: Auth): Promise<unknown> => auth.reauthenticate('wonderland')
const clear = (auth: Auth): Promise<void> => auth.session.clear()
const logout = (auth: Auth): Promise<void> => auth.logout()
const loginAsBob = (auth: Auth): Promise<unknown> => auth.login('bob', 'builder')
const fail = async (auth: Auth): Promise<void> => {
  await auth.authenticate()
  throw FAILURE
}

const RIVALS: readonly [sentence: string, rival: (auth: Auth) => Promise<unknown>][] = [
  ['one that reads', read],
  ['one that writes', write],
  ['one that regenerates the id', regenerateId],
  ['one that re-authenticates', reauthenticate],
  ['another logout', logout],
]

/** The cookies of ours that the browsers hold: of a race, in which each has begun with the old cookie alone. */
const ours = (browsers: readonly TestBrowser[]): string[] =>
  browsers.flatMap((browser) =>
    sessionCookies(browser).flatMap((name) => (name === OLD ? [] : [browser.cookies.get(name) as string])),
  )

describe.each<[name: string, over: (store: IndexedRecordStore) => SessionStrategy, options: Options]>([
  ['stored', (store) => storedSessions(store), {}],
  ['sealed with a revocation list', (revocation) => sealedSessions({ revocation }), {}],
  ['sealed, with notes in this process', () => sealedSessions(), {}],
])('requests with one old cookie, in any order: %s', (_, over, options) => {
  const race = (story: (race: Race) => Promise<void>): Promise<void> =>
    inAnyOrder(over, story, { ...options, migrate: old.migrate() }, arrive, 50)

  test('six tabs share one session, and all show user and data', () =>
    race(async ({ app, together }) => {
      const seen: unknown[] = []
      const look = async (auth: Auth) => seen.push([await read(auth), await auth.session.get('cart')])
      const copies = await together(look, look, look, look, look, look)
      expect(seen).toHaveLength(6)
      for (const shown of seen) expect(shown).toEqual(['alice', ['book']])
      expect(ours(copies)).toHaveLength(1)
      expect(await app.whoIs(copies.find((copy) => ours([copy]).length > 0) as TestBrowser)).toBe('alice')
    }))

  test('what the others write is dropped, and takes nothing away', () =>
    race(async ({ app, together }) => {
      const copies = await together(write, write, regenerateId)
      const holder = copies.find((copy) => ours([copy]).length > 0) as TestBrowser
      expect(ours(copies)).toHaveLength(1)
      expect(await app.during(holder, ({ session }) => session.get('cart'))).toEqual(['book'])
    }))

  test.each([...RIVALS, ['one that fails', fail] as const])('a logout wins against %s', (_, rival) =>
    race(async ({ app, browser, together }) => {
      const copies = await together(logout, rival)
      expect(old.sessions.size).toBe(0)
      // As where nothing can end it: a session that lies in its cookie.
      old.put('of-alice', { userId: 'alice' })
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }),
  )

  test('a logout wins against three', () =>
    race(async ({ app, browser, together }) => {
      const copies = await together(logout, write, read, regenerateId)
      for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
    }))

  test('a login as somebody else and a tab never mix, and the old cookie does not come back', () =>
    race(async ({ app, browser, together }) => {
      const [bob, tab] = await together(loginAsBob, write)
      expect(await app.whoIs(bob as TestBrowser)).toBe('bob')
      expect(await app.whoIs(tab as TestBrowser)).toBeNull()
      expect(await app.whoIs(browser)).toBeNull()
    }))

  test('a request that fails leaves the session to another one', () =>
    race(async ({ app, browser, together, later }) => {
      await together(fail, read)
      for (let i = 0; i < 6; i++) later()
      expect(await app.whoIs(browser)).toBe('alice')
      expect(ours([browser])).toHaveLength(1)
    }))
})

describe.each<[name: string, processes: 1 | 2, options: (clock: TestClock) => Options]>([
  ['sealed', 1, () => ({ sessions: sealedSessions() })],
  ['sealed, two processes that share nothing', 2, () => ({ sessions: sealedSessions() })],
  [
    'sealed, two processes with records',
    2,
    ({ now }) => ({ sessions: sealedSessions(), records: memoryRecords({ now }) }),
  ],
  ['stored, one process', 1, ({ now }) => ({ sessions: storedSessions(memoryRecords({ now })) })],
  ['stored, two processes', 2, ({ now }) => ({ sessions: storedSessions(memoryRecords({ now })) })],
])('in one browser, with responses that arrive late: %s', (_, processes, options) => {
  const tabs = (works: readonly Work[], judge: (who: string | number | null) => void): Promise<void> =>
    inOneBrowser(processes, works, judge, {
      options: (clock) => ({ ...options(clock), migrate: old.migrate() }),
      enter: arrive,
      numRuns: 30,
    })

  test('four tabs are logged in', () => tabs([read, write, read, read], (who) => expect(who).toBe('alice')))

  // Whichever comes first claims the old cookie.
  test.each(RIVALS)('a logout wins against %s', async (_, rival) => {
    await tabs([logout, rival], (who) => expect(who).toBeNull())
    await tabs([rival, logout], (who) => expect(who).toBeNull())
  })

  test('a logout wins against three of them', () =>
    tabs([write, logout, read, regenerateId], (who) => expect(who).toBeNull()))

  test('so does a session that is cleared', () => tabs([write, clear, read], (who) => expect(who).toBeNull()))

  test('a login as somebody else is not undone', () =>
    tabs([write, loginAsBob, read], (who) => expect(who).not.toBe('alice')))
})
