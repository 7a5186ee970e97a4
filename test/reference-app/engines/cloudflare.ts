import { durableObjectRecords, type KvNamespaceLike, kvRecords } from 'latchkey/cloudflare'
import { d1 } from 'latchkey/sql'
import { startWorkerd } from '../../engines/miniflare.ts'
import type { Engine, EngineInit } from './engine.ts'
import { openSql } from './sql.ts'

export async function openD1(init: EngineInit): Promise<Engine> {
  const workerd = await startWorkerd('engines/cloudflare-worker.ts')
  return openSql(d1(await workerd.getD1Database('DB')), init, () => workerd.dispose())
}

export async function openDurableObjects({ now }: EngineInit): Promise<Engine> {
  const workerd = await startWorkerd('engines/cloudflare-worker.ts')
  const namespace = await workerd.getDurableObjectNamespace('SESSIONS')
  // Objects cannot be listed: their ids are written down here, and emptying is to begin with other names.
  let generation = 0
  let ids = new Set<string>()
  const open = () => durableObjectRecords(namespace as never, { now, prefix: `${generation}:` })
  let inner = open()
  return {
    records: {
      read: (id) => inner.read(id),
      create(id, record) {
        ids.add(id)
        return inner.create(id, record)
      },
      update: (id, patch, times) => inner.update(id, patch, times),
      supersede: (id, by, expiresAt) => inner.supersede(id, by, expiresAt),
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
    close: () => workerd.dispose(),
  }
}

/** What is used of KV here. */
interface KvForTests extends KvNamespaceLike {
  list(options: { prefix: string }): Promise<{ keys: { name: string }[] }>
}

export async function openKv({ now }: EngineInit): Promise<Engine> {
  const workerd = await startWorkerd('engines/cloudflare-worker.ts')
  const namespace = (await workerd.getKVNamespace('KV')) as unknown as KvForTests
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
    close: () => workerd.dispose(),
  }
}
