import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient } from '@libsql/client'
import { hashApiToken, type UserLike, type UserProvider } from 'latchkey'
import { libsql, mysql2, pg, type SqlClient, type SqlUser, type SqlValue, sqlUsers } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { afterAll, beforeAll, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { describeWith, freshName, type ServerName, URLS } from './reach.ts'
import { makeUsers, userSentences } from './user-sentences.ts'

interface Opened {
  readonly client: SqlClient
  close(): unknown
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-sql-users-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const openPostgres = (connectionString: string = URLS.postgres): Opened => {
  const pool = new Pg.Pool({ connectionString })
  return { client: pg(pool), close: () => pool.end() }
}
const openMariadb = (): Opened => {
  const pool = mysql.createPool(URLS.mysql)
  return { client: mysql2(pool), close: () => pool.end() }
}
const openSqlite = (): Opened => {
  const client = createClient({ url: `file:${path.join(scratch, 'users.db')}` })
  return { client: libsql(client), close: () => client.close() }
}
const ENGINES: readonly (readonly [name: string, needs: readonly ServerName[], open: () => Opened])[] = [
  ['PostgreSQL', ['postgres'], openPostgres],
  ['MariaDB', ['mysql'], openMariadb],
  ['SQLite', [], openSqlite],
]

const columns = { username: 'email', token: 'token_hash' }

/** What a client was asked to run. */
function watched(client: SqlClient): { client: SqlClient; asked: [string, readonly SqlValue[]][] } {
  const asked: [string, readonly SqlValue[]][] = []
  const run: SqlClient['run'] = (statement, parameters) => {
    asked.push([statement, parameters])
    return client.run(statement, parameters)
  }
  return { client: { dialect: client.dialect, run }, asked }
}

/** A table made by `definition` and filled by `rows`, each the text of one row. */
async function table(
  { client }: Opened,
  definition: string,
  rows: readonly string[] = [],
  options = '',
): Promise<string> {
  const name = freshName('users')
  await client.run(`CREATE TABLE ${name} (${definition}) ${options}`, [])
  for (const row of rows) await client.run(`INSERT INTO ${name} VALUES (${row})`, [])
  return name
}

/** A table for one test. */
async function ownTable(opened: Opened, definition: string, rows: readonly string[]): Promise<string> {
  const name = await table(opened, definition, rows)
  onTestFinished(async () => void (await opened.client.run(`DROP TABLE ${name}`, [])))
  return name
}

const idOf = async (found: ReturnType<UserProvider<UserLike>['findById']> | undefined) =>
  (await found)?.id ?? null

for (const [engine, needs, open] of ENGINES) {
  describeWith(needs, `sqlUsers on ${engine}`, () => {
    let opened: Opened
    const names: string[] = []
    const users = freshName('users')
    const make = async (definition: string, rows: readonly string[] = []): Promise<string> => {
      const name = await table(opened, definition, rows)
      names.push(name)
      return name
    }
    beforeAll(async () => {
      opened = open()
      names.push(users)
      await makeUsers(opened.client, users)
    })
    afterAll(async () => {
      for (const name of names) await opened.client.run(`DROP TABLE ${name}`, [])
      await opened.close()
    })

    userSentences(
      () => sqlUsers(opened.client, { table: users, columns }),
      async () => (await opened.client.run(`SELECT * FROM ${users}`, [])).rows as never,
    )

    test('sends the hash of a token, never the token', async () => {
      const { client, asked } = watched(opened.client)
      await sqlUsers(client, { table: users, columns }).findByToken?.('acme_token')
      expect(asked.map(([, parameters]) => parameters)).toEqual([[hashApiToken('acme_token')]])
    })

    test('finds nobody by a token where there is no column for it', () => {
      expect('findByToken' in sqlUsers(opened.client, { table: users })).toBe(false)
    })

    describe.each([
      ['an INTEGER', 'INTEGER'],
      ['a BIGINT, which some clients give as text', 'BIGINT'],
    ])('whose ids are numbers, in %s column', (_, type) => {
      let numbered: string
      beforeAll(async () => {
        numbered = await make(`id ${type} NOT NULL PRIMARY KEY, username VARCHAR(99), hashed_password TEXT`, [
          "42, 'ada', 'x'",
          "0, 'nil', 'x'",
        ])
      })

      test.each([
        [42, 42],
        [0, 0],
        [43, null],
        [-42, null],
        [2 ** 40, null],
        [Number.MAX_SAFE_INTEGER, null],
      ])('finds by %j: %j', async (id, found) => {
        const { findById } = sqlUsers(opened.client, { table: numbered, idType: 'number' })
        expect(await idOf(findById(id))).toBe(found)
      })

      test.each([
        '42',
        ' 42',
        '42abc',
        '042',
        '42.0',
        '4.2e1',
        '0x2a',
        'abc',
        '',
        Number.NaN,
        42.5,
        2 ** 53,
        Number.POSITIVE_INFINITY,
      ])('%j is no id, and does not reach the database', async (id) => {
        const { client, asked } = watched(opened.client)
        const { findById } = sqlUsers(client, { table: numbered, idType: 'number' })
        expect([await idOf(findById(id as number)), asked]).toEqual([null, []])
      })

      test('finds by name, with an id that is a number', async () => {
        const { findByUsername } = sqlUsers(opened.client, { table: numbered, idType: 'number' })
        expect(await findByUsername('ada')).toEqual({ id: 42, hashedPassword: 'x' })
      })

      test.each(['42abc', ' 42', '042', 'abc', '42.0'])('finds nobody by %j as a text either', async (id) => {
        expect(await idOf(sqlUsers(opened.client, { table: numbered }).findById(id))).toBeNull()
      })
    })

    test.each([42, 0, Number.NaN])('where ids are texts, %j is none, and is not asked for', async (id) => {
      const { client, asked } = watched(opened.client)
      expect([await idOf(sqlUsers(client, { table: users }).findById(id as never)), asked]).toEqual([
        null,
        [],
      ])
    })

    test.each(['', 'ada\0', '\0', 'ada\ud800'])(
      'what no column can hold, such as %j, is not asked for',
      async (text) => {
        const { client, asked } = watched(opened.client)
        const { findById, findByUsername } = sqlUsers(client, { table: users, columns })
        expect([await idOf(findById(text)), await idOf(findByUsername(text)), asked]).toEqual([
          null,
          null,
          [],
        ])
      },
    )

    test('says so when ids are of another type than it was told', async () => {
      const numbered = await make('id INTEGER, username VARCHAR(99), hashed_password TEXT', [
        "42, 'ada', 'x'",
      ])
      const { findByUsername } = sqlUsers(opened.client, { table: numbered })
      await expect(findByUsername('ada')).rejects.toThrow(/`idType: 'number'`.*`idType: 'string'`/)
      const { findByUsername: find } = sqlUsers(opened.client, { table: users, columns, idType: 'number' })
      await expect(find('ada@example.com')).rejects.toThrow(/`idType: 'number'`.*`idType: 'string'`/)
    })

    test('looks names up as they were typed, or as the normaliser spells them', async () => {
      const { client, asked } = watched(opened.client)
      const normalizeUsername = (typed: string) => typed.trim().toLowerCase()
      await sqlUsers(client, { table: users, columns }).findByUsername(' Eve@Example.com')
      const { findByUsername } = sqlUsers(client, { table: users, columns, normalizeUsername })
      expect(await idOf(findByUsername(' Ada@Example.com '))).toBe('ada')
      expect(await idOf(findByUsername('  '))).toBeNull()
      expect(asked.map(([, parameters]) => parameters)).toEqual([[' Eve@Example.com'], ['ada@example.com']])
    })

    test('picks nobody where several rows have one name or one id', async () => {
      const twice = await make(
        'id VARCHAR(9), username VARCHAR(99), hashed_password TEXT, token VARCHAR(99)',
        [
          `'1', 'ada', 'x', '${hashApiToken('one')}'`,
          `'2', 'ada', 'y', '${hashApiToken('one')}'`,
          "'3', 'bob', 'x', NULL",
          "'3', 'eve', 'y', NULL",
        ],
      )
      const found = sqlUsers(opened.client, { table: twice, columns: { token: 'token' } })
      await expect(found.findByUsername('ada')).rejects.toThrow('unique index')
      await expect(found.findById('3')).rejects.toThrow('unique index')
      await expect(found.findByToken?.('one')).rejects.toThrow('unique index')
      expect(await idOf(found.findByUsername('bob'))).toBe('3')
    })

    describe('makes of a row', () => {
      const definition = {
        postgres: 'scopes TEXT[], session_epoch BIGINT, disabled BOOLEAN',
        mysql: 'scopes JSON, session_epoch BIGINT, disabled BIT(1)',
        sqlite: 'scopes TEXT, session_epoch INTEGER, disabled INTEGER',
      }
      let full: string
      let provider: UserProvider<UserLike>
      beforeAll(async () => {
        const { dialect } = opened.client
        const scopes = dialect === 'postgres' ? "ARRAY['admin','staff']" : `'["admin","staff"]'`
        const none = dialect === 'postgres' ? 'ARRAY[]::text[]' : "'{}'"
        full = await make(
          `id VARCHAR(9), username VARCHAR(99), hashed_password TEXT, display_name TEXT, ${definition[dialect]}`,
          [
            `'1', 'full', 'x', 'Ada', ${scopes}, 7, FALSE`,
            "'2', 'bare', NULL, NULL, NULL, NULL, NULL",
            `'3', 'locked', 'x', '', ${none}, 0, TRUE`,
          ],
        )
        provider = sqlUsers(opened.client, { table: full })
      })

      test.each([
        [
          'full',
          {
            id: '1',
            hashedPassword: 'x',
            displayName: 'Ada',
            scopes: ['admin', 'staff'],
            sessionEpoch: 7,
            disabled: false,
          },
        ],
        ['bare', { id: '2', hashedPassword: null }],
        [
          'locked',
          { id: '3', hashedPassword: 'x', displayName: '', scopes: [], sessionEpoch: 0, disabled: true },
        ],
      ])('named %j what it says', async (username, user) => {
        expect(await provider.findByUsername(username)).toEqual(user)
      })

      test('what the app makes of it', async () => {
        const own = sqlUsers(opened.client, {
          table: full,
          toUser: (row, user) => ({ ...user, name: String(row.username) }),
        })
        const found = await own.findByUsername('full')
        expectTypeOf(found?.name).toEqualTypeOf<string | undefined>()
        expect(found).toMatchObject({ id: '1', name: 'full', scopes: ['admin', 'staff'], disabled: false })
      })

      test('nothing whose id is another one', async () => {
        const own = sqlUsers(opened.client, {
          table: full,
          toUser: (row): UserLike => ({ id: Number(row.id), hashedPassword: null }),
        })
        await expect(own.findById('1')).rejects.toThrow('`toUser`')
      })
    })

    test('throws for a table or a column that there is not', async () => {
      await expect(sqlUsers(opened.client, { table: freshName('no') }).findById('1')).rejects.toThrow()
      const { findByUsername } = sqlUsers(opened.client, { table: users, columns: { username: 'usernam' } })
      await expect(findByUsername('usernam')).rejects.toThrow('usernam')
      const wrong = sqlUsers(opened.client, { table: users, columns: { ...columns, hashedPassword: 'hash' } })
      await expect(wrong.findByUsername('ada@example.com')).rejects.toThrow('`hash`')
      await expect(
        wrong.upgradeHash?.({ id: 'ada', hashedPassword: 'hash' }, { from: 'hash', to: 'x' }),
      ).rejects.toThrow('hash')
    })
  })
}

describeWith(['mysql'], 'sqlUsers where MariaDB compares loosely', () => {
  const hash = hashApiToken('of Ada')
  // Not a letter of it is another one to `general_ci`.
  const swapped = Array.from(hashApiToken('of Zoe'), (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  ).join('')
  let opened: Opened
  let name: string
  let provider: UserProvider<UserLike>
  beforeAll(async () => {
    opened = openMariadb()
    const definition = 'id VARCHAR(99), username VARCHAR(99), hashed_password VARCHAR(99), token VARCHAR(99)'
    const rows = [
      `'ada', 'Ada', 'x', '${hash}'`,
      `'zoe', 'zoe', 'x', '${swapped}'`,
      "'zoé', 'zoé', 'y', NULL",
    ]
    name = await table(opened, definition, rows, 'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    provider = sqlUsers(opened.client, { table: name, columns: { token: 'token' } })
  })
  afterAll(async () => {
    await opened.client.run(`DROP TABLE ${name}`, [])
    await opened.close()
  })

  test.each(['Ada', 'ADA', 'ada ', 'ádá', 'Zoé'])('%j is nobody’s id', async (id) => {
    const { rows } = await opened.client.run(`SELECT * FROM ${name} WHERE id = ?`, [id])
    expect(rows.length).toBeGreaterThan(0)
    expect(await idOf(provider.findById(id))).toBeNull()
  })

  test.each([
    ['ada', 'ada'],
    ['zoe', 'zoe'],
    ['zoé', 'zoé'],
  ])('%j is the id of one, although the engine finds others', async (id, found) => {
    expect(await idOf(provider.findById(id))).toBe(found)
  })

  test.each([
    ['ada', 'ada'],
    ['ADA', 'ada'],
    ['Ada ', 'ada'],
    ['ádá', null],
    ['Ädä', null],
    ['zoe', 'zoe'],
    ['ZOÉ', 'zoé'],
    ['zöe', null],
  ])('the name %j finds %j: case and blanks do not count, accents do', async (username, found) => {
    const { rows } = await opened.client.run(`SELECT * FROM ${name} WHERE username = ?`, [username])
    expect(rows.length).toBeGreaterThan(0)
    expect(await idOf(provider.findByUsername(username))).toBe(found)
  })

  test('a token hash of another case is another hash', async () => {
    const { rows } = await opened.client.run(`SELECT * FROM ${name} WHERE token = ?`, [
      hashApiToken('of Zoe'),
    ])
    expect(rows).toHaveLength(1)
    expect(await idOf(provider.findByToken?.('of Zoe'))).toBeNull()
    expect(await idOf(provider.findByToken?.('of Ada'))).toBe('ada')
  })

  test('a number with something behind it is no name of a number', async () => {
    const staff = await ownTable(opened, 'id VARCHAR(9), username INTEGER, hashed_password TEXT', [
      "'a', 1001, 'x'",
      "'b', 0, 'x'",
    ])
    const { findByUsername } = sqlUsers(opened.client, { table: staff })
    expect(await idOf(findByUsername('1001'))).toBe('a')
    for (const typed of ['1001abc', '01001', '1001.0', 'abc'])
      expect(await idOf(findByUsername(typed))).toBeNull()
  })

  test('a character that the column cannot hold is nobody’s, and no outage', async () => {
    const definition = 'id VARCHAR(9), username VARCHAR(99) CHARACTER SET utf8mb3, hashed_password TEXT'
    const narrow = await ownTable(opened, definition, ["'a', 'ada', 'x'"])
    const statement = `SELECT * FROM ${narrow} WHERE username = ?`
    await expect(opened.client.run(statement, ['😀'])).rejects.toMatchObject({ errno: 1267 })
    expect(await idOf(sqlUsers(opened.client, { table: narrow }).findByUsername('😀'))).toBeNull()
  })
})

describeWith(['postgres'], 'sqlUsers where PostgreSQL throws for a value', () => {
  let opened: Opened
  beforeAll(() => {
    opened = openPostgres()
  })
  afterAll(() => opened.close())

  test('a text that is no UUID is nobody’s id, and another spelling of one is none either', async () => {
    const id = '0b2f5f2a-7c1e-4a55-9c7e-1d2f3a4b5c6d'
    const name = await ownTable(opened, 'id UUID, username TEXT, hashed_password TEXT', [
      `'${id}', 'ada', 'x'`,
    ])
    const { findById } = sqlUsers(opened.client, { table: name })
    expect(await idOf(findById(id))).toBe(id)
    for (const other of ['abc', '42', id.toUpperCase(), `{${id}}`, id.replaceAll('-', '')])
      expect(await idOf(findById(other))).toBeNull()
  })

  test('a character that the database cannot hold is nobody’s, and no outage', async () => {
    const database = freshName('latin')
    await opened.client.run(
      `CREATE DATABASE ${database} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      [],
    )
    const url = new URL(URLS.postgres)
    url.pathname = database
    const latin = openPostgres(url.href)
    onTestFinished(async () => {
      await latin.close()
      await opened.client.run(`DROP DATABASE ${database}`, [])
    })
    const name = await table(latin, 'id TEXT, username TEXT, hashed_password TEXT', ["'é', 'é', 'x'"])
    const { findByUsername } = sqlUsers(latin.client, { table: name })
    expect([await idOf(findByUsername('😀')), await idOf(findByUsername('é'))]).toEqual([null, 'é'])
  })

  test('names keep their case, and may have a schema', async () => {
    const schema = freshName('schema')
    await opened.client.run(`CREATE SCHEMA ${schema}`, [])
    onTestFinished(async () => void (await opened.client.run(`DROP SCHEMA ${schema} CASCADE`, [])))
    const place = `${schema}."People"`
    await opened.client.run(`CREATE TABLE ${place} ("Id" TEXT, "userName" TEXT, "order" TEXT)`, [])
    await opened.client.run(`INSERT INTO ${place} VALUES ('a', 'ada', 'x')`, [])
    const { findByUsername, upgradeHash, findById } = sqlUsers(opened.client, {
      table: `${schema}.People`,
      columns: { id: 'Id', username: 'userName', hashedPassword: 'order' },
    })
    expect(await findByUsername('ada')).toEqual({ id: 'a', hashedPassword: 'x' })
    await upgradeHash?.({ id: 'a', hashedPassword: 'x' }, { from: 'x', to: 'y' })
    expect(await findById('a')).toEqual({ id: 'a', hashedPassword: 'y' })
  })
})

describe('sqlUsers', () => {
  const answering = (...rows: Record<string, unknown>[]): SqlClient => ({
    dialect: 'sqlite',
    run: () => ({ rows, affected: 0 }),
  })
  const client = answering()

  test.each<[object, string]>([
    [{}, '`table`'],
    [{ table: 'a b' }, '`table`'],
    [{ table: 'users; DROP TABLE users' }, '`table`'],
    [{ table: 'users"' }, '`table`'],
    [{ table: 'users', columns: { id: 'a b' } }, '`columns`'],
    [{ table: 'users', columns: { username: 'users.name' } }, '`columns`'],
    [{ table: 'users', columns: { hashedPassword: '' } }, '`columns`'],
    [{ table: 'users', columns: { token: 'to"ken' } }, '`columns`'],
    [{ table: 'users', columns: { token: null } }, '`columns`'],
    [{ table: 'users', columns: { email: 'email' } }, '`email`'],
    [{ table: 'users', idType: 'uuid' }, '`idType`'],
    [{ table: 'users', normaliseUsername: String }, '`normaliseUsername`'],
  ])('refuses %j when it is built', (options, message) => {
    expect(() => sqlUsers(client, options as never)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining(message),
      }),
    )
  })

  test.each([null, {}, { run() {} }, { dialect: 'oracle', run() {} }])('refuses %j for a client', (wrong) => {
    expect(() => sqlUsers(wrong as never, { table: 'users' })).toThrow('sqlUsers() takes')
  })

  // Some builds of SQLite take "no_such_column" for the text 'no_such_column'; "users"."no_such_column" never.
  test('names no column without its table', async () => {
    const { client: asked, asked: statements } = watched(client)
    const { findById, findByUsername, findByToken, upgradeHash } = sqlUsers(asked, {
      table: 'users',
      columns,
    })
    await Promise.all([findById('a'), findByUsername('a'), findByToken?.('a')])
    await upgradeHash?.({ id: 'a', hashedPassword: 'x' }, { from: 'x', to: 'y' })
    expect(statements.map(([statement]) => statement)).toEqual([
      'SELECT * FROM "users" WHERE "users"."id" = ?',
      'SELECT * FROM "users" WHERE "users"."email" = ?',
      'SELECT * FROM "users" WHERE "users"."token_hash" = ?',
      'UPDATE "users" SET "hashed_password" = ? WHERE "users"."id" = ? AND "users"."hashed_password" = ?',
    ])
  })

  test.each([
    [42, 42],
    ['42', 42],
    [42n, 42],
    ['-42', -42],
    ['9007199254740993', 'throws'],
    [9007199254740993n, 'throws'],
    ['042', 'throws'],
    [null, 'throws'],
  ])('takes %o of a client for an id, as the number %o', async (value, id) => {
    const row = { id: value, username: 'ada', hashed_password: 'x' }
    const { findByUsername } = sqlUsers(answering(row), { table: 'users', idType: 'number' })
    const found = await Promise.resolve(findByUsername('ada')).then(
      (user) => user?.id,
      () => 'throws',
    )
    expect(found).toBe(id)
  })

  test.each([
    [false, false],
    [0, false],
    [0n, false],
    ['0', false],
    [true, true],
    [1, true],
    ['1', true],
    ['', true],
    ['no', true],
    [Buffer.from([0]), false],
    [Buffer.from([1]), true],
  ])('takes %o in `disabled` for %o: what is not plainly no is yes', async (disabled, is) => {
    const row = { id: 'a', username: 'ada', hashed_password: 'x', disabled }
    const user = await sqlUsers(answering(row), { table: 'users' }).findById('a')
    expect(user?.disabled).toBe(is)
  })

  test.each([
    [['admin'], ['admin']],
    ['["admin"]', ['admin']],
    [['admin', 7, null], ['admin']],
    ['admin', []],
    ['"admin"', []],
    [{ 0: 'admin' }, []],
  ])('takes %j in `scopes` for %j', async (scopes, list) => {
    const row = { id: 'a', username: 'ada', hashed_password: 'x', scopes }
    const user = await sqlUsers(answering(row), { table: 'users' }).findById('a')
    expect(user?.scopes).toEqual(list)
  })

  test('a type of one’s own takes a `toUser` that makes it', () => {
    interface Own extends UserLike {
      readonly plan: string
    }
    // @ts-expect-error Nothing would give it a plan.
    sqlUsers<Own>(client, { table: 'users' })
    expectTypeOf(sqlUsers(client, { table: 'users' })).toEqualTypeOf<UserProvider<SqlUser>>()
    const own = sqlUsers<Own>(client, { table: 'users', toUser: (_, user) => ({ ...user, plan: 'free' }) })
    expectTypeOf(own).toEqualTypeOf<UserProvider<Own>>()
  })
})
