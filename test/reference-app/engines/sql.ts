import { rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient } from '@libsql/client'
import { libsql, mysql2, pg } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { URLS } from '../../engines/urls.ts'
import type { Engine, EngineInit } from './engine.ts'
import { openSql } from './sql-table.ts'

export async function openPostgres(init: EngineInit): Promise<Engine> {
  const pool = new Pg.Pool({ connectionString: URLS.postgres, connectionTimeoutMillis: 3000 })
  pool.on('error', () => {})
  return openSql(pg(pool), init, () => pool.end())
}

export async function openMysql(init: EngineInit): Promise<Engine> {
  const pool = mysql.createPool({ uri: URLS.mysql, connectTimeout: 3000 })
  return openSql(mysql2(pool), init, () => pool.end())
}

export async function openSqlite(init: EngineInit): Promise<Engine> {
  const { name, isShared } = init
  const file = path.join(os.tmpdir(), `${name}${isShared ? '' : `-${process.pid}`}.db`)
  // One writer at a time: others wait for it.
  const client = createClient({ url: `file:${file}`, timeout: 10_000 })
  if (isShared) await client.execute('PRAGMA journal_mode = WAL')
  return openSql(libsql(client), init, async (isLast) => {
    client.close()
    if (!isLast) return
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  })
}
