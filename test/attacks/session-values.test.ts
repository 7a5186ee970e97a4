import { describe, expect, test } from 'vitest'
import { SESSION_MODES, testApp } from '../app.ts'
import { ODD_VALUES } from '../reference-app/odd-values.ts'

const REFUSED = Object.keys(ODD_VALUES).filter((kind) => kind !== 'undefined' && kind !== 'minus-zero')

describe.each(Object.entries(SESSION_MODES))('values that a session could lose: %s', (_, options) => {
  test.each(REFUSED)('%s is refused, and nothing is changed', async (kind) => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('a', 'before'))
    await app.during(browser, ({ session }) => {
      for (const value of [ODD_VALUES[kind]?.(), [ODD_VALUES[kind]?.()], { x: ODD_VALUES[kind]?.() }]) {
        expect(() => session.set('a', value)).toThrowError(
          expect.objectContaining({ code: 'session_value_refused' }),
        )
      }
    })
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ a: 'before' })
  })

  test('undefined removes a key; the last one takes cookie and record along', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('a', 1))
    expect(browser.cookies.size).toBe(1)
    await app.during(browser, ({ session }) => session.set('a', undefined))
    expect(browser.cookies.size).toBe(0)
  })

  test('what is accepted at the deepest level can be read, alone and with all', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    let value: unknown = 'bottom'
    for (let i = 0; i < 32; i++) value = [value]
    await app.during(browser, ({ session }) => session.set('a', value))
    expect(await app.during(browser, ({ session }) => session.get('a'))).toEqual(value)
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ a: value })
  })

  test('minus zero comes back as zero, its equal', async () => {
    const app = testApp({ now: Date.now, ...options() })
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('a', [-0]))
    expect(await app.during(browser, ({ session }) => session.get('a'))).toEqual([0])
  })

  test.each([
    ['an object with a __proto__ key', '{"__proto__":{"isAdmin":true}}'],
    ['an object with a lone surrogate in a key', '[{"\\ud800":1}]'],
  ])('%s is refused', async (_, json) => {
    const app = testApp({ now: Date.now, ...options() })
    await app.during(app.browser(), ({ session }) => {
      const value: unknown = JSON.parse(json)
      expect(() => session.set('a', value)).toThrowError(
        expect.objectContaining({ code: 'session_value_refused' }),
      )
    })
  })
})

describe('keys', () => {
  test.each([
    ['__proto__', '__proto__'],
    ['an empty one', ''],
    ['one with NUL', 'a\0b'],
    ['one with a lone surrogate', 'a\ud800'],
    ['one that is too long', 'k'.repeat(257)],
    ['a number', 7],
    ['undefined', undefined],
    ['an object', {}],
  ])('%s is refused', async (_, key) => {
    const app = testApp()
    await app.during(app.browser(), ({ session }) => {
      expect(() => session.set(key as string, 1)).toThrowError(
        expect.objectContaining({ code: 'session_key_refused' }),
      )
    })
  })

  test.each(['constructor', 'toString', 'hasOwnProperty', 'then'])(
    '%s is a key like any other',
    async (key) => {
      const app = testApp()
      const browser = app.browser()
      expect(await app.during(browser, ({ session }) => session.get(key))).toBeUndefined()
      await app.during(browser, ({ session }) => session.set(key, 1))
      expect(await app.during(browser, ({ session }) => session.get(key))).toBe(1)
    },
  )
})

describe('a sealed session that grows too large', () => {
  test('is refused with its size, its largest key and the cure, and the old one stays', async () => {
    const app = testApp()
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('small', 1))
    const before = browser.cookieHeader
    const grow = app.during(browser, ({ session }) => session.set('large', 'x'.repeat(3000)))
    await expect(grow).rejects.toMatchObject({
      code: 'session_too_large',
      message: expect.stringMatching(/\d{4} bytes.*"large".*storedSessions/),
    })
    expect(browser.cookieHeader).toBe(before)
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ small: 1 })
  })

  test('the limit is on the whole Set-Cookie line: at 4,096 bytes it still fits', async () => {
    const app = testApp()
    const browser = app.browser()
    const sizes: number[] = []
    for (let length = 2600; length < 2800; length += 8) {
      const line = await app
        .during(browser, ({ session }) => session.set('a', 'x'.repeat(length)))
        .then(
          () => `${browser.cookieHeader}; Path=/; HttpOnly; Secure; SameSite=Lax`.length,
          () => 0,
        )
      sizes.push(line)
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096)
    expect(Math.max(...sizes)).toBeGreaterThan(4050)
    expect(sizes.at(-1)).toBe(0)
  })
})
