import { misconfigured } from '../../base/options.ts'
import { isEmpty, patched, type RecordTimes, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionKind, SessionStrategy } from '../session-kind.ts'
import type { EventualRecordStore } from './eventual-record-store.ts'
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
  return (environment) =>
    new StoredSessions(new ReadModifyWrite(store), environment) as SessionKind<undefined>
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

  /** Reads the record, applies `patch` and writes it back. Returns `false` if it is gone or superseded. */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const record = await this.#store.read(id)
    if (record === null || record.replacedBy !== undefined) return false
    await this.#store.put(id, { ...record, ...times, data: patched(record.data, patch) })
    return true
  }

  /** Marks the record and returns it, or `null` if it is gone or superseded. Several callers may get it. */
  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    if (record === null || record.replacedBy !== undefined) return null
    const marked = { ...record, expiresAt, replacedBy: by }
    await this.#store.put(id, marked)
    return marked
  }

  /** Removes the record and returns it as it was last seen here, or `null`. Several callers may get it. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    if (condition?.ifEmpty && (record === null || !isEmpty(record.data))) return null
    // Also if it cannot be seen from here yet.
    await this.#store.delete(id)
    return record
  }
}
