import { type IndexedRecordStore, memoryRecords, type RequestAuth, storedSessions } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { expect, test } from 'vitest'
import { type TestUser, testApp } from '../../app.ts'

type Auth = RequestAuth<TestUser>

/** What each kind of request costs in calls to the store: on a real engine each is a round trip. */
const ROWS: readonly (readonly [
  sentence: string,
  work: (auth: Auth) => unknown,
  calls: readonly string[],
])[] = [
  ['a request that does not ask', () => {}, []],
  ['who is this', (auth) => auth.authenticate(), ['read']],
  [
    'who is this, asked three times, with two keys read',
    async (auth) => {
      await auth.authenticate()
      await auth.session.get('a')
      await auth.authenticate()
      await auth.session.get('b')
      await auth.authenticate()
    },
    ['read'],
  ],
  [
    'several keys written',
    async (auth) => {
      await auth.authenticate()
      auth.session.set('a', 1)
      auth.session.set('b', 2)
    },
    ['read', 'update'],
  ],
  // The second write says why: whoever comes with the old cookie is told.
  ['a logout', (auth) => auth.logout(), ['read', 'delete', 'create']],
  ['a step-up', (auth) => auth.reauthenticate('wonderland'), ['read', 'create', 'supersede']],
  ['a login again', (auth) => auth.login('alice', 'wonderland'), ['read', 'create', 'supersede']],
]

function start() {
  const clock = testClock()
  const inner = memoryRecords({ now: clock.now })
  const calls: string[] = []
  const store = new Proxy(inner as IndexedRecordStore, {
    get(target, name: keyof IndexedRecordStore) {
      const method = target[name] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        calls.push(name)
        return method.apply(target, args)
      }
    },
  })
  return { app: testApp({ sessions: storedSessions(store) }, clock), calls }
}

test.each(ROWS)('%s', async (_, work, expected) => {
  const { app, calls } = start()
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  calls.length = 0
  await app.during(browser, work)
  expect(calls).toEqual(expected)
})

test('a first login', async () => {
  const { app, calls } = start()
  await app.login(app.browser(), 'alice', 'wonderland')
  expect(calls).toEqual(['create'])
})

test('a visitor without a cookie, whatever he asks', async () => {
  const { app, calls } = start()
  await app.during(app.browser(), async (auth) => {
    await auth.authenticate()
    await auth.session.get('a')
    await auth.logout()
  })
  expect(calls).toEqual([])
})

test('a request that renews its session', async () => {
  const { app, calls } = start()
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  app.clock.advance(301)
  calls.length = 0
  await app.whoIs(browser)
  await app.whoIs(browser)
  expect(calls).toEqual(['read', 'update', 'read'])
})
