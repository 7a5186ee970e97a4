import { install } from '../../engines/install.mjs'
import type { OpenEngine } from './engine.ts'
import { openMemory } from './memory.ts'

const sql = () => import('./sql.ts')
/** Needs what the root's install does not bring. */
const cloudflare = () => {
  install('engines')
  return import('./cloudflare.ts')
}

/** Engines by the name of their session mode; each is loaded when it is asked for. */
export const ENGINES: Readonly<Record<string, OpenEngine>> = {
  memory: async (init) => openMemory(init),
  redis: async (init) => (await import('./redis.ts')).openRedis(init),
  postgres: async (init) => (await sql()).openPostgres(init),
  mysql: async (init) => (await sql()).openMysql(init),
  sqlite: async (init) => (await sql()).openSqlite(init),
  d1: async (init) => (await cloudflare()).openD1(init),
  'durable-object': async (init) => (await cloudflare()).openDurableObjects(init),
  kv: async (init) => (await cloudflare()).openKv(init),
}
