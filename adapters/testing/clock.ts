/** A clock that stands still until it is moved. Hand its `now` to `createAuth` and to stores. */
export interface TestClock {
  readonly now: () => number
  advance(seconds: number): void
}

/** @param start Epoch milliseconds. Default: 1 January 2026. */
export function testClock(start = 1_767_225_600_000): TestClock {
  let time = start
  return {
    now: () => time,
    advance(seconds) {
      time += seconds * 1000
    },
  }
}
