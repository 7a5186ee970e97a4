import type { MaybePromise } from '../base/maybe-promise.ts'

/** How many failed attempts are allowed. */
export interface Limits {
  /** Failed attempts of one source of a key, in a window. A whole number from 1. */
  readonly perSource: number
  /** Failed attempts of all sources of a key. Missing: this source counts for itself alone. */
  readonly total?: number | undefined
  /** How long a window lasts. It begins with the first attempt and is not extended by later ones. */
  readonly windowSeconds: number
}

/** The answer to a reservation. */
export interface Reservation {
  /** 0: the attempt may be made, and must be settled. Otherwise the seconds until the next one is welcome. */
  readonly waitSeconds: number
  /** Only attempts under way stand against it: worth asking again in a moment. */
  readonly pending?: true
}

/** How an attempt ended. `nothing`: without a verdict, such as an outage. */
export type Settlement = 'failure' | 'success' | 'nothing'

/**
 * Counts failed attempts: `memoryLimiter()` in this process; `redisLimiter`, `sqlLimiter` and `durableObjectLimiter` for
 * all processes. Your own must pass `limiterContract` from `latchkey/testing`.
 *
 * **Counts.** A key has one count for each source, and one in all. A count has `failed`, `pending` (reserved and not yet
 * settled), and a window. When its window is over, a count is 0. `pending` is also 0 once 30 s have passed since the last
 * reservation in this count: a process that died settles nothing.
 *
 * **`reserve`** admits an attempt if `failed + pending` is below `perSource` in its source's count, and below `total` in
 * all, and adds 1 to `pending` in both; without `total` only the source's count is asked and changed. A refusal changes
 * nothing. It says how long to wait: if `failed` alone has reached a limit, the rest of that window, rounded up, from 1 to
 * `windowSeconds`; otherwise 1, with `pending`.
 *
 * **`settle`** takes 1 from `pending` in the counts that were reserved, never below 0. `failure` adds 1 to `failed` there;
 * `success` sets the source's `failed` to 0 and leaves the one in all as it is. A count that is over or was forgotten
 * stays so.
 *
 * **`forget`** deletes every count of a key.
 *
 * A key keeps at most 1,000 sources. A further one counts in all only; without `total` it is refused for the whole window.
 * Each call is atomic: however many processes ask at the same time, exactly as many are admitted as fit. Keys and sources
 * are at most 64 characters of `A-Z a-z 0-9 - _`; a source may be empty. The clock is the limiter's own (an option of
 * each implementation), in epoch milliseconds. A method that fails throws: the attempt is then refused.
 */
export interface Limiter {
  /** Admits an attempt of this source on this key, or says how long to wait. */
  reserve(key: string, source: string, limits: Limits): MaybePromise<Reservation>
  /** Says how an admitted attempt ended. `limits` are those that it was reserved with. */
  settle(key: string, source: string, as: Settlement, limits: Limits): MaybePromise<void>
  /** Forgets everything about this key. */
  forget(key: string): MaybePromise<void>
}
