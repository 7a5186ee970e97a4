import {
  durableObjectLimiter,
  durableObjectRecords,
  type KvNamespaceLike,
  kvRecords,
} from 'latchkey/cloudflare'
import type { Engine, EngineInit } from './engine.ts'

type Close = () => Promise<void>
type ObjectNamespace = Parameters<typeof durableObjectRecords>[0]

/** What is used of KV here. */
export interface KvForTests extends KvNamespaceLike {
  list(options: { prefix: string }): Promise<{ keys: { name: string }[] }>
}

/** Objects cannot be listed: their ids are written down here, and emptying is to begin with other names. */
export function openObjects(namespace: ObjectNamespace, { now }: EngineInit, close: Close): Engine {
  let generation = 0
  let ids = new Set<string>()
  const open = () => durableObjectRecords(namespace, { now, prefix: `${generation}:` })
  let inner = open()
  return {
    get limiter() {
      return durableObjectLimiter(namespace, { now, prefix: `${generation}:` })
    },
    records: {
      read: (id) => inner.read(id),
      create(id, record) {
        ids.add(id)
        return inner.create(id, record)
      },
      update: (id, patch, times) => inner.update(id, patch, times),
      supersede: (id, mark, keptUntil) => inner.supersede(id, mark, keptUntil),
      delete: (id, condition) => inner.delete(id, condition),
      listByOwner: (owner) => inner.listByOwner(owner),
      deleteByOwner: (owner) => inner.deleteByOwner(owner),
    },
    async entries() {
      const all = await Promise.all([...ids].map(async (key) => ({ key, record: await inner.read(key) })))
      return all.filter(({ record }) => record !== null)
    },
    async overwrite(key, { record, raw }) {
      ids.add(key)
      await inner.delete(key)
      await inner.create(key, record ?? (raw as never))
    },
    async clear() {
      generation++
      ids = new Set()
      inner = open()
    },
    close,
  }
}

/** Emptying is to begin with another prefix. */
export function openNamespace(namespace: KvForTests, { now }: EngineInit, close: Close): Engine {
  let prefix = '0:'
  const inner = () => kvRecords(namespace, { now, prefix })
  return {
    records: {
      consistency: 'eventual',
      read: (id) => inner().read(id),
      put: (id, record) => inner().put(id, record),
      delete: (id: string) => inner().delete(id),
    },
    async entries() {
      const { keys } = await namespace.list({ prefix })
      const all = keys.map(async ({ name }) => ({
        key: name.slice(prefix.length),
        record: JSON.parse((await namespace.get(name)) ?? 'null') as unknown,
      }))
      return Promise.all(all)
    },
    async overwrite(key, { record, raw }) {
      await namespace.put(prefix + key, JSON.stringify(record ?? raw ?? null), { expirationTtl: 86_400 })
    },
    async clear() {
      prefix = `${Number.parseInt(prefix, 10) + 1}:`
    },
    close,
  }
}
