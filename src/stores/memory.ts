import { patched, type SessionRecord } from '../session/record.ts'
import type { RecordStore } from '../session/record-store.ts'

export interface MemoryRecordOptions {
  /** How many records are kept. Over it the oldest makes room. Default 1,000,000 (about 0.5 GB). */
  readonly maxRecords?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Looked at per write: enough that the dead go faster than the living come, little enough to cost no pause. */
const SWEPT_PER_WRITE = 4

/**
 * Records in this process: the embedded store. Gone with the process, not shared between several.
 *
 * Bounded, without timers: expiry is checked on read, and each write looks at a few more records in turn and drops
 * those that have expired, so that no operation ever pays for all of them.
 */
export function memoryRecords(options: MemoryRecordOptions = {}): MemoryRecords {
  return new MemoryRecords(options)
}

export class MemoryRecords implements RecordStore {
  readonly #records = new Map<string, SessionRecord>()
  readonly #maxRecords: number
  readonly #now: () => number
  #cursor: Iterator<[string, SessionRecord]> | undefined

  constructor({ maxRecords = 1_000_000, now = Date.now }: MemoryRecordOptions) {
    this.#maxRecords = maxRecords
    this.#now = now
  }

  /** How many records are held, expired ones that were not swept yet included. */
  get size(): number {
    return this.#records.size
  }

  read(id: string): SessionRecord | null {
    const record = this.#records.get(id)
    if (record === undefined) return null
    if (this.#now() < record.expiresAt) return record
    this.#records.delete(id)
    return null
  }

  create(id: string, record: SessionRecord): boolean {
    if (this.read(id) !== null) return false
    this.#sweepSome()
    if (this.#records.size >= this.#maxRecords) this.#evictOldest()
    this.#records.set(id, { ...record, data: { ...record.data } })
    return true
  }

  update(
    id: string,
    patch: Readonly<Record<string, unknown>>,
    times: Pick<SessionRecord, 'renewedAt' | 'expiresAt'>,
  ): boolean {
    const record = this.read(id)
    if (record === null || record.supersededBy !== undefined) return false
    this.#sweepSome()
    const { renewedAt, expiresAt } = times
    this.#records.set(id, {
      data: patched(record.data, patch),
      createdAt: record.createdAt,
      renewedAt,
      expiresAt,
    })
    return true
  }

  supersede(id: string, by: string, expiresAt: number): SessionRecord | null {
    const record = this.read(id)
    if (record === null || record.supersededBy !== undefined) return null
    this.#records.set(id, { ...record, expiresAt, supersededBy: by })
    return record
  }

  delete(id: string, condition?: { readonly ifEmpty: true }): SessionRecord | null {
    const record = this.read(id)
    if (record === null) return null
    if (condition?.ifEmpty && Object.keys(record.data).length > 0) return null
    this.#records.delete(id)
    return record
  }

  /** Drops every expired record now; how many. Never needed: writes do it little by little. */
  prune(): number {
    const before = this.#records.size
    for (const id of this.#records.keys()) this.read(id)
    return before - this.#records.size
  }

  #sweepSome(): void {
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked++) {
      this.#cursor ??= this.#records.entries()
      const next = this.#cursor.next()
      if (next.done) {
        this.#cursor = undefined
        return
      }
      const [id, record] = next.value
      if (this.#now() >= record.expiresAt) this.#records.delete(id)
    }
  }

  #evictOldest(): void {
    const oldest = this.#records.keys().next()
    if (!oldest.done) this.#records.delete(oldest.value)
  }
}
