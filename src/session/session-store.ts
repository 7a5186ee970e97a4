import type { MaybePromise } from '../base/maybe-promise.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason } from '../user/user-token.ts'
import type { SessionPatch } from './record.ts'

/**
 * This request's session: the data of the visitor who sent the request. It does not store session records;
 * that is a `RecordStore`.
 *
 * The login code sees nothing else. So it can log in and out over anything that implements these methods: our
 * own sessions, Hono's, Remix's or Express's.
 *
 * The contract, which `sessionStoreContract` in `latchkey/testing` checks:
 *
 * - **Keys** are non-empty strings. **Values** are JSON values and come back equal, with their types: `42` is
 *   not `'42'`. A value that was read is a copy; changing it changes nothing until it is `set`.
 * - **Missing** is `undefined`, never an exception: a key that was not set, and every key of a session that
 *   does not exist, has expired, cannot be opened or was revoked.
 * - **Reads see writes** of the same request at once. Writes are saved before the response is sent.
 * - **A failure is an exception**: `get` throws only when a backend fails. `set` also throws for a value that
 *   it could not give back, and then has changed nothing.
 * - **An id that the store did not issue is never adopted**: a write makes a new session under a new id.
 */
export interface SessionStore {
  /** Returns the value of `key`, or `undefined`. */
  get(key: string): MaybePromise<unknown>
  /** Stores `value` under `key`. `undefined` removes the key. */
  set(key: string, value: unknown): MaybePromise<void>
  /**
   * Removes everything and ends the session. What other requests still write to it is lost, and never revives
   * it.
   *
   * @param reason What a later request with the same cookie is told, where the session can keep it. Default `logged_out`.
   */
  clear(reason?: EndReason): MaybePromise<void>
  /**
   * Like `clear`, but as part of a change that is discarded if the request fails. A login does this to
   * another user's session. Default: `clear` is called instead.
   */
  reset?(): MaybePromise<void>
  /**
   * Keeps the data under a new id. The old id is dead when the response is sent; that of a sealed session goes on reading
   * until the session ends. This is never skipped silently: an adapter over a session that cannot do it throws when it
   * is built.
   */
  regenerateId(): MaybePromise<void>
  /**
   * Like `regenerateId`, when an impersonation is left: what the old id held must not come back. Default: `regenerateId`
   * is called.
   */
  leaveId?(): MaybePromise<void>
  /**
   * Begins the session of a user who has just logged in: `regenerateId`, then `set` for each of these values. Default:
   * those are called.
   */
  beginLogin?(userId: UserLike['id'], values: SessionPatch): MaybePromise<void>
  /**
   * Suspends the session for this request, when its user's row speaks against it. It reads as empty, takes nothing, and
   * is not renewed; only a login goes through, and starts over. Default: `clear` is called.
   *
   * A row may be stale: a replica that lags, or a password change of this browser that is under way. So a session is
   * ended only when it has not been renewed for longer than any session in use.
   *
   * @param isCertain `false` if the session hash was made with a secret that this process does not have: never ended.
   * @returns `false` if the session is overdue and must be cleared. It can still be read then.
   */
  suspend?(isCertain: boolean): boolean
  /** Called when the session's user was found good. */
  vouch?(): void
  /** Returns all data, as a copy, if the session can list its keys. An impersonation ends with what was written meanwhile. */
  all?(): MaybePromise<Record<string, unknown>>
  /**
   * Throws `session_too_large` if the session could not be saved with these values as well. Default: it is found out when
   * the session is saved.
   */
  checkFits?(values: SessionPatch): MaybePromise<void>
  /** Why the session cookie could not be used, if the session can tell. */
  readonly reason?: EndReason | null
  /** When the session ends unless it is used again, epoch milliseconds, if the session can tell. */
  readonly expiresAt?: number | null
  /** When the session ends at the latest, epoch milliseconds, if the session can tell. */
  readonly absoluteExpiresAt?: number | null
}
