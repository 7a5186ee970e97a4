import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createClient } from '@libsql/client'
import { drizzle } from 'drizzle-orm/node-postgres'
import { CamelCasePlugin, Kysely, MysqlDialect, PostgresDialect } from 'kysely'
import {
  createLimiterSchema,
  createSchema,
  kysely,
  libsql,
  mysql2,
  pg,
  pglite,
  postgresJs,
  type SqlClient,
  sqlLimiter,
  sqlRecords,
} from 'latchkey/sql'
import {
  limiterContract,
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type TestClock,
  testClock,
} from 'latchkey/testing'
import mysqlCallbacks from 'mysql2'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freshName, type ServerName, URLS } from './reach.ts'

interface Opened {
  readonly client: SqlClient
  close(): unknown
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-sql-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Every client that there is a ready-made door for, opened as its own documentation says. */
const CLIENTS: readonly (readonly [name: string, needs: readonly ServerName[], open: () => Opened])[] = [
  [
    'pg',
    ['postgres'],
    () => {
      const pool = new Pg.Pool({ connectionString: URLS.postgres })
      return { client: pg(pool), close: () => pool.end() }
    },
  ],
  [
    'postgres.js',
    ['postgres'],
    () => {
      const sql = postgres(URLS.postgres, { onnotice: () => {} })
      return { client: postgresJs(sql), close: () => sql.end() }
    },
  ],
  [
    'PGlite',
    [],
    () => {
      const database = new PGlite()
      return { client: pglite(database), close: () => database.close() }
    },
  ],
  [
    'mysql2',
    ['mysql'],
    () => {
      const pool = mysql.createPool(URLS.mysql)
      return { client: mysql2(pool), close: () => pool.end() }
    },
  ],
  [
    '@libsql/client',
    [],
    () => {
      const client = createClient({ url: `file:${path.join(scratch, 'libsql.db')}` })
      return { client: libsql(client), close: () => client.close() }
    },
  ],
  [
    'Kysely on PostgreSQL',
    ['postgres'],
    () => {
      const database = new Kysely({
        dialect: new PostgresDialect({ pool: new Pg.Pool({ connectionString: URLS.postgres }) }),
      })
      return { client: kysely(database, 'postgres'), close: () => database.destroy() }
    },
  ],
  [
    'Kysely on MariaDB',
    ['mysql'],
    () => {
      const database = new Kysely({
        dialect: new MysqlDialect({ pool: mysqlCallbacks.createPool(URLS.mysql) }),
      })
      return { client: kysely(database, 'mysql'), close: () => database.destroy() }
    },
  ],
  [
    'postgres.js in camel case',
    ['postgres'],
    () => {
      const sql = postgres(URLS.postgres, { onnotice: () => {}, transform: postgres.camel })
      return { client: postgresJs(sql), close: () => sql.end() }
    },
  ],
  [
    'Kysely on PostgreSQL, in camel case',
    ['postgres'],
    () => {
      const database = new Kysely({
        dialect: new PostgresDialect({ pool: new Pg.Pool({ connectionString: URLS.postgres }) }),
        plugins: [new CamelCasePlugin()],
      })
      return { client: kysely(database, 'postgres'), close: () => database.destroy() }
    },
  ],
  [
    'Kysely on MariaDB, in camel case',
    ['mysql'],
    () => {
      const database = new Kysely({
        dialect: new MysqlDialect({ pool: mysqlCallbacks.createPool(URLS.mysql) }),
        plugins: [new CamelCasePlugin()],
      })
      return { client: kysely(database, 'mysql'), close: () => database.destroy() }
    },
  ],
  [
    'Drizzle, by the client that it carries',
    ['postgres'],
    () => {
      const database = drizzle(URLS.postgres)
      return { client: pg(database.$client), close: () => database.$client.end() }
    },
  ],
]

for (const [name, needs, open] of CLIENTS) {
  describeWith(needs, `sqlRecords through ${name}`, () => {
    const table = freshName('sql')
    let opened: Opened

    beforeAll(async () => {
      opened = open()
      await createSchema(opened.client, { table })
      // A deployed app runs it again.
      await createSchema(opened.client, { table })
    })

    afterAll(async () => {
      await opened.client.run(`DROP TABLE ${table}`, [])
      await opened.close()
    })

    test('the schema is made once, whoever makes it at the same time', async () => {
      const fresh = freshName('schema')
      await Promise.all(Array.from({ length: 8 }, () => createSchema(opened.client, { table: fresh })))
      await opened.client.run(`DROP TABLE ${fresh}`, [])
    })

    const make = async ({ now }: TestClock) => {
      await opened.client.run(`DELETE FROM ${table}`, [])
      return sqlRecords(opened.client, { table, now })
    }
    const mark = { kind: 'rotation', readableUntil: 1, next: 'next' } as const
    const keptUntil = Date.now() + 3_600_000
    const record = { data: { a: 1 }, createdAt: 1, renewedAt: 2, expiresAt: 3, keptUntil }
    const emptying = "SET data = '{}' WHERE"

    test('what is superseded leaves none of its data in the table', async () => {
      const records = sqlRecords(opened.client, { table })
      await records.create('emptied', record)
      await records.supersede('emptied', mark, keptUntil)
      const { rows } = await opened.client.run(`SELECT data FROM ${table} WHERE id = 'emptied'`, [])
      const [{ data } = {}] = rows
      expect(typeof data === 'string' ? JSON.parse(data) : data).toEqual({})
    })

    test('a record is superseded also when its data cannot be emptied, and shows none of it', async () => {
      const run: SqlClient['run'] = (statement, parameters) => {
        if (statement.includes(emptying)) throw new Error('connection lost')
        return opened.client.run(statement, parameters)
      }
      const records = sqlRecords({ dialect: opened.client.dialect, run }, { table })
      await records.create('claimed', record)
      expect(await records.supersede('claimed', mark, keptUntil + 1)).toEqual(record)
      const marked = { ...record, data: {}, keptUntil: keptUntil + 1, mark }
      expect(await records.read('claimed')).toEqual(marked)
      expect(await records.delete('claimed', { ifEmpty: true })).toBeNull()
      expect(await records.delete('claimed')).toEqual(marked)
    })

    test('keys of a session come back as they were written, whatever the client does to names', async () => {
      const records = sqlRecords(opened.client, { table })
      const data = {
        _auth_user_id: 'ada',
        user_id: { first_name: 'Ada', list_of: [{ an_id: 1 }] },
        aB: 1,
        a_b: 2,
      }
      await records.create('keys', { ...record, data, owner: 'ada' })
      expect((await records.read('keys'))?.data).toEqual(data)
      expect(await records.listByOwner('ada')).toEqual([
        { id: 'keys', record: { ...record, data, owner: 'ada' } },
      ])
      expect((await records.supersede('keys', mark, keptUntil))?.data).toEqual(data)
      expect((await records.delete('keys'))?.mark).toEqual(mark)
    })

    test.each([
      ['no JSON', '{'],
      ['no object', '[]'],
    ])('a record whose mark is %s is a missing one, not an unmarked one', async (_, text) => {
      const records = sqlRecords(opened.client, { table })
      await records.create('malformed', record)
      await opened.client.run(`UPDATE ${table} SET mark = '${text}' WHERE id = 'malformed'`, [])
      expect(await records.read('malformed')).toBeNull()
      expect(await records.update('malformed', { b: 2 }, record)).toBe(false)
      await records.delete('malformed')
    })

    const cases = [recordStoreContract(make), recordIndexContract(make), recordPruneContract(make)]
    for (const { name: sentence, run } of cases.flat()) test(sentence, run)
  })
}

for (const [name, needs, open] of CLIENTS) {
  describeWith(needs, `sqlLimiter through ${name}`, () => {
    const table = freshName('limiter')
    let opened: Opened

    beforeAll(async () => {
      opened = open()
      await createLimiterSchema(opened.client, { table })
      // A deployed app runs it again.
      await createLimiterSchema(opened.client, { table })
    })

    afterAll(async () => {
      await opened.client.run(`DROP TABLE ${table}`, [])
      await opened.close()
    })

    const make = async ({ now }: TestClock) => {
      await opened.client.run(`DELETE FROM ${table}`, [])
      return sqlLimiter(opened.client, { table, now })
    }
    for (const { name: sentence, run } of limiterContract(make)) test(sentence, run)

    const limits = { perSource: 3, total: 5, windowSeconds: 60 }
    const count = async (): Promise<number> => {
      const { rows } = await opened.client.run(`SELECT COUNT(*) AS n FROM ${table}`, [])
      return Number(rows[0]?.n)
    }

    test('collects what is over, and nothing that counts', async () => {
      const clock = testClock()
      const limiter = await make(clock)
      for (const key of ['over', 'another']) await limiter.reserve(key, 'a', limits)
      clock.advance(60)
      await limiter.reserve('counts', 'a', limits)
      expect(await limiter.prune()).toBe(4)
      expect(await count()).toBe(2)
    })

    test('collects at once what counts nothing any more', async () => {
      const limiter = await make(testClock())
      for (const as of ['success', 'nothing'] as const) {
        await limiter.reserve('key', 'a', limits)
        expect(await limiter.prune()).toBe(0)
        await limiter.settle('key', 'a', as, limits)
        expect(await limiter.prune()).toBe(2)
      }
    })

    test('collects in batches', async () => {
      const clock = testClock()
      const limiter = await make(clock)
      const alone = { perSource: 1, windowSeconds: 60 }
      for (let i = 0; i < 25; i++)
        await Promise.all(Array.from({ length: 50 }, (_, j) => limiter.reserve(`key-${i}-${j}`, 'a', alone)))
      clock.advance(60)
      expect(await limiter.prune()).toBe(1250)
    })
  })
}
