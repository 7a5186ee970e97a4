import fc from 'fast-check'
import { fromStoredKey, fromStoredKeys, toStoredKey, toStoredKeys } from 'latchkey/adapter'
import { describe, expect, test } from 'vitest'

/** What a session takes as a key. */
const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((key) => key.isWellFormed())

describe('a session key as a store spells it', () => {
  test.each([
    ['_auth_user_id', '_auth_user_id'],
    ['cartItems2', 'cartItems2'],
    ['-a', '%2Da'],
    ['a.b', 'a%2Eb'],
    ["!~*'()", '%21%7E%2A%27%28%29'],
    ['"\\', '%22%5C'],
    ['%2D', '%252D'],
    ['é', '%C3%A9'],
    ['e\u0301', 'e%CC%81'],
    ['🔑', '%F0%9F%94%91'],
    ['\u0001', '%01'],
    [' ', '%20'],
  ])('%j is %j', (key, stored) => {
    expect(toStoredKey(key)).toBe(stored)
    expect(fromStoredKey(stored)).toBe(key)
  })

  test('has letters, digits, `_` and `%` alone, and leads back to its key', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const stored = toStoredKey(key)
        expect(stored).toMatch(/^[\w%]+$/)
        expect(fromStoredKey(stored)).toBe(key)
      }),
    )
  })

  test('that we did not make is read as it is', () => {
    for (const key of ['%', '100%', '%zz', '%ff']) expect(fromStoredKey(key)).toBe(key)
  })
})

describe('data', () => {
  test('under any keys come back as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, fc.integer()), (data) => {
        const text = JSON.stringify(toStoredKeys(data))
        // No escape in a key: V8 confuses keys that have one (nodejs/node#63785).
        expect(text).not.toContain('\\')
        expect(fromStoredKeys(JSON.parse(text))).toEqual({ ...data })
      }),
    )
  })

  test('under plain keys are not copied', () => {
    const data = { _auth_user_id: 1, cart: [] }
    expect(toStoredKeys(data)).toBe(data)
    expect(fromStoredKeys(data)).toBe(data)
  })

  test.each([[[]], ['text'], [5], [null]])('that are %j are left to whoever checks records', (malformed) => {
    expect(fromStoredKeys(malformed as never)).toBe(malformed)
  })
})
