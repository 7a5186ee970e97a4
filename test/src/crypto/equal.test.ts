import { describe, expect, test } from 'vitest'
import { equalInConstantTime } from '../../../src/crypto/equal.ts'

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

describe('constant-time compare', () => {
  test.each([
    ['empty texts', '', '', true],
    ['equal texts', 'abc', 'abc', true],
    ['the first character', 'abc', 'xbc', false],
    ['the last character', 'abc', 'abx', false],
    ['a prefix', 'abc', 'ab', false],
    ['a longer one', 'ab', 'abc', false],
    ['characters that differ by their upper bits alone', 'a', '\u0161', false],
    ['equal bytes', bytes(1, 2), bytes(1, 2), true],
    ['the first byte', bytes(1, 2), bytes(0, 2), false],
    ['the last byte', bytes(1, 2), bytes(1, 3), false],
    ['fewer bytes', bytes(1, 2), bytes(1), false],
    ['differences that would cancel each other out', bytes(1, 1), bytes(0, 0), false],
  ] as const)('%s', (_, a, b, isEqual) =>
    expect(equalInConstantTime<string | Uint8Array>(a, b)).toBe(isEqual),
  )
})
