// The three SQL engines, each through the client and the pool that an app would use.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { createPool } from 'mysql2/promise'
import Pg from 'pg'
import { createSchema, libsql, mysql2, pg, sqlRecords } from '../../../dist/sql.js'
import { idOf, recordOf } from './population.mjs'

const POSTGRES_URL = process.env.POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'
const MYSQL_URL = process.env.MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/test'
const tableOf = (size) => `latchkey_bench_${size}`
const COLUMNS = 'id, data, owner, created_at, renewed_at, expires_at, kept_until'
const ROWS_PER_INSERT = 2000

/** The very values that the store writes for a record: its own statement, caught on the way to a client. */
function rowOf(dialect, i) {
  let values = []
  const client = {
    dialect,
    run(_, parameters) {
      values = parameters.slice(0, 7)
      return { rows: [{}], affected: 1 }
    },
  }
  sqlRecords(client).create(idOf(i), recordOf(i))
  return values
}

/** What the three have in common. `run` is the bare call that an app would make through this client. */
async function opened({ table, client, run, insert, bytes, settle, end }) {
  await client.run(`DROP TABLE IF EXISTS ${table}`, [])
  await createSchema(client, { table })
  const [first, second] = client.dialect === 'postgres' ? ['$1', '$2'] : ['?', '?']
  return {
    records: sqlRecords(client, { table }),
    bareRead: (id) => run(`SELECT data FROM ${table} WHERE id = ${first}`, [id]),
    bareWrite: (id) =>
      run(`UPDATE ${table} SET renewed_at = ${first} WHERE id = ${second}`, [Date.now(), id]),
    async fill(size) {
      for (let from = 0; from < size; from += ROWS_PER_INSERT) {
        const length = Math.min(ROWS_PER_INSERT, size - from)
        await insert(Array.from({ length }, (_, i) => rowOf(client.dialect, from + i)))
      }
    },
    settle,
    bytes,
    async close() {
      await client.run(`DROP TABLE ${table}`, [])
      await end()
    },
  }
}

export const postgres = {
  title: 'PostgreSQL',
  floor: '`SELECT data` by primary key',
  open(size) {
    const table = tableOf(size)
    const pool = new Pg.Pool({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2000 })
    const types = ['text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'bigint']
    const arrays = types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')
    return opened({
      table,
      client: pg(pool),
      run: (text, values) => pool.query(text, values),
      insert: (rows) =>
        pool.query(
          `INSERT INTO ${table} (${COLUMNS}) SELECT id, data::jsonb, owner, c, r, e, k
FROM unnest(${arrays}) AS given (id, data, owner, c, r, e, k)`,
          types.map((_, column) => rows.map((row) => row[column])),
        ),
      async bytes() {
        const { rows } = await pool.query(`SELECT pg_total_relation_size('${table}') AS bytes`)
        return Number(rows[0].bytes)
      },
      // What the server would do by itself some time in the middle of the measuring.
      async settle() {
        await pool.query(`VACUUM ANALYZE ${table}`)
        await pool.query('CHECKPOINT').catch(() => {})
      },
      end: () => pool.end(),
    })
  },
}

export const mysql = {
  title: 'MariaDB',
  floor: '`SELECT data` by primary key',
  open(size) {
    const table = tableOf(size)
    const pool = createPool({ uri: MYSQL_URL, connectTimeout: 2000 })
    return opened({
      table,
      client: mysql2(pool),
      run: (sql, values) => pool.execute(sql, values),
      insert: (rows) => pool.query(`INSERT INTO ${table} (${COLUMNS}) VALUES ?`, [rows]),
      async bytes() {
        const where = `table_schema = DATABASE() AND table_name = '${table}'`
        const what = `data_length + index_length AS bytes FROM information_schema.tables WHERE ${where}`
        const [rows] = await pool.query(`SELECT ${what}`)
        return Number(rows[0].bytes)
      },
      settle: () => pool.query(`ANALYZE TABLE ${table}`),
      end: () => pool.end(),
    })
  },
}

export const sqlite = {
  title: 'SQLite',
  floor: '`SELECT data` by primary key',
  async open(size) {
    const table = tableOf(size)
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
    const file = join(folder, 'sessions.db')
    const database = createClient({ url: `file:${file}` })
    // A property of the file: readers and the one writer do not wait for each other.
    await database.execute('PRAGMA journal_mode = WAL')
    const tuple = `(${COLUMNS.replaceAll(/\w+/g, '?')})`
    return opened({
      table,
      client: libsql(database),
      run: (sql, args) => database.execute({ sql, args }),
      insert: (rows) =>
        database.execute({
          sql: `INSERT INTO ${table} (${COLUMNS}) VALUES ${rows.map(() => tuple).join(', ')}`,
          args: rows.flat(),
        }),
      bytes: () => statSync(file).size,
      settle: () => database.execute('PRAGMA wal_checkpoint(TRUNCATE)'),
      end() {
        database.close()
        rmSync(folder, { recursive: true, force: true })
      },
    })
  },
}
