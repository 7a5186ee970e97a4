/** A clock that stands still until it is advanced. Pass its `now` to `createAuth` and to stores. */
export interface TestClock {
  /** The current time, in epoch milliseconds. */
  readonly now: () => number
  /** Moves the clock forward by this many seconds, or fractions of one. */
  advance(seconds: number): void
}

/**
 * Makes a clock that stands still until it is advanced.
 *
 * @param start Epoch milliseconds. Default: 1 January 2026, 00:00 UTC.
 */
export function testClock(start = 1_767_225_600_000): TestClock {
  let time = start
  return {
    now: () => time,
    advance(seconds) {
      time += seconds * 1000
    },
  }
}
