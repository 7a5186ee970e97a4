import { describe, expect, test } from 'vitest'
import { SESSION_MODES, testApp } from '../app.ts'

const NAME = '__Host-session'

describe.each(Object.entries(SESSION_MODES))('session fixation: %s', (mode, options) => {
  const app = testApp({ now: Date.now, ...options() })

  test('an id that the visitor made up is never adopted', async () => {
    for (const invented of ['x', 'A'.repeat(43), 'Fe26.2*1*2*3*4*5*6*7', '../../etc/passwd']) {
      const browser = app.browser()
      browser.cookies.set(NAME, invented)
      await app.during(browser, ({ session }) => session.set('a', 1))
      expect(browser.cookies.get(NAME)).not.toBe(invented)
    }
  })

  test('an id that was known before the login is worth nothing after it', async () => {
    const victim = app.browser()
    await app.during(victim, ({ session }) => session.set('cart', [1]))
    const attacker = victim.copy()
    await app.login(victim, 'alice', 'wonderland')
    expect(await app.whoIs(attacker)).toBeNull()
    expect(victim.cookies.get(NAME)).not.toBe(attacker.cookies.get(NAME))
  })

  test('what the visitor stored before the login is kept', async () => {
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', [1]))
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ cart: [1] })
  })

  test('the id changes also when another user’s session was emptied', async () => {
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const before = browser.copy()
    await app.login(browser, 'bob', 'builder')
    expect(browser.cookies.get(NAME)).not.toBe(before.cookies.get(NAME))
    expect(await app.whoIs(browser)).toBe('bob')
    if (mode !== 'sealed') expect(await app.whoIs(before)).toBeNull()
  })

  test('the id changes when the same user logs in again', async () => {
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const before = browser.cookies.get(NAME)
    await app.login(browser, 'alice', 'wonderland')
    expect(browser.cookies.get(NAME)).not.toBe(before)
  })

  test('a login as somebody else that fails half-way ends nothing', async () => {
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const half = app.during(browser, async (auth) => {
      await auth.login('bob', 'builder')
      throw new Error('half-way')
    })
    await expect(half).rejects.toThrow('half-way')
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('a failed login changes nothing', async () => {
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const before = browser.cookies.get(NAME)
    expect(await app.login(browser, 'bob', 'wrong')).toEqual({ ok: false, code: 'invalid_credentials' })
    expect(browser.cookies.get(NAME)).toBe(before)
    expect(await app.whoIs(browser)).toBe('alice')
  })
})

describe('what a login carries over', () => {
  test('with `keepVisitorData`, the keys of the list alone', async () => {
    const app = testApp({ keepVisitorData: ['cart'] })
    const browser = app.browser()
    await app.during(browser, ({ session }) => {
      session.set('cart', [1])
      session.set('draft', 'x')
    })
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ cart: [1] })
  })

  test('nothing of a user whose password has changed since', async () => {
    const app = testApp()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, ({ session }) => session.set('secret', 1))
    app.users.change('alice', { hashedPassword: 'plain:new' })
    await app.login(browser, 'alice', 'new')
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({})
  })
})
