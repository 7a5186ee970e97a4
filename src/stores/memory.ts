import { checkCount, refuseUnknown } from '../base/options.ts'
import {
  isEmpty,
  patched,
  type RecordTimes,
  type SessionMark,
  type SessionPatch,
  type SessionRecord,
} from '../session/record.ts'
import type { IndexedRecordStore, PrunableRecordStore, RecordEntry } from '../session/record-store.ts'
import { ShardedMap } from './sharded-map.ts'

/** Options of {@link memoryRecords}. */
export interface MemoryRecordOptions {
  /**
   * How many records are kept. Default 1,000,000 (about 0.5 GB). Beyond that an old one is dropped: an anonymous
   * visitor's, or one that only says why a session ended, as long as there is one, only then another one. A new one of
   * these displaces no user: without another one to drop, it is not kept.
   */
  readonly maxRecords?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Records looked at per write, among those of the same kind: enough to drop expired ones faster than new ones
 * come, too few to cause a pause.
 */
const SWEPT_PER_WRITE = 4

/**
 * A record store in this process's memory. It is gone with the process, and not shared between processes.
 *
 * Its size is bounded, without timers: expiry is checked on read, and each write looks at a few more records
 * in turn and drops those that have expired, so that no operation ever pays for all of them.
 */
export function memoryRecords(options: MemoryRecordOptions = {}): MemoryRecords {
  return new MemoryRecords(options)
}

/** The record store that {@link memoryRecords} makes. See `RecordStore` for the contract. */
export class MemoryRecords implements IndexedRecordStore, PrunableRecordStore {
  /**
   * What is dropped first: records of anonymous visitors, which anyone can make, and those that only say why a session
   * ended, which is no longer there. Other marks without an owner end a session: they are in the other map.
   */
  readonly #dispensable = new ShardedMap<SessionRecord>()
  readonly #others = new ShardedMap<SessionRecord>()
  /** The ids of an owner's records: one bare id, since most users have one session, or a set of them. */
  readonly #owned = new ShardedMap<string | Set<string>>()
  readonly #maxRecords: number
  readonly #now: () => number

  constructor({ maxRecords = 1_000_000, now = Date.now, ...unknown }: MemoryRecordOptions) {
    refuseUnknown(unknown)
    checkCount('maxRecords', maxRecords)
    this.#maxRecords = maxRecords
    this.#now = now
  }

  /** How many records are held, including expired ones that were not dropped yet. */
  get size(): number {
    return this.#dispensable.size + this.#others.size
  }

  /** Returns the record, or `null` if it is missing or has expired. */
  read(id: string): SessionRecord | null {
    const record = this.#others.get(id) ?? this.#dispensable.get(id)
    if (record === undefined) return null
    if (this.#now() < record.keptUntil) return record
    this.#drop(id, record)
    return null
  }

  /** Stores a new record. Returns `false`, and changes nothing, if a live record has this id. */
  create(id: string, record: SessionRecord): boolean {
    if (this.read(id) !== null) return false
    const records = this.#mapOf(record)
    this.#sweepSome(records)
    if (this.size >= this.#maxRecords && !this.#makeRoom(records, id)) return true
    const { data, mark } = record
    const kept = { ...record, data: { ...data } }
    records.set(id, mark ? { ...kept, mark: { ...mark } } : kept)
    if (record.owner !== undefined) this.#addToOwner(record.owner, id)
    return true
  }

  /** Applies `patch` and sets the times. Returns `false` if the record is gone or marked. */
  update(id: string, patch: SessionPatch, { renewedAt, expiresAt, keptUntil }: RecordTimes): boolean {
    const record = this.read(id)
    if (record === null || record.mark !== undefined) return false
    const records = this.#mapOf(record)
    this.#sweepSome(records)
    const data = patched(record.data, patch)
    records.set(id, { ...record, data, renewedAt, expiresAt, keptUntil })
    return true
  }

  /**
   * Marks the record, empties its data and returns it as it was before. Returns `null` if it is gone or was
   * marked already.
   */
  supersede(id: string, mark: SessionMark, keptUntil: number): SessionRecord | null {
    const record = this.read(id)
    if (record === null || record.mark !== undefined) return null
    if (record.owner === undefined) this.#dispensable.delete(id)
    this.#others.set(id, { ...record, data: {}, keptUntil, mark: { ...mark } })
    return record
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only if it has neither data nor a mark. */
  delete(id: string, condition?: { readonly ifEmpty: true }): SessionRecord | null {
    const record = this.read(id)
    if (record === null) return null
    if (condition?.ifEmpty && (record.mark !== undefined || !isEmpty(record.data))) return null
    this.#drop(id, record)
    return record
  }

  /** Returns every live record of this owner, marked ones too. */
  listByOwner(owner: string): RecordEntry[] {
    const found: RecordEntry[] = []
    for (const id of this.#idsOf(owner)) {
      const record = this.read(id)
      if (record !== null) found.push({ id, record })
    }
    return found
  }

  /** Removes every live record of this owner, marked ones too, and returns them. */
  deleteByOwner(owner: string): RecordEntry[] {
    const ended = this.listByOwner(owner)
    for (const { id, record } of ended) this.#drop(id, record)
    return ended
  }

  /** Removes all expired records at once. Returns how many. Never needed: writes do it little by little. */
  prune(now: number = this.#now()): number {
    const before = this.size
    for (const records of [this.#dispensable, this.#others])
      for (const [id, record] of records.entries()) if (now >= record.keptUntil) this.#drop(id, record)
    return before - this.size
  }

  #mapOf({ owner, mark, createdAt, expiresAt }: SessionRecord): ShardedMap<SessionRecord> {
    const isDispensable = mark === undefined || (mark.kind === 'ended' && expiresAt <= createdAt)
    return owner === undefined && isDispensable ? this.#dispensable : this.#others
  }

  #sweepSome(records: ShardedMap<SessionRecord>): void {
    const now = this.#now()
    const look = (map: ShardedMap<SessionRecord>): void => {
      const entry = map.next()
      if (entry !== undefined && now >= entry[1].keptUntil) this.#drop(...entry)
    }
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked++) look(records)
    // One of the other kind, so that the last of them are forgotten as well.
    look(records === this.#dispensable ? this.#others : this.#dispensable)
  }

  /** Drops one record for a new one among `records`. Returns `false` if there is none that may go. */
  #makeRoom(records: ShardedMap<SessionRecord>, id: string): boolean {
    const oldest = this.#dispensable.oldestNear(id) ?? (records === this.#others && records.oldestNear(id))
    if (oldest) this.#drop(...oldest)
    return Boolean(oldest)
  }

  #drop(id: string, record: SessionRecord): void {
    this.#mapOf(record).delete(id)
    const { owner } = record
    if (owner === undefined) return
    const ids = this.#owned.get(owner)
    if (ids instanceof Set && ids.size > 1) ids.delete(id)
    else this.#owned.delete(owner)
  }

  #addToOwner(owner: string, id: string): void {
    const ids = this.#owned.get(owner)
    if (ids instanceof Set) ids.add(id)
    else this.#owned.set(owner, ids === undefined ? id : new Set([ids, id]))
  }

  /** A copy, because reading drops what has expired. */
  #idsOf(owner: string): string[] {
    const ids = this.#owned.get(owner) ?? []
    return typeof ids === 'string' ? [ids] : [...ids]
  }
}
