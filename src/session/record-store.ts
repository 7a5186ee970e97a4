import type { MaybePromise } from '../base/maybe-promise.ts'
import { misconfigured } from '../base/options.ts'
import type { RecordTimes, SessionMark, SessionPatch, SessionRecord } from './record.ts'

/**
 * Where session records live: memory, Redis, SQL, Durable Objects. A store knows nothing about cookies,
 * logins or users. Record ids are already hashed (at most 64 ASCII characters), so that read access to the
 * store gives no credentials.
 *
 * The contract, which `recordStoreContract` in `latchkey/testing` checks:
 *
 * - **Missing, expired and malformed are one case**: `read` returns `null`. A record is missing from the
 *   moment `keptUntil` is reached, by the store's clock, whether or not it has been collected.
 * - **Records are values**: a record that `read` returned does not change afterwards, and changing an
 *   argument after the call changes nothing.
 * - **Each call is atomic**: of two calls on one id, one happens first; parallel `update`s lose no key.
 * - **A failure is an exception**: a store throws only when its backend fails. It never returns `null` for a
 *   backend that is down, because that would log people out.
 *
 * Two more types say what else a store can do: {@link IndexedRecordStore}, {@link PrunableRecordStore}.
 */
export interface RecordStore {
  /** Returns the record, or `null`. One round trip: every request calls it. */
  read(id: string): MaybePromise<SessionRecord | null>
  /** Stores a new record. Returns `false`, and changes nothing, if a live record has this id. */
  create(id: string, record: SessionRecord): MaybePromise<boolean>
  /**
   * Applies `patch` to the record's data, key by key, and sets its times. NEVER creates a record: returns
   * `false` if it is gone or marked. That is how a logout wins over every request that is still under way.
   */
  update(id: string, patch: SessionPatch, times: RecordTimes): MaybePromise<boolean>
  /**
   * Marks a record, empties its data and keeps it until `keptUntil`. Its owner and its other times stay. Returns the
   * record as it was before, with its data; `null` if it is gone or was already marked. Of several callers exactly
   * one gets it: that is how a rotation claims a session.
   *
   * The mark stays readable, so that a logout under the old id finds the session under its new one. `mark.next` may
   * also be an id that no record has.
   */
  supersede(id: string, mark: SessionMark, keptUntil: number): MaybePromise<SessionRecord | null>
  /**
   * Removes the record, marked or not, and returns it as it was, or `null`. Of several callers exactly one gets it.
   * With `ifEmpty`, removes the record only if it has neither data nor a mark.
   */
  delete(id: string, condition?: { readonly ifEmpty: true }): MaybePromise<SessionRecord | null>
}

/** A record together with its id. */
export interface RecordEntry {
  /** The id that the store keeps the record under. */
  readonly id: string
  /** The record itself. */
  readonly record: SessionRecord
}

/**
 * A store that can find the records of one owner. The device list, logging out everywhere and a limit on
 * sessions need this.
 *
 * A record is in the index from the moment `create` has returned, until it is forgotten, even if it is
 * marked. Neither method scans the store.
 */
export interface IndexedRecordStore extends RecordStore {
  /** Returns every record of this owner, marked ones too, in no particular order. */
  listByOwner(owner: string): MaybePromise<readonly RecordEntry[]>
  /** Removes every record of this owner, marked ones too, and returns those that this call removed. */
  deleteByOwner(owner: string): MaybePromise<readonly RecordEntry[]>
}

/** A store that must be told to remove expired records: call `prune` from a job, about once an hour. */
export interface PrunableRecordStore extends RecordStore {
  /**
   * Removes records that are kept until `now` or earlier (epoch milliseconds; default: the store's clock), in batches
   * that hold no lock for long. Returns how many.
   */
  prune(now?: number): MaybePromise<number>
}

/**
 * Throws at construction if `store` is not a record store. Otherwise a missing one would only show at the
 * first request.
 */
export function checkStore(caller: string, store: unknown): void {
  if (typeof (store as RecordStore | undefined)?.update !== 'function')
    misconfigured(`${caller}() needs a record store, such as memoryRecords().`)
}
