import { createClient as createLibsql } from '@libsql/client'
import { createClient as createRedis } from '@redis/client'
import type { IndexedRecordStore, Limiter } from 'latchkey'
import { redisLimiter, redisRecords } from 'latchkey/redis'
import {
  createLimiterSchema,
  createSchema,
  libsql,
  mysql2,
  pg,
  type SqlClient,
  sqlLimiter,
  sqlRecords,
} from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { URLS } from './urls.ts'

export interface OpenedStore {
  readonly records: IndexedRecordStore
  readonly limiter: Limiter
  /** Makes what it needs; once, by one of the processes. */
  setUp(): Promise<void>
  /** Removes all that was kept under `place`. */
  tearDown(): Promise<void>
  close(): Promise<void>
}

export type EngineName = 'redis' | 'postgres' | 'mysql' | 'sqlite'

export interface OpenOptions {
  /** A key prefix or a table; for SQLite the file. */
  readonly place: string
  /** Another address than the usual one: that of a proxy. */
  readonly url?: string
}

/** A store on a real engine, as an app of several processes opens it. */
export async function openStore(engine: EngineName, { place, url }: OpenOptions): Promise<OpenedStore> {
  if (engine === 'redis') return openRedis(place, url ?? URLS.redis)
  if (engine === 'postgres') {
    const pool = new Pg.Pool({ connectionString: url ?? URLS.postgres })
    pool.on('error', () => {})
    return overSql(pg(pool), place, () => pool.end())
  }
  if (engine === 'mysql') {
    const pool = mysql.createPool(url ?? URLS.mysql)
    return overSql(mysql2(pool), place, () => pool.end())
  }
  // One writer at a time: others wait for it.
  const client = createLibsql({ url: `file:${place}`, timeout: 10_000 })
  await client.execute('PRAGMA journal_mode = WAL')
  return overSql(libsql(client), 'latchkey_sessions', async () => client.close())
}

async function openRedis(prefix: string, url: string): Promise<OpenedStore> {
  const client = createRedis({ url })
  client.on('error', () => {})
  await client.connect()
  return {
    records: redisRecords(client, { prefix }),
    limiter: redisLimiter(client, { prefix }),
    setUp: async () => {},
    async tearDown() {
      for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
        if (keys.length > 0) await client.unlink(keys)
    },
    close: async () => client.destroy(),
  }
}

function overSql(client: SqlClient, table: string, close: () => Promise<void>): OpenedStore {
  const attempts = `${table}_attempts`
  return {
    records: sqlRecords(client, { table }),
    limiter: sqlLimiter(client, { table: attempts }),
    async setUp() {
      await createSchema(client, { table })
      await createLimiterSchema(client, { table: attempts })
    },
    async tearDown() {
      for (const name of [table, attempts]) await client.run(`DROP TABLE IF EXISTS ${name}`, [])
    },
    close,
  }
}
