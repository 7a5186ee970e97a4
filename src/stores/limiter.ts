import type { MaybePromise } from '../base/maybe-promise.ts'

/** Counts attempts. `memoryLimiter` counts in memory; one over Redis or rate-limiter-flexible fits too. */
export interface Limiter {
  /**
   * Counts one attempt under `key`, in a window of `windowSeconds` that begins with the first. Returns 0 if
   * it is within `limit`, otherwise the seconds until the next attempt is welcome. Must be atomic, so that
   * parallel attempts are all counted.
   */
  consume(key: string, limit: number, windowSeconds: number): MaybePromise<number>
  /** Takes one attempt back, because it was not a failure. */
  refund(key: string): MaybePromise<void>
}
