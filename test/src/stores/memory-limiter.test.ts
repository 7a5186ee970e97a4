import { type Limits, memoryLimiter } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

const LIMITS: Limits = { perSource: 10, total: 100, windowSeconds: 900 }
const BUSY = { waitSeconds: 1, pending: true }

/** What one key of one source takes. */
function keyBytes(): number {
  const limiter = memoryLimiter()
  limiter.reserve('a', '', LIMITS)
  return limiter.bytes
}

/** A limiter for so many keys of one source. */
function start(keys: number) {
  const clock = testClock()
  const limiter = memoryLimiter({ now: clock.now, maxBytes: keys * keyBytes() })
  const fail = (key: string, times = 1, limits: Limits = LIMITS, source = ''): void => {
    for (let i = 0; i < times; i++) {
      limiter.reserve(key, source, limits)
      limiter.settle(key, source, 'failure', limits)
    }
  }
  /** How many attempts it knows of, failed or under way. Changes nothing that the other questions see. */
  const known = (key: string): number => {
    for (let n = 0; n <= 20; n++) {
      const limits = { perSource: n + 1, windowSeconds: LIMITS.windowSeconds }
      if (limiter.reserve(key, '', limits).waitSeconds > 0) continue
      limiter.settle(key, '', 'nothing', limits)
      return n
    }
    return Number.NaN
  }
  return { limiter, clock, fail, known }
}

describe('its memory', () => {
  test('is bounded in bytes, whatever comes', () => {
    const { limiter, fail } = start(100)
    for (let i = 0; i < 10_000; i++) fail(`key-${i}`)
    expect(limiter.bytes).toBeLessThanOrEqual(100 * keyBytes())
    expect(limiter.bytes).toBeGreaterThan(99 * keyBytes())
  })

  test('counts sources, which are forgotten with their key', () => {
    const { limiter, fail } = start(100)
    for (let i = 0; i < 90; i++) fail('victim', 1, LIMITS, `source-${i}`)
    expect(limiter.bytes).toBeGreaterThan(10 * keyBytes())
    limiter.forget('victim')
    expect(limiter.bytes).toBe(0)
  })

  test('is given back by an attempt that counts nothing', () => {
    const { limiter } = start(100)
    for (const as of ['success', 'nothing'] as const) {
      limiter.reserve('a', '', LIMITS)
      limiter.settle('a', '', as, LIMITS)
      expect(limiter.bytes).toBe(0)
    }
  })

  test('is 32 MiB at most by default', () => {
    const limiter = memoryLimiter()
    for (let i = 0; i < 60_000; i++) limiter.reserve(`key-${i}`, '', LIMITS)
    expect(limiter.bytes).toBeLessThanOrEqual(2 ** 25)
    expect(limiter.bytes).toBeGreaterThan(2 ** 25 - 2 * keyBytes())
  })

  test('is given back, a few keys at each attempt, when windows are over', () => {
    const { limiter, clock, fail } = start(100)
    for (let i = 0; i < 100; i++) fail(`key-${i}`)
    clock.advance(900)
    fail('another')
    expect(limiter.bytes).toBeGreaterThan(90 * keyBytes())
    for (let i = 0; i < 40; i++) {
      limiter.reserve('another', '', LIMITS)
      limiter.settle('another', '', 'nothing', LIMITS)
    }
    expect(limiter.bytes).toBe(keyBytes())
  })
})

describe('a full limiter', () => {
  test('forgets what is over before anything that counts', () => {
    const { clock, fail, known } = start(3)
    fail('over', 9, { ...LIMITS, windowSeconds: 60 })
    fail('a', 1)
    fail('b', 1)
    clock.advance(60)
    fail('c', 1)
    expect(['a', 'b', 'c'].map(known)).toEqual([1, 1, 1])
  })

  test('then the key with the fewest attempts, the oldest of several', () => {
    const { fail, known } = start(3)
    fail('two', 2)
    fail('one', 1)
    fail('another-one', 1)
    fail('new', 1)
    expect(['two', 'another-one', 'new'].map(known)).toEqual([2, 1, 1])
  })

  test('and one at its limit last: other names, however many, do not reset a count', () => {
    const { limiter, fail } = start(10)
    fail('victim', 10)
    for (let i = 0; i < 5000; i++) fail(`cheap-${i}`, 1 + (i % 9))
    expect(limiter.reserve('victim', '', LIMITS)).toEqual({ waitSeconds: 900 })
  })

  test.each([
    ['by one source', { perSource: 2, windowSeconds: 900 }],
    ['in all', { perSource: 9, total: 2, windowSeconds: 900 }],
  ])('at its limit, %s, is not the same as many attempts', (_, limits) => {
    const { limiter, fail } = start(10)
    fail('victim', 2, limits)
    for (let i = 0; i < 5000; i++) fail(`cheap-${i}`, 9)
    expect(limiter.reserve('victim', '', limits)).toEqual({ waitSeconds: 900 })
  })

  test('a key stays at its limit when another of its sources is not', () => {
    const { limiter, fail } = start(12)
    fail('victim', 10, LIMITS, 'a')
    fail('victim', 1, LIMITS, 'b')
    for (let i = 0; i < 5000; i++) fail(`cheap-${i}`, 9)
    expect(limiter.reserve('victim', 'a', LIMITS)).toEqual({ waitSeconds: 900 })
  })

  test('attempts under way are worth as much as failures: a flood does not lose them', () => {
    const { limiter, fail } = start(10)
    for (let i = 0; i < 10; i++) limiter.reserve('victim', '', LIMITS)
    for (let i = 0; i < 5000; i++) fail(`cheap-${i}`, 3)
    expect(limiter.reserve('victim', '', LIMITS)).toEqual(BUSY)
  })

  test('counts the newcomer, also where all others are at their limit', () => {
    const { limiter, fail } = start(3)
    for (const key of ['a', 'b', 'c', 'new']) fail(key, 10)
    expect(limiter.reserve('new', '', LIMITS)).toEqual({ waitSeconds: 900 })
    expect(limiter.reserve('a', '', LIMITS)).toEqual({ waitSeconds: 0 })
  })

  test('does a bounded amount of work for each attempt', () => {
    // Times of the same loop, over limiters of two sizes: by a ratio, since machines differ.
    const cost = (keys: number): number => {
      const { fail } = start(keys)
      for (let i = 0; i < keys; i++) fail(`first-${i}`)
      const begun = performance.now()
      for (let i = 0; i < 20_000; i++) fail(`key-${i}`)
      return performance.now() - begun
    }
    cost(1000)
    const [small, large] = [1000, 16_000].map((keys) => Math.min(cost(keys), cost(keys), cost(keys)))
    expect((large as number) / (small as number)).toBeLessThan(8)
  })
})

test.each([
  ['no memory at all', { maxBytes: 0 }, /`maxBytes`/],
  ['memory in words', { maxBytes: '32 MiB' }, /`maxBytes`/],
  ['an option that does not exist', { maxKeys: 5 }, /No option `maxKeys`/],
])('refused when built: %s', (_, options, says) => {
  expect(() => memoryLimiter(options as never)).toThrowError(says)
})
