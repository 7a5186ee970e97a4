import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { SessionRecord } from '../record.ts'

/**
 * Where session records live if the store is eventually consistent: Workers KV. What one place writes,
 * another may not see for a minute. It therefore offers neither claims nor patches nor an index, and is not a
 * `RecordStore`: use it with `eventuallyConsistentSessions`.
 *
 * - **Missing, expired and malformed are one case**: `read` returns `null`, by the store's clock.
 * - **A failure is an exception**: the store throws only when its backend fails.
 */
export interface EventualRecordStore {
  /** Always `eventual`. It tells the types apart. */
  readonly consistency: 'eventual'
  /** Returns the record, or `null`. It may be as it was a minute ago. */
  read(id: string): MaybePromise<SessionRecord | null>
  /** Stores a record, over whatever was there. */
  put(id: string, record: SessionRecord): MaybePromise<void>
  /** Removes the record. Other places may read it for another minute. */
  delete(id: string): MaybePromise<void>
}
