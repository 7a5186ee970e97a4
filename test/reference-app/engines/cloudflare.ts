import { d1 } from 'latchkey/sql'
import { startWorkerd } from '../../engines/miniflare.ts'
import { type KvForTests, openNamespace, openObjects } from './bindings.ts'
import type { Engine, EngineInit } from './engine.ts'
import { openSql } from './sql-table.ts'

/*
 * Cloudflare's engines, from Node: the bindings of a worker that does nothing else.
 */

const start = () => startWorkerd('engines/cloudflare-worker.ts')

export async function openD1(init: EngineInit): Promise<Engine> {
  const workerd = await start()
  return openSql(d1(await workerd.getD1Database('DB')), init, () => workerd.dispose())
}

export async function openDurableObjects(init: EngineInit): Promise<Engine> {
  const workerd = await start()
  const namespace = await workerd.getDurableObjectNamespace('SESSIONS')
  return openObjects(namespace as never, init, () => workerd.dispose())
}

export async function openKv(init: EngineInit): Promise<Engine> {
  const workerd = await start()
  const namespace = (await workerd.getKVNamespace('KV')) as unknown as KvForTests
  return openNamespace(namespace, init, () => workerd.dispose())
}
