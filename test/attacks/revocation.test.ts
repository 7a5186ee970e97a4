import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { SECRET, SESSION_MODES, type TestApp, testApp } from '../app.ts'

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
    [
      'the stored hash is no text',
      ({ users }) => users.change('alice', { hashedPassword: { a: 1 } as never }),
      'user_missing',
    ],
  ]

  test.each(ENDINGS)('%s', async (_, end, reason) => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    end(app)
    const token = await app.during(browser, (auth) => auth.authenticate())
    expect(token).toMatchObject({ isAuthenticated: false, reason })
    expect(browser.cookies.size).toBe(0)
  })

  test('what has ended does not come back when the cause is undone', async () => {
    const app = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    app.users.change('alice', { hashedPassword: 'plain:new' })
    expect(await app.whoIs(browser)).toBeNull()
    app.users.change('alice', { hashedPassword: 'plain:wonderland' })
    expect(await app.whoIs(browser)).toBeNull()
    if (mode !== 'sealed') expect(await app.whoIs(copy)).toBeNull()
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
