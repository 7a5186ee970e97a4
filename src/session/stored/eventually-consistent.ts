import { misconfigured } from '../../base/options.ts'
import { limitedStore } from '../limited-store.ts'
import {
  isEmpty,
  patched,
  type RecordTimes,
  type SessionMark,
  type SessionPatch,
  type SessionRecord,
} from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionStrategy } from '../session-kind.ts'
import type { EventualRecordStore } from './eventual-record-store.ts'
import { RecordIds } from './record-ids.ts'
import { StoredSessions } from './stored-sessions.ts'

/**
 * Sessions over an eventually consistent store. **Much weaker than `storedSessions`**:
 *
 * - Parallel writers overwrite each other, or are refused (Workers KV takes one write a second per session).
 * - A logout is seen elsewhere after the store's delay (a minute). **A request that is under way elsewhere in
 *   that time may write the session back, for good.**
 * - There is no `auth.devices`.
 *
 * Raising the user's `sessionEpoch` ends their sessions everywhere at once, and nothing brings those back: do
 * that for a logout that must hold.
 *
 * @throws LatchkeyError `invalid_configuration` for a store of another kind.
 */
export function eventuallyConsistentSessions(store: EventualRecordStore): SessionStrategy<undefined> {
  if (typeof (store as EventualRecordStore | undefined)?.put !== 'function')
    misconfigured(
      'eventuallyConsistentSessions() needs an eventually consistent store, such as kvRecords(…).',
    )
  return (environment) => {
    const limited = limitedStore(new ReadModifyWrite(store), environment.timeLimitSeconds)
    return new StoredSessions(limited, new RecordIds(environment), environment)
  }
}

/**
 * A `RecordStore` over an eventually consistent store. Each call takes several steps, and other calls may
 * come in between.
 */
export class ReadModifyWrite implements RecordStore {
  readonly #store: EventualRecordStore

  constructor(store: EventualRecordStore) {
    this.#store = store
  }

  /** Returns the record, or `null`. It may be as it was a minute ago. */
  async read(id: string): Promise<SessionRecord | null> {
    return this.#store.read(id)
  }

  /**
   * Stores a new record without reading first, because KV remembers for a minute that a key was missing. New
   * ids are random. Always returns `true`.
   */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    await this.#store.put(id, record)
    return true
  }

  /** Reads the record, applies `patch` and writes it back. Returns `false` if it is gone or marked. */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const record = await this.#store.read(id)
    if (record === null || record.mark !== undefined) return false
    const { renewedAt, expiresAt, keptUntil } = times
    const data = patched(record.data, patch)
    await this.#store.put(id, { ...record, data, renewedAt, expiresAt, keptUntil })
    return true
  }

  /**
   * Marks the record, empties its data and returns it as it was before. Returns `null` if it is gone or was
   * marked already. Several callers may get it.
   */
  async supersede(id: string, mark: SessionMark, keptUntil: number): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    if (record === null || record.mark !== undefined) return null
    await this.#store.put(id, { ...record, data: {}, keptUntil, mark })
    return record
  }

  /** Removes the record and returns it as it was last seen here, or `null`. Several callers may get it. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    const isBare = record !== null && record.mark === undefined && isEmpty(record.data)
    if (condition?.ifEmpty && !isBare) return null
    // Also if it cannot be seen from here yet.
    await this.#store.delete(id)
    return record
  }
}
