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
