import { rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient } from '@libsql/client'
import { createSchema, libsql, mysql2, pg, type SqlClient, sqlRecords } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { COLUMNS, fromRow } from '../../../adapters/sql/record-row.ts'
import { URLS } from '../../engines/urls.ts'
import type { Engine, EngineInit } from './engine.ts'

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
  const file = path.join(os.tmpdir(), `${init.name}-${process.pid}.db`)
  const client = createClient({ url: `file:${file}` })
  return openSql(libsql(client), init, async () => {
    client.close()
    rmSync(file, { force: true })
  })
}

/** A table of its own in whatever database this is. */
export async function openSql(
  client: SqlClient,
  { name: table, now }: EngineInit,
  close: () => Promise<void>,
): Promise<Engine> {
  await client.run(`DROP TABLE IF EXISTS ${table}`, [])
  await createSchema(client, { table })
  const records = sqlRecords(client, { table, now })
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
  return {
    records,
    async entries() {
      const { rows } = await client.run(`SELECT id, ${COLUMNS} FROM ${table} WHERE expires_at > 0`, [])
      return rows.map((row) => ({ key: String(row.id), record: fromRow(row) ?? row.data }))
    },
    async overwrite(key, { record, raw }) {
      await client.run(`DELETE FROM ${table} WHERE id = ${literal(key)}`, [])
      await records.create(
        key,
        record ?? { data: {}, createdAt: now(), renewedAt: now(), expiresAt: now() + 86_400_000 },
      )
      if (record) return
      const text = literal(JSON.stringify(raw) ?? 'null')
      await client.run(`UPDATE ${table} SET data = ${text} WHERE id = ${literal(key)}`, [])
    },
    async clear() {
      await client.run(`DELETE FROM ${table}`, [])
    },
    prune: () => records.prune(),
    async close() {
      await client.run(`DROP TABLE IF EXISTS ${table}`, [])
      await close()
    },
  }
}
