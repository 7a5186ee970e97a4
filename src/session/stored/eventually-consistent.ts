import { misconfigured } from '../../base/options.ts'
import { isEmpty, patched, type RecordTimes, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionKind, SessionStrategy } from '../session-kind.ts'
import type { EventualRecordStore } from './eventual-record-store.ts'
import { StoredSessions } from './stored-sessions.ts'

/**
 * Sessions over a store that is eventually consistent. **Much weaker than `storedSessions`**: parallel writers
 * overwrite each other, or are refused (Workers KV takes one write a second for a session); a logout is seen
 * elsewhere within the store's delay (a minute), and **a request that is under way elsewhere meanwhile may write the
 * session back, for good**; there is no `auth.devices`. Raising the user's `sessionEpoch` ends sessions everywhere at
 * once, and nothing brings those back: do so at a logout that must hold.
 */
export function eventuallyConsistentSessions(store: EventualRecordStore): SessionStrategy<undefined> {
  if (typeof (store as EventualRecordStore | undefined)?.put !== 'function')
    misconfigured(
      'eventuallyConsistentSessions() takes a store that is eventually consistent, such as kvRecords(…).',
    )
  return (environment) =>
    new StoredSessions(new ReadModifyWrite(store), environment) as SessionKind<undefined>
}

/** The calls of a `RecordStore` in several steps, between which others may come. */
export class ReadModifyWrite implements RecordStore {
  readonly #store: EventualRecordStore

  constructor(store: EventualRecordStore) {
    this.#store = store
  }

  async read(id: string): Promise<SessionRecord | null> {
    return this.#store.read(id)
  }

  /** Without a look before: KV remembers for a minute that a key was missing. New ids are random. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    await this.#store.put(id, record)
    return true
  }

  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const record = await this.#store.read(id)
    if (record === null || record.replacedBy !== undefined) return false
    await this.#store.put(id, { ...record, ...times, data: patched(record.data, patch) })
    return true
  }

  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    if (record === null || record.replacedBy !== undefined) return null
    const marked = { ...record, expiresAt, replacedBy: by }
    await this.#store.put(id, marked)
    return marked
  }

  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = await this.#store.read(id)
    if (condition?.ifEmpty && (record === null || !isEmpty(record.data))) return null
    // Also where it cannot be seen from here yet.
    await this.#store.delete(id)
    return record
  }
}
