import { type MemoryRecords, memoryRecords, type RecordStore, type SessionRecord } from 'latchkey'
import type { Counters } from './counters.ts'
import type { Faults } from './faults.ts'

/** The memory store, counted, breakable, and open to a test that wants to look inside or write over it. */
export class WatchedRecords {
  #inner: MemoryRecords
  readonly #now: () => number
  readonly #keys = new Set<string>()
  readonly #raw = new Map<string, unknown>()

  constructor(now: () => number) {
    this.#now = now
    this.#inner = memoryRecords({ now })
  }

  reset(): void {
    this.#inner = memoryRecords({ now: this.#now })
    this.#keys.clear()
    this.#raw.clear()
  }

  entries(): { kind: 'session'; key: string; record: unknown }[] {
    return [...this.#keys]
      .map((key) => ({ kind: 'session' as const, key, record: this.#raw.get(key) ?? this.#inner.read(key) }))
      .filter(({ record }) => record !== null)
  }

  overwrite(key: string, entry: { record?: SessionRecord; raw?: unknown }): void {
    this.#inner.delete(key)
    this.#raw.delete(key)
    this.#keys.add(key)
    if (entry.record) this.#inner.create(key, entry.record)
    else this.#raw.set(key, entry.raw)
  }

  prune(): number {
    return this.#inner.prune()
  }

  /** What the library is given. */
  store(counters: Counters, faults: Faults): RecordStore {
    const call = <T>(name: string, isWrite: boolean, work: () => T) => {
      counters.add(name)
      return faults.pass('store', isWrite, work)
    }
    return {
      read: (id) =>
        call('storeRead', false, () => (this.#raw.get(id) as SessionRecord) ?? this.#inner.read(id)),
      create: (id, record) =>
        call('storeCreate', true, () => {
          this.#keys.add(id)
          return this.#inner.create(id, record)
        }),
      update: (id, patch, times) => call('storeUpdate', true, () => this.#inner.update(id, patch, times)),
      supersede: (id, ...rest) => call('storeUpdate', true, () => this.#inner.supersede(id, ...rest)),
      delete: (id, condition) =>
        call('storeDelete', true, () => {
          this.#raw.delete(id)
          return this.#inner.delete(id, condition)
        }),
    }
  }
}
