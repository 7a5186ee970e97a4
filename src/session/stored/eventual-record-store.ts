import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { SessionRecord } from '../record.ts'

/**
 * Where records live that is eventually consistent: Workers KV. What one place writes, another may not see for a
 * minute, so it offers neither claims nor patches nor an index, and is no `RecordStore`. `eventuallyConsistentSessions` makes of
 * it what can be made of it.
 *
 * - **Missing, expired and malformed are one case**: `read` answers `null`, by the store's clock.
 * - **Broken is an exception**: only a failing engine throws.
 */
export interface EventualRecordStore {
  readonly consistency: 'eventual'
  /** The record, or `null`; perhaps as it was a minute ago. */
  read(id: string): MaybePromise<SessionRecord | null>
  /** Keeps a record, over whatever was there. */
  put(id: string, record: SessionRecord): MaybePromise<void>
  /** Removes the record. It may be read elsewhere for another minute. */
  delete(id: string): MaybePromise<void>
}
