import { describe, expect, test } from 'vitest'
import { Lifetime, type LifetimeOptions } from '../../../src/session/lifetime.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The times of a record, in milliseconds since an epoch of the test's own. */
const times = (createdAt: number, renewedAt: number, expiresAt: number) => ({
  data: {},
  createdAt,
  renewedAt,
  expiresAt,
  keptUntil: expiresAt,
})

describe('a renewal moves the idle end, and never past the absolute end', () => {
  test.each<[sentence: string, options: LifetimeOptions, createdAt: number, now: number, expiresAt: number]>([
    ['24 hours by default', {}, 0, 0, DAY],
    ['24 hours from the renewal', {}, 0, 5 * DAY, 6 * DAY],
    ['a day before the absolute end', {}, 0, 13 * DAY, 14 * DAY],
    ['later than that: the absolute end, 14 days by default', {}, 0, 13 * DAY + HOUR, 14 * DAY],
    ['an idle time of one hour', { idleSeconds: 3600 }, 0, HOUR, 2 * HOUR],
    ['an absolute time of one hour', { absoluteSeconds: 3600 }, HOUR, HOUR + 1, 2 * HOUR],
    ['an absolute time below the idle time', { idleSeconds: 60, absoluteSeconds: 1 }, 5, 6, 1005],
    ['a fraction of a second', { idleSeconds: 1.5 }, 0, 0, 1500],
    ['a fraction of a millisecond is rounded down', { idleSeconds: 1.0004 }, 0, 0, 1000],
    ['a fraction of a millisecond is rounded up', { idleSeconds: 1.0006 }, 0, 0, 1001],
    ['the same for the absolute time', { absoluteSeconds: 1.0006 }, 0, 0, 1001],
  ])('%s', (_, options, createdAt, now, expiresAt) =>
    expect(new Lifetime(options).renewed({ data: {}, createdAt }, now)).toEqual({
      renewedAt: now,
      expiresAt,
      keptUntil: expiresAt,
    }),
  )
})

describe('a record ends at the earliest of three times', () => {
  const lifetime = new Lifetime({ idleSeconds: 60, absoluteSeconds: 600 })

  test.each([
    ['its own end', times(0, 0, 59_000), 59_000],
    ['the idle end, where a lifetime was shortened', times(0, 0, DAY), 60_000],
    ['the idle end after the last renewal', times(0, 100_000, DAY), 160_000],
    ['the absolute end, where a lifetime was shortened', times(0, 590_000, DAY), 600_000],
    ['its own end, where a lifetime was made longer', times(0, 0, 1000), 1000],
  ])('%s', (_, record, end) => {
    expect(lifetime.endsOf(record).expiresAt).toBe(end)
    expect(lifetime.isLive(record, end - 1)).toBe(true)
    expect(lifetime.isLive(record, end)).toBe(false)
    expect(lifetime.isLive(record, end + 1)).toBe(false)
  })
})

describe('a renewal is due when the last one is older than the touch time', () => {
  test.each<[sentence: string, options: LifetimeOptions, touchMs: number]>([
    ['5 minutes by default', {}, 5 * MINUTE],
    ['5 minutes for an idle time of 50 minutes', { idleSeconds: 3000 }, 5 * MINUTE],
    ['a tenth of a shorter idle time', { idleSeconds: 60 }, 6000],
    ['a tenth of the shortest idle time', { idleSeconds: 1 }, 100],
    ['the configured time', { touchSeconds: 10 }, 10_000],
    ['the configured time, over a tenth of the idle time', { idleSeconds: 60, touchSeconds: 59 }, 59_000],
    ['at once', { touchSeconds: 0 }, 0],
  ])('%s', (_, options, touchMs) => {
    const lifetime = new Lifetime(options)
    const record = times(0, 1000, DAY)
    expect(lifetime.endsOf(record).renewAfter).toBe(1000 + touchMs)
  })

  test.each([1, 10, 60, 600, 3000, 86_400])(
    'a session that is used well within its idle time of %d s lives on',
    (idleSeconds) => {
      const lifetime = new Lifetime({ idleSeconds })
      let record = times(0, 0, idleSeconds * 1000)
      for (let now = 0; now < 10 * idleSeconds * 1000; now += 0.75 * idleSeconds * 1000) {
        expect(lifetime.isLive(record, now)).toBe(true)
        if (now > lifetime.endsOf(record).renewAfter) record = { ...record, ...lifetime.renewed(record, now) }
      }
    },
  )
})

describe('refused when built', () => {
  test.each<[sentence: string, options: object, says: RegExp]>([
    ['an idle time below a second', { idleSeconds: 0.9 }, /`idleSeconds`/],
    ['an absolute time below a second', { absoluteSeconds: 0 }, /`absoluteSeconds`/],
    ['an idle time over ten years', { idleSeconds: 315_360_001 }, /`idleSeconds`/],
    ['an idle time in words', { idleSeconds: '1h' }, /`idleSeconds`/],
    ['an idle time that is not a number', { idleSeconds: Number.NaN }, /`idleSeconds`/],
    ['a negative touch time', { touchSeconds: -1 }, /`touchSeconds`/],
    [
      'a touch time of the whole idle time',
      { idleSeconds: 60, touchSeconds: 60 },
      /`touchSeconds`.*`idleSeconds`/,
    ],
    [
      'a touch time over the idle time',
      { idleSeconds: 60, touchSeconds: 61 },
      /`touchSeconds`.*`idleSeconds`/,
    ],
  ])('%s', (_, options, says) => {
    const build = () => new Lifetime(options as LifetimeOptions)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test('the shortest and the longest times are accepted', () => {
    expect(
      new Lifetime({ idleSeconds: 1, absoluteSeconds: 1 }).renewed({ data: {}, createdAt: 0 }, 0).expiresAt,
    ).toBe(1000)
    expect(new Lifetime({ idleSeconds: 315_360_000, absoluteSeconds: 315_360_000 })).toBeDefined()
  })
})
