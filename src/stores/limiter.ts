import type { MaybePromise } from '../base/maybe-promise.ts'

/** Counts attempts. Ours is in memory (`memoryLimiter`); one over Redis or rate-limiter-flexible fits as well. */
export interface Limiter {
  /**
   * Counts one attempt under `key` in a window of `windowSeconds` that begins with the first. The seconds until the
   * next one is welcome: 0 when this one is within `limit`. Atomic, so that parallel attempts are all counted.
   */
  consume(key: string, limit: number, windowSeconds: number): MaybePromise<number>
  /** Takes one attempt back: it was a success. */
  refund(key: string): MaybePromise<void>
}
