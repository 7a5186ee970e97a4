import type { MaybePromise } from '../base/maybe-promise.ts'

/**
 * This request's session: what the visitor who sent this request carries. It is all that the login code sees, so
 * whatever implements these four methods can be logged in and out of: ours, Hono's, Remix's, Express's.
 *
 * The contract, which `sessionStoreContract` in `latchkey/testing` checks:
 *
 * - **Keys** are non-empty strings. **Values** are JSON values and come back equal, with their types: `42` is not
 *   `'42'`. A value that was read is the reader's own; changing it changes nothing until it is `set`.
 * - **Missing** is `undefined`, never an exception: a key that was not set, a session that does not exist, has
 *   expired, cannot be opened or was revoked all read as empty.
 * - **Reads see writes** of the same request at once. What is written is saved before the response leaves.
 * - **Broken** is an exception: only a failing engine throws from `get`; `set` also throws for a value that it
 *   could not give back, and then has changed nothing.
 * - **An id that the store did not hand out is never adopted**: a write makes a new session under a new id.
 */
export interface SessionStore {
  /** The value of `key`, or `undefined`. */
  get(key: string): MaybePromise<unknown>
  /** Keeps `value` under `key`. `undefined` removes the key. */
  set(key: string, value: unknown): MaybePromise<void>
  /** Forgets everything. What other requests still write to the old session is lost, and never revives it. */
  clear(): MaybePromise<void>
  /**
   * Like `clear`, as part of a change that is dropped if the request fails: what a login does to another user's
   * session. Left out: `clear` does it.
   */
  reset?(): MaybePromise<void>
  /**
   * Same data, new id; the old id is dead when the response leaves. Never skipped in silence: an adapter over a
   * session that cannot do it refuses to be built.
   */
  regenerateId(): MaybePromise<void>
}
