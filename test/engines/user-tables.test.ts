import { readFileSync } from 'node:fs'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createClient } from '@libsql/client'
import { CamelCasePlugin, Kysely, MysqlDialect, PostgresDialect } from 'kysely'
import { createAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { kysely, libsql, mysql2, pg, pglite, postgresJs, type SqlClient, sqlUsers } from 'latchkey/sql'
import { TestBrowser } from 'latchkey/testing'
import mysqlCallbacks from 'mysql2'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET } from '../app.ts'
import { describeWith, freshName, type ServerName, URLS } from './reach.ts'

interface Opened {
  readonly client: SqlClient
  close(): unknown
}

const pool = () => new Pg.Pool({ connectionString: URLS.postgres })
const overPg = (given: Pg.PoolConfig = {}): Opened => {
  const own = new Pg.Pool({ connectionString: URLS.postgres, ...given })
  return { client: pg(own), close: () => own.end() }
}
const overPostgresJs = (options: postgres.Options<Record<string, postgres.PostgresType>> = {}): Opened => {
  const sql = postgres(URLS.postgres, { max: 1, onnotice: () => {}, ...options })
  return { client: postgresJs(sql as never), close: () => sql.end() }
}
const overMysql2 = (options: mysql.PoolOptions = {}): Opened => {
  const own = mysql.createPool({ uri: URLS.mysql, ...options })
  return { client: mysql2(own), close: () => own.end() }
}
const overKysely = (dialect: 'postgres' | 'mysql'): Opened => {
  const own = new Kysely({
    dialect:
      dialect === 'postgres'
        ? new PostgresDialect({ pool: pool() })
        : new MysqlDialect({ pool: mysqlCallbacks.createPool(URLS.mysql) }),
    plugins: [new CamelCasePlugin()],
  })
  return { client: kysely(own, dialect), close: () => own.destroy() }
}
const overLibsql = (intMode: 'number' | 'bigint' | 'string'): Opened => {
  const own = createClient({ url: ':memory:', intMode })
  return { client: libsql(own), close: () => own.close() }
}
/** 64-bit integers as bigints, as its documentation shows. */
const bigints = { getTypeParser: (oid: number) => (oid === 20 ? BigInt : Pg.types.getTypeParser(oid)) }

/** Clients as people set them up. `digits`: whether 64-bit integers keep theirs. */
const CLIENTS: readonly (readonly [
  name: string,
  needs: ServerName[],
  open: () => Opened,
  digits: boolean,
])[] = [
  ['pg', ['postgres'], () => overPg(), true],
  ['pg with bigints', ['postgres'], () => overPg({ types: bigints as never }), true],
  [
    'pg for each statement',
    ['postgres'],
    () => ({ client: pg(() => new Pg.Client(URLS.postgres)), close() {} }),
    true,
  ],
  ['postgres.js', ['postgres'], () => overPostgresJs(), true],
  [
    'postgres.js for each statement',
    ['postgres'],
    () => ({ client: postgresJs(() => postgres(URLS.postgres, { max: 1 })), close() {} }),
    true,
  ],
  ['postgres.js in camel case', ['postgres'], () => overPostgresJs({ transform: postgres.camel }), true],
  ['postgres.js in Pascal case', ['postgres'], () => overPostgresJs({ transform: postgres.pascal }), true],
  ['postgres.js in kebab case', ['postgres'], () => overPostgresJs({ transform: postgres.kebab }), true],
  [
    'postgres.js with bigints',
    ['postgres'],
    () => overPostgresJs({ types: { bigint: postgres.BigInt } }),
    true,
  ],
  ['PGlite', [], () => ((own) => ({ client: pglite(own), close: () => own.close() }))(new PGlite()), true],
  ['Kysely in camel case, PostgreSQL', ['postgres'], () => overKysely('postgres'), true],
  ['Kysely in camel case, MariaDB', ['mysql'], () => overKysely('mysql'), false],
  ['mysql2', ['mysql'], () => overMysql2(), false],
  [
    'mysql2 for each statement',
    ['mysql'],
    () => ({ client: mysql2(() => mysql.createConnection(URLS.mysql)), close() {} }),
    false,
  ],
  ['mysql2 with big numbers', ['mysql'], () => overMysql2({ supportBigNumbers: true }), true],
  ['libsql', [], () => overLibsql('number'), false],
  ['libsql with bigints', [], () => overLibsql('bigint'), true],
  ['libsql with text', [], () => overLibsql('string'), true],
]

const BIG = '9007199254740993'
const UUID = '0b2f5f2a-7c1e-4a55-9c7e-1d2f3a4b5c6d'

for (const [name, needs, open, digits] of CLIENTS) {
  describeWith(needs, `tables as people have them, through ${name}`, () => {
    let opened: Opened
    const users = freshName('tables')
    const big = freshName('big')
    const uuids = freshName('uuids')
    const columns = { username: 'email', hashedPassword: 'pass_word' }
    const run = (statement: string) => opened.client.run(statement, [])

    beforeAll(async () => {
      opened = open()
      const { dialect } = opened.client
      const bytes = { postgres: 'BYTEA', mysql: 'VARBINARY(200)', sqlite: 'BLOB' }[dialect]
      const hash = { postgres: "'plain:pw'::bytea", mysql: "'plain:pw'", sqlite: "CAST('plain:pw' AS BLOB)" }
      const uuid = { postgres: 'UUID', mysql: 'UUID', sqlite: 'TEXT' }[dialect]
      const rest =
        'email VARCHAR(99) NOT NULL, pass_word VARCHAR(200), session_epoch BIGINT DEFAULT 0, deleted_at INT'
      await run(`CREATE TABLE ${users} (id VARCHAR(9) PRIMARY KEY, ${rest})`)
      await run(`CREATE TABLE ${big} (id BIGINT PRIMARY KEY, ${rest.replace('VARCHAR(200)', bytes)})`)
      await run(`CREATE TABLE ${uuids} (id ${uuid} PRIMARY KEY, ${rest})`)
      await run(
        `INSERT INTO ${users} VALUES ('1', 'ada', 'plain:pw', 0, 1), ('2', 'ada', 'plain:pw', 0, NULL)`,
      )
      await run(`INSERT INTO ${big} VALUES (42, 'small', ${hash[dialect]}, 0, NULL)`)
      await run(`INSERT INTO ${big} VALUES (${BIG}, 'big', ${hash[dialect]}, 0, NULL)`)
      await run(`INSERT INTO ${uuids} VALUES ('${UUID}', 'ada', 'plain:pw', 0, NULL)`)
      await run(`CREATE VIEW ${users}_live AS SELECT * FROM ${users} WHERE deleted_at IS NULL`)
    })
    afterAll(async () => {
      await run(`DROP VIEW ${users}_live`)
      for (const table of [users, big, uuids]) await run(`DROP TABLE ${table}`)
      await opened.close()
    })

    test('a raised epoch ends a session', async () => {
      const provider = sqlUsers(opened.client, { table: `${users}_live`, columns })
      const auth = createAuth({ secret: SECRET, origin: ORIGIN, users: provider, passwords: plain })
      const handle = withAuth(auth, async (request, { auth: current }) =>
        Response.json(
          request.method === 'POST'
            ? (await current.login('ada', 'pw')).ok
            : (await current.authenticate()).userId,
        ),
      )
      const browser = new TestBrowser(handle, ORIGIN)
      expect(await (await browser.post('/')).json()).toBe(true)
      expect(await (await browser.get('/')).json()).toBe('2')
      await run(`UPDATE ${users} SET session_epoch = session_epoch + 1`)
      expect(await (await browser.get('/')).json()).toBeNull()
    })

    test('of two rows with one name the one that is not deleted is found, by a view or by `toUser`', async () => {
      const { findByUsername } = sqlUsers(opened.client, { table: users, columns })
      await expect(findByUsername('ada')).rejects.toThrow(/unique index.*a view/)
      const view = sqlUsers(opened.client, { table: `${users}_live`, columns })
      const own = sqlUsers(opened.client, {
        table: users,
        columns,
        toUser: (row, user) =>
          (row.deleted_at ?? row.deletedAt ?? row.DeletedAt ?? row['deleted-at']) ? null : user,
      })
      for (const provider of [view, own]) {
        expect(await provider.findByUsername('ada')).toMatchObject({ id: '2' })
        expect(await provider.findById('1')).toBeNull()
      }
    })

    test('a hash that is bytes is read, and replaced', async () => {
      const provider = sqlUsers(opened.client, { table: big, columns, idType: 'string' })
      const user = await provider.findByUsername('small')
      expect(user).toMatchObject({ id: '42', hashedPassword: 'plain:pw' })
      // SQLite tells text from bytes, and PGlite takes no text for bytes: there hashes stay as they are.
      if (user && opened.client.dialect !== 'sqlite' && name !== 'PGlite') {
        await provider.upgradeHash?.(user, { from: 'plain:pw', to: 'plain:new' })
        expect(await provider.findById('42')).toMatchObject({ hashedPassword: 'plain:new' })
      }
    })

    test('a BIGINT beyond 2^53 is text to the last digit, or refused', async () => {
      const { findByUsername, findById } = sqlUsers(opened.client, { table: big, columns, idType: 'string' })
      if (!digits) return void (await expect(findByUsername('big')).rejects.toThrow(/safe/))
      expect(await findByUsername('big')).toMatchObject({ id: BIG })
      expect(await findById(BIG)).toMatchObject({ id: BIG })
      for (const other of ['9007199254740992', `0${BIG}`, `${BIG}abc`, 'abc', '99999999999999999999'])
        expect(await findById(other)).toBeNull()
    })

    test('a BIGINT below that may be a number', async () => {
      const { findByUsername, findById } = sqlUsers(opened.client, { table: big, columns, idType: 'number' })
      expect(await findByUsername('small')).toMatchObject({ id: 42 })
      expect(await findById(42)).toMatchObject({ id: 42 })
      await expect(findByUsername('big')).rejects.toThrow(/safe|idType/)
    })

    test('a UUID is text', async () => {
      const { findByUsername, findById } = sqlUsers(opened.client, { table: uuids, columns })
      expect(await findByUsername('ada')).toMatchObject({ id: UUID })
      expect(await findById(UUID)).toMatchObject({ id: UUID })
      for (const other of ['abc', UUID.toUpperCase(), `{${UUID}}`]) expect(await findById(other)).toBeNull()
    })
  })
}

describeWith(['postgres'], 'soft deletes, by the statements of docs/users.md', () => {
  const schema = freshName('soft')
  const own = new Pg.Pool({ connectionString: URLS.postgres, options: `-c search_path=${schema}` })
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/users.md'), 'utf8')
  const statements = Array.from(page.matchAll(/```sql\n([^`]*)```/g), ([, text]) => text as string)

  beforeAll(async () => {
    await own.query(`CREATE SCHEMA ${schema}`)
    for (const text of statements) await own.query(text)
  })
  afterAll(async () => {
    await own.query(`DROP SCHEMA ${schema} CASCADE`)
    await own.end()
  })

  test('a name that was given away finds the account that has it now', async () => {
    const add = (id: string, deleted: boolean) =>
      own.query(
        `INSERT INTO users (id, email, hashed_password, deleted_at) VALUES ($1, 'ada', 'plain:pw', ${deleted ? 'now()' : 'NULL'})`,
        [id],
      )
    await add('old', true)
    await add('new', false)
    await expect(add('third', false)).rejects.toThrow('users_email_live')
    const users = sqlUsers(pg(own), { table: 'live_users', columns: { username: 'email' } })
    const found = await users.findByUsername('ada')
    expect(found).toMatchObject({ id: 'new' })
    expect(await users.findById('old')).toBeNull()
    if (found) await users.upgradeHash?.(found, { from: 'plain:pw', to: 'plain:new' })
    expect(await users.findById('new')).toMatchObject({ hashedPassword: 'plain:new' })
    await own.query("UPDATE users SET deleted_at = now() WHERE id = 'new'")
    expect(await users.findByUsername('ada')).toBeNull()
  })
})
