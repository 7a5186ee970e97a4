import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  createLimiterSchema,
  createSchema,
  limiterSchemaOf,
  mysql2,
  pg,
  postgresJs,
  type SqlClient,
  schemaOf,
  sqlLimiter,
  sqlRecords,
} from 'latchkey/sql'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const docs = path.resolve(import.meta.dirname, '../../docs/sql')

describe('the schema', () => {
  test.each(['postgres', 'mysql', 'sqlite'] as const)(
    'in docs/sql/%s.sql is what the functions make',
    (dialect) => {
      const made = [...schemaOf(dialect), ...limiterSchemaOf(dialect)].map((statement) => `${statement};\n`)
      expect(readFileSync(path.join(docs, `${dialect}.sql`), 'utf8')).toBe(made.join('\n'))
    },
  )

  test('is made for a table in a schema', () => {
    expect(schemaOf('postgres', { table: 'auth.sessions' }).join('\n')).toContain('"auth"."sessions"')
    expect(limiterSchemaOf('sqlite', { table: 'auth.attempts' }).join('\n')).toContain(
      '"auth"."attempts_ends_at" ON "attempts"',
    )
  })
})

describe('a table', () => {
  const client: SqlClient = { dialect: 'postgres', run: () => ({ rows: [], affected: 0 }) }
  test.each(['', 'a b', 'a"b', 'a;DROP TABLE users', 'a.b.c', '1a', "x'--", 'a`b', 'a'.repeat(49)])(
    'is not called %j',
    async (table) => {
      expect(() => sqlRecords(client, { table })).toThrow('`table`')
      expect(() => schemaOf('mysql', { table })).toThrow('`table`')
      await expect(createSchema(client, { table })).rejects.toThrow('`table`')
      expect(() => sqlLimiter(client, { table })).toThrow('`table`')
      expect(() => limiterSchemaOf('mysql', { table })).toThrow('`table`')
      await expect(createLimiterSchema(client, { table })).rejects.toThrow('`table`')
    },
  )
})

test.each([
  ['the pool itself', { query() {} }],
  ['a dialect that there is not', { dialect: 'oracle', run() {} }],
])('what is no client is refused when built: %s', (_, client) => {
  expect(() => sqlRecords(client as never)).toThrow(/sqlRecords\(\) takes a client that pg\(\)/)
  expect(() => sqlLimiter(client as never)).toThrow(/sqlLimiter\(\) takes a client that pg\(\)/)
})

test('prune() lets others have their turn between batches, whatever the client', async () => {
  let batches = 0
  let batchesBeforeTurn = 0
  const records = sqlRecords({
    dialect: 'sqlite',
    run: () => ({ rows: [], affected: ++batches < 10 ? 1000 : 0 }),
  })
  const turn = new Promise<void>((resolve) =>
    setTimeout(() => {
      batchesBeforeTurn = batches
      resolve()
    }),
  )
  expect(await records.prune()).toBe(9000)
  await turn
  expect(batchesBeforeTurn).toBe(1)
})

describe('a statement', () => {
  test.each([
    ['postgres', /\$\d/, /[?]/],
    ['mysql', /[?]/, /\$\d/],
    ['sqlite', /[?]/, /\$\d/],
  ] as const)(
    'of %s has the placeholders of its dialect, and a value for each',
    async (dialect, own, others) => {
      const asked: [string, readonly unknown[]][] = []
      const run: SqlClient['run'] = (statement, parameters) => {
        asked.push([statement, parameters])
        return { rows: [], affected: 1 }
      }
      const records = sqlRecords({ dialect, run })
      const times = { renewedAt: 1, expiresAt: 1, keptUntil: 1 }
      await records.read('id')
      await records.create('id', { data: {}, createdAt: 1, ...times })
      await records.update('id', { a: 1 }, times)
      await records.update('id', { a: 1, b: undefined, c: undefined }, times)
      await records.supersede('id', { kind: 'login', readableUntil: 1, next: null }, 1)
      await records.delete('id')
      await records.delete('id', { ifEmpty: true })
      await records.listByOwner('alice')
      await records.deleteByOwner('alice')
      await records.prune()
      for (const [statement, parameters] of asked) {
        expect(statement).toMatch(own)
        expect(statement).not.toMatch(others)
        expect(statement).not.toMatch(/(?<!:):\w/)
        const count =
          dialect === 'postgres' ? new Set(statement.match(/\$\d+/g)).size : statement.split('?').length - 1
        expect(parameters).toHaveLength(count)
        expect(parameters).not.toContain(undefined)
      }
    },
  )

  test('that lost a deadlock is tried again, and one that failed otherwise is not', async () => {
    const errors: unknown[] = [{ code: '40P01' }, { errno: 1213 }, { code: '40001' }, { code: '42P01' }]
    const run: SqlClient['run'] = async () => {
      throw errors.shift()
    }
    await expect(sqlRecords({ dialect: 'postgres', run }).read('id')).rejects.toEqual({ code: '42P01' })
    expect(errors).toEqual([])
  })
})

describe('a client that renames our own columns is refused by name', () => {
  const renaming: SqlClient = {
    dialect: 'postgres',
    run: (statement) => ({
      affected: 0,
      rows: [
        statement.includes('COUNT')
          ? { OWN: 0, SOURCES: 0 }
          : { DATA: '{}', OWNER: null, CREATED: 1, RENEWED: 1, EXPIRES: 1, KEPT: 1, MARK: null },
      ],
    }),
  }
  const message = (column: string) => expect.stringContaining(`without the column \`${column}\``)

  test.each<[sentence: string, use: () => Promise<unknown>, column: string]>([
    ['sqlRecords, reading', () => sqlRecords(renaming).read('id'), 'data'],
    ['sqlRecords, listing', () => sqlRecords(renaming).listByOwner('a'), 'data'],
    ['sqlLimiter', () => sqlLimiter(renaming).reserve('k', 's', { perSource: 1, windowSeconds: 1 }), 'own'],
  ])('by %s', async (_, use, column) => {
    await expect(use()).rejects.toMatchObject({ code: 'backend_failed', message: message(column) })
  })
})

describe('while `next build` loads a file', () => {
  beforeEach(() => void vi.stubEnv('NEXT_PHASE', 'phase-production-build'))
  afterEach(() => void vi.unstubAllEnvs())

  test('no schema is created, and a malformed name is refused all the same', async () => {
    const run = vi.fn<SqlClient['run']>(() => ({ rows: [], affected: 0 }))
    await createSchema({ dialect: 'postgres', run })
    await createLimiterSchema({ dialect: 'sqlite', run })
    expect(run).not.toHaveBeenCalled()
    await expect(createSchema({ dialect: 'postgres', run }, { table: 'a b' })).rejects.toThrow('`table`')
    vi.stubEnv('NEXT_PHASE', 'phase-production-server')
    await createSchema({ dialect: 'postgres', run })
    expect(run).toHaveBeenCalled()
  })
})

describe('a client for each statement', () => {
  const events: string[] = []
  const told = async (what: string, fails = false): Promise<void> => {
    events.push(what)
    if (fails) throw new Error(what)
  }
  const answered = { rows: [{ a: 1 }], rowCount: 1 }
  const client = (fails = '') => ({
    on: (event: string) => events.push(event),
    connect: () => told('connect', fails === 'connect'),
    query: () => told('query', fails === 'query').then(() => answered),
    unsafe: () => told('query', fails === 'query').then(() => Object.assign([{ a: 1 }], { count: 1 })),
    execute: () => told('query', fails === 'query').then((): [unknown, unknown] => [[{ a: 1 }], []]),
    // The result does not wait for it, and does not depend on it.
    end: () => told('end', true),
  })
  beforeEach(() => {
    events.length = 0
  })

  test.each<[name: string, open: (fails?: string) => SqlClient, steps: string[]]>([
    ['pg', (fails) => pg(() => client(fails)), ['error', 'connect', 'query', 'end']],
    ['postgres.js', (fails) => postgresJs(() => client(fails)), ['query', 'end']],
    ['mysql2', (fails) => mysql2(async () => client(fails)), ['query', 'end']],
  ])('%s: is opened, asked and closed, also when the statement fails', async (_, open, steps) => {
    expect([...(await open().run('SELECT 1', [])).rows]).toEqual([{ a: 1 }])
    expect(events).toEqual(steps)
    events.length = 0
    await expect(open('query').run('SELECT 1', [])).rejects.toThrow('query')
    expect(events).toEqual(steps)
  })

  test('is closed when it cannot connect', async () => {
    await expect(pg(() => client('connect')).run('SELECT 1', [])).rejects.toThrow('connect')
    expect(events).toEqual(['error', 'connect', 'end'])
  })

  test('in Workers one that is kept is refused, and what holds no socket is not', () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    try {
      for (const make of [() => pg(client()), () => postgresJs(client()), () => mysql2(client())])
        expect(make).toThrow(/In Workers a connection belongs to the request.*\(\(\) => …\)/)
      expect(pg({ query: async () => answered }).dialect).toBe('postgres')
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

test('a client that answers rows alone is refused by name', async () => {
  const client = pg({ query: async () => [{ a: 1 }] as never })
  await expect(client.run('SELECT 1', [])).rejects.toThrow('`fullResults: true`')
})
