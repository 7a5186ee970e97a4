import { BoundedMap } from '../base/bounded-map.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { checkCount, checkSeconds, refuseUnknown } from '../base/options.ts'
import type { SessionRecord } from '../session/record.ts'
import { checkStore, type IndexedRecordStore, type RecordStore } from '../session/record-store.ts'

/** Options of {@link cachedRecords}. */
export interface CachedRecordOptions {
  /**
   * How old a cached record may be, in seconds. A session that another process has ended may live on here for
   * as long.
   */
  readonly seconds: number
  /** How many records are cached. Default 10,000. */
  readonly maxRecords?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

interface Entry {
  /** Missing while the store is still being asked. */
  record?: SessionRecord
  readonly until: number
}

/**
 * Caches what was read from `store` for a few seconds, so that a visitor's next request need not read it
 * again. Missing records are not cached.
 *
 * What **this process** changes or ends is seen at once. What **another process** ends is seen up to
 * `seconds` later: that is the price, and why this is never done by default.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function cachedRecords(store: IndexedRecordStore, options: CachedRecordOptions): IndexedRecordStore
export function cachedRecords(store: RecordStore, options: CachedRecordOptions): RecordStore
export function cachedRecords(
  store: RecordStore | IndexedRecordStore,
  options: CachedRecordOptions,
): RecordStore {
  const { seconds, maxRecords = 10_000, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  checkStore('cachedRecords', store)
  checkSeconds('seconds', seconds, 0.001)
  checkCount('maxRecords', maxRecords)
  let entries = new BoundedMap<string, Entry>(maxRecords)
  /** Sets a new entry, so that a read under way sees that its own is gone. */
  const forget = (id: string): void => entries.set(id, { until: 0 })

  const ask = (id: string): MaybePromise<SessionRecord | null> => {
    const entry: Entry = { until: now() + seconds * 1000 }
    entries.set(id, entry)
    return andThen(store.read(id), (record) => {
      // If something was written meanwhile, another entry is in its place, and this one is no longer used.
      if (record !== null) entry.record = record
      return record
    })
  }

  /** Forgets the record before the change and after it: a read in between may have returned the old one. */
  const changing = async <T>(id: string, change: () => MaybePromise<T>): Promise<T> => {
    forget(id)
    try {
      return await change()
    } finally {
      forget(id)
    }
  }

  const cached: RecordStore = {
    read(id) {
      const entry = entries.get(id)
      const record = entry?.record
      if (!record || now() >= (entry as Entry).until) return ask(id)
      return now() < record.keptUntil ? record : null
    },
    create: (id, record) => changing(id, () => store.create(id, record)),
    update: (id, patch, times) => changing(id, () => store.update(id, patch, times)),
    supersede: (id, mark, keptUntil) => changing(id, () => store.supersede(id, mark, keptUntil)),
    delete: (id, condition) => changing(id, () => store.delete(id, condition)),
  }
  if (!('listByOwner' in store)) return cached
  const indexed: IndexedRecordStore = {
    ...cached,
    listByOwner: (owner) => store.listByOwner(owner),
    async deleteByOwner(owner) {
      try {
        const ended = await store.deleteByOwner(owner)
        for (const { id } of ended) forget(id)
        return ended
      } catch (error) {
        // Some of them may be gone, and it is unknown which.
        entries = new BoundedMap(maxRecords)
        throw error
      }
    },
  }
  return indexed
}
