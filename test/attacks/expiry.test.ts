import { memoryRecords, sealedSessions, storedSessions } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'

const HOUR = 3600
const DAY = 24 * HOUR

function start(mode: string, options: Parameters<typeof testApp>[0] = {}): TestApp {
  const clock = testClock()
  const sessions = mode === 'sealed' ? sealedSessions() : storedSessions(memoryRecords({ now: clock.now }))
  const app = testApp({ sessions, now: clock.now, ...options })
  return { ...app, clock }
}

describe.each(['sealed', 'stored'])('how long a session lives: %s', (mode) => {
  test('idle for a day it ends, a moment before it does not', async () => {
    const app = start(mode)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(DAY - 0.001)
    expect(await app.whoIs(browser.copy())).toBe('alice')
    const late = browser.copy()
    app.clock.advance(DAY)
    expect(await app.whoIs(late)).toBeNull()
  })

  test('used every hour it ends after 14 days', async () => {
    const app = start(mode)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    for (let hour = 1; hour < 14 * 24; hour++) {
      app.clock.advance(HOUR)
      expect(await app.whoIs(browser)).toBe('alice')
    }
    app.clock.advance(HOUR)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('used every 45 seconds a session of one minute lives on', async () => {
    const app = start(mode, { idleSeconds: 60 })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    for (let i = 0; i < 10; i++) {
      app.clock.advance(45)
      expect(await app.whoIs(browser)).toBe('alice')
    }
    app.clock.advance(60)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('what the browser was told of the cookie’s age plays no part', async () => {
    const app = start(mode, { cookie: { maxAgeSeconds: 400 * DAY } })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(DAY)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('a login begins a new absolute lifetime', async () => {
    const app = start(mode)
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    for (let day = 0; day < 13; day++) {
      app.clock.advance(DAY - HOUR)
      await app.during(browser, ({ session }) => session.get('cart'))
    }
    await app.login(browser, 'alice', 'wonderland')
    for (let day = 0; day < 14; day++) {
      expect(await app.whoIs(browser)).toBe('alice')
      app.clock.advance(DAY - HOUR)
    }
  })

  test('a change of password begins none', async () => {
    const app = start(mode, { absoluteSeconds: DAY })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(23 * HOUR)
    await app.during(browser, async (auth) => {
      await auth.authenticate()
      await auth.passwordChanged(app.users.change('alice', { hashedPassword: 'plain:new' }))
    })
    expect(await app.whoIs(browser)).toBe('alice')
    app.clock.advance(2 * HOUR)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('writes renew, and never past the absolute end', async () => {
    const app = start(mode, { idleSeconds: HOUR, absoluteSeconds: 2 * HOUR })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    for (let i = 0; i < 3; i++) {
      app.clock.advance(0.6 * HOUR)
      await app.during(browser, ({ session }) => session.set('a', i))
    }
    expect(await app.whoIs(browser)).toBe('alice')
    app.clock.advance(0.3 * HOUR)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('a clock that shows fractions of a millisecond is no obstacle', async () => {
    const app = start(mode)
    const browser = app.browser()
    app.clock.advance(0.0001234)
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('a clock that goes back a little ends nothing', async () => {
    const app = start(mode)
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(-30)
    expect(await app.whoIs(browser)).toBe('alice')
  })
})

describe('a record that was tampered with', () => {
  test.each([
    ['times as text', { createdAt: '0', renewedAt: '0', expiresAt: '9e15' }],
    ['no times', {}],
    ['times without end', { createdAt: 0, renewedAt: 0, expiresAt: Number.POSITIVE_INFINITY }],
    ['a list as data', { data: [], createdAt: 0, renewedAt: 0, expiresAt: 9e15 }],
    ['no data', { data: null, createdAt: 0, renewedAt: 0, expiresAt: 9e15 }],
  ])('%s is no session', async (_, change) => {
    const record = { data: { a: 1 }, ...change } as never
    const store = { ...memoryRecords(), read: () => record, create: () => true, update: () => true }
    const app = testApp({ sessions: storedSessions(store as never) })
    const browser = app.browser()
    browser.cookies.set('__Host-session', 'A'.repeat(43))
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })
})

describe('renewal by use', () => {
  const writes = () => {
    const clock = testClock()
    const inner = memoryRecords({ now: clock.now })
    const calls: string[] = []
    const store = new Proxy(inner, {
      get: (target, name: keyof typeof inner) => {
        const method = target[name]
        return typeof method === 'function'
          ? (...args: never[]) => {
              calls.push(name)
              return (method as (...args: never[]) => unknown).apply(target, args)
            }
          : method
      },
    })
    return { app: { ...testApp({ sessions: storedSessions(store), now: clock.now }), clock }, calls }
  }

  test('most requests read once and write nothing', async () => {
    const { app, calls } = writes()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    calls.length = 0
    for (let i = 0; i < 10; i++) await app.whoIs(browser)
    expect(calls).toEqual(Array(10).fill('read'))
  })

  test('one write when the last renewal is five minutes old', async () => {
    const { app, calls } = writes()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(301)
    calls.length = 0
    await app.whoIs(browser)
    await app.whoIs(browser)
    expect(calls).toEqual(['read', 'update', 'read'])
  })

  test('a session that is not touched is not read', async () => {
    const { app, calls } = writes()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    calls.length = 0
    await app.during(browser, () => {})
    expect(calls).toEqual([])
  })
})
