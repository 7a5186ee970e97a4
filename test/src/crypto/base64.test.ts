import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  base64url,
  bytesOfBase64,
  bytesOfBase64url,
  bytesOfUnpaddedBase64,
} from '../../../src/crypto/base64.ts'

const DECODERS = { bytesOfBase64, bytesOfUnpaddedBase64, bytesOfBase64url }
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

describe('one spelling for each value', () => {
  test.each([
    [[], '', '', ''],
    [[0], 'AA==', 'AA', 'AA'],
    [[255], '/w==', '/w', '_w'],
    [[251, 255], '+/8=', '+/8', '-_8'],
    [[1, 2, 3], 'AQID', 'AQID', 'AQID'],
    [[251, 239, 190, 255], '++++/w==', '++++/w', '----_w'],
  ])('%j', (values, padded, unpadded, url) => {
    const expected = bytes(...values)
    expect(bytesOfBase64(padded)).toEqual(expected)
    expect(bytesOfUnpaddedBase64(unpadded)).toEqual(expected)
    expect(bytesOfBase64url(url)).toEqual(expected)
    expect(base64url(expected)).toBe(url)
  })
})

describe('what encoding would not give', () => {
  test.each([
    [
      'bytesOfBase64',
      ['AA', 'AA=', 'AA===', 'AB==', 'AAB=', ' AA==', 'AA==\n', 'A A=', '_w==', 'A', '=', '====', 'ä'],
    ],
    [
      'bytesOfUnpaddedBase64',
      ['AA==', 'A', 'AB', 'AAB', 'AAA=', 'AAAAA', ' AA', 'A\tA', '_w', '-_8', '=', 'ä'],
    ],
    ['bytesOfBase64url', ['_w==', '/w', '+/8', 'A', 'AB', '_x', 'AAAAA', ' AA', 'AA ', 'A=', 'ä']],
  ] as const)('%s', (name, texts) => {
    for (const text of texts) expect([text, DECODERS[name](text)]).toEqual([text, null])
  })
})

describe('a round trip says the same', () => {
  const characters = fc.constantFrom(...'ABCQgwEIMzZaY0189+/=_- \n')
  const byRoundTrip = (text: string): Uint8Array | null => {
    try {
      const binary = atob(text)
      return btoa(binary) === text ? Uint8Array.from(binary, (one) => one.charCodeAt(0)) : null
    } catch {
      return null
    }
  }

  test('for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
        expect(bytesOfBase64(text)).toEqual(byRoundTrip(text))
      }),
      { numRuns: 20_000 },
    )
  })

  test('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(bytesOfBase64url(base64url(bytes))).toEqual(bytes)
        expect(bytesOfBase64(btoa(String.fromCharCode(...bytes)))).toEqual(bytes)
      }),
    )
  })
})
