import { memoryLimiter } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

function start(maxKeys?: number) {
  const clock = testClock()
  return { clock, limiter: memoryLimiter({ now: clock.now, ...(maxKeys === undefined ? {} : { maxKeys }) }) }
}

describe('the wait', () => {
  test.each([
    ['the whole window', 0, 60],
    ['what is left of it', 20, 40],
    ['a part of a second counts as one', 20.5, 40],
    ['a second at least', 59.999, 1],
    ['the whole window at most, if the clock goes back', -30, 60],
  ])('%s', (_, seconds, wait) => {
    const { limiter, clock } = start()
    expect(limiter.consume('a', 1, 60)).toBe(0)
    clock.advance(seconds)
    expect(limiter.consume('a', 1, 60)).toBe(wait)
  })

  test('is over when the window ends', () => {
    const { limiter, clock } = start()
    limiter.consume('a', 1, 60)
    clock.advance(60)
    expect(limiter.consume('a', 1, 60)).toBe(0)
    expect(limiter.consume('a', 1, 60)).toBe(60)
  })
})

describe('taking back', () => {
  test.each([
    ['an attempt that was not made', 'a'],
    ['an attempt under another key', 'b'],
  ])('%s changes nothing', (_, key) => {
    const { limiter } = start()
    limiter.refund(key)
    expect(limiter.consume('a', 1, 60)).toBe(0)
    limiter.refund('b')
    expect(limiter.consume('a', 1, 60)).toBe(60)
  })

  test('does not begin a new window', () => {
    const { limiter, clock } = start()
    limiter.consume('a', 1, 60)
    clock.advance(50)
    limiter.refund('a')
    limiter.consume('a', 1, 60)
    expect(limiter.consume('a', 1, 60)).toBe(10)
  })
})

describe('over `maxKeys`', () => {
  test('the oldest key is forgotten, and no other', () => {
    const { limiter } = start(2)
    for (const key of ['a', 'b', 'c']) limiter.consume(key, 1, 60)
    expect(limiter.consume('c', 1, 60)).toBe(60)
    expect(limiter.consume('b', 1, 60)).toBe(60)
    expect(limiter.consume('a', 1, 60)).toBe(0)
  })

  test('a key that is counted already makes no room', () => {
    const { limiter } = start(2)
    for (const key of ['a', 'b', 'b', 'b']) limiter.consume(key, 3, 60)
    expect(limiter.consume('a', 1, 60)).toBe(60)
  })

  test.each([
    ['the oldest', ['expired', 'live']],
    ['the youngest', ['live', 'expired']],
  ])('a key whose window is over, %s: counting it anew makes no other key go', (_, order) => {
    const { limiter, clock } = start(2)
    for (const key of order) limiter.consume(key, 1, key === 'live' ? 60 : 10)
    clock.advance(10)
    expect(limiter.consume('expired', 1, 60)).toBe(0)
    expect(limiter.consume('live', 1, 60)).toBe(50)
    // It is the youngest then.
    limiter.consume('third', 1, 60)
    expect(limiter.consume('expired', 1, 60)).toBe(60)
  })
})

test.each([
  ['no key at all', { maxKeys: 0 }, /`maxKeys`/],
  ['an option that does not exist', { maxKey: 5 }, /No option `maxKey`/],
])('refused when built: %s', (_, options, says) => {
  expect(() => memoryLimiter(options as never)).toThrowError(says)
})
