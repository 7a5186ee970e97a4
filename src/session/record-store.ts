import type { MaybePromise } from '../base/maybe-promise.ts'
import { misconfigured } from '../base/options.ts'
import type { RecordTimes, SessionPatch, SessionRecord } from './record.ts'

/**
 * Where records live: memory, Redis, SQL, Durable Objects. A store knows nothing of cookies, logins or users; it
 * keeps records under ids that arrive already hashed (at most 64 characters of ASCII), so that who reads the store
 * holds no credential.
 *
 * The contract, which `recordStoreContract` in `latchkey/testing` checks:
 *
 * - **Missing, expired and malformed are one case**: `read` answers `null`. An expired record is missing from the
 *   moment `expiresAt` is reached, by the store's clock, whether or not it has been collected.
 * - **Records are values**: what `read` gave does not change afterwards, and changing what was handed in changes
 *   nothing.
 * - **Each call is atomic**: of two calls on one id, one happens first; parallel `update`s lose no key.
 * - **Broken is an exception**: only a failing engine throws. A store never answers `null` for an engine that is
 *   down, since that would log people out.
 *
 * What more a store can do stands in its type: {@link IndexedRecordStore}, {@link PrunableRecordStore}.
 */
export interface RecordStore {
  /** The record, or `null`. One round trip: it is asked at every request. */
  read(id: string): MaybePromise<SessionRecord | null>
  /** Keeps a new record. `false`, and nothing is changed, when a live one has this id. */
  create(id: string, record: SessionRecord): MaybePromise<boolean>
  /**
   * Lays `patch` over the record's data, key by key, and moves its times. NEVER creates: `false` when the record is
   * gone or superseded, which is how a logout wins against every request that is still under way.
   */
  update(id: string, patch: SessionPatch, times: RecordTimes): MaybePromise<boolean>
  /**
   * Marks a record as carried on by another one, until `expiresAt`, and gives it back with the mark; `null` when it
   * is gone or was superseded already. Of several callers exactly one gets it: that is how a rotation claims a
   * session. The mark stays readable, so that a logout which comes under the old id finds the session under its new
   * one; `by` may also be an id that no record has.
   */
  supersede(id: string, by: string, expiresAt: number): MaybePromise<SessionRecord | null>
  /**
   * Removes the record and gives it back as it was, or `null`. Of several callers exactly one gets it. With `ifEmpty`
   * only a record without data is removed.
   */
  delete(id: string, condition?: { readonly ifEmpty: true }): MaybePromise<SessionRecord | null>
}

/** A record together with its id. */
export interface RecordEntry {
  readonly id: string
  readonly record: SessionRecord
}

/**
 * A store that can find the records of one owner: what the device list, logging out everywhere and a limit on
 * sessions need. A record is in the index from the moment that `create` has answered, for as long as it lives;
 * superseded ones are too. Nothing of it scans the store.
 */
export interface IndexedRecordStore extends RecordStore {
  /** Every live record of this owner, in no order. */
  listByOwner(owner: string): MaybePromise<readonly RecordEntry[]>
  /** Removes every live record of this owner, and gives back what this call removed. */
  deleteByOwner(owner: string): MaybePromise<readonly RecordEntry[]>
}

/** A store that has to be told to collect what has expired: call it from a job, every hour or so. */
export interface PrunableRecordStore extends RecordStore {
  /**
   * Removes records whose end is at or before `now` (epoch milliseconds; default: the store's clock), in batches
   * that hold no lock for long; how many.
   */
  prune(now?: number): MaybePromise<number>
}

/** Refuses what is no store when the app is built: one that is missing would show at the first visitor. */
export function checkStore(caller: string, store: unknown): void {
  if (typeof (store as RecordStore | undefined)?.update !== 'function')
    misconfigured(`${caller}() takes a store, such as memoryRecords().`)
}
