import { memoryRecords, type SessionRecord } from 'latchkey'
import type { Engine, EngineInit, Overwrite } from './engine.ts'

export function openMemory({ now }: EngineInit): Engine {
  let inner = memoryRecords({ now })
  const keys = new Set<string>()
  const raw = new Map<string, unknown>()
  return {
    records: {
      read: (id) => (raw.get(id) as SessionRecord) ?? inner.read(id),
      create(id, record) {
        keys.add(id)
        return inner.create(id, record)
      },
      update: (...call) => inner.update(...call),
      supersede: (...call) => inner.supersede(...call),
      delete(id, condition) {
        raw.delete(id)
        return inner.delete(id, condition)
      },
      listByOwner: (owner) => inner.listByOwner(owner),
      deleteByOwner: (...call) => inner.deleteByOwner(...call),
    },
    async entries() {
      const all = [...keys].map((key) => ({ key, record: raw.get(key) ?? inner.read(key) }))
      return all.filter(({ record }) => record !== null)
    },
    async overwrite(key, entry: Overwrite) {
      inner.delete(key)
      raw.delete(key)
      keys.add(key)
      if (entry.record) inner.create(key, entry.record)
      else raw.set(key, entry.raw)
    },
    async clear() {
      inner = memoryRecords({ now })
      keys.clear()
      raw.clear()
    },
    prune: () => inner.prune(),
    close: async () => {},
  }
}
