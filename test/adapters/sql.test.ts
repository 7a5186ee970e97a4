import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createSchema, type SqlClient, schemaOf, sqlRecords } from 'latchkey/sql'
import { describe, expect, test } from 'vitest'

const docs = path.resolve(import.meta.dirname, '../../docs/sql')

describe('the schema', () => {
  test.each(['postgres', 'mysql', 'sqlite'] as const)(
    'in docs/sql/%s.sql is what the function makes',
    (dialect) => {
      const made = schemaOf(dialect).map((statement) => `${statement};\n`)
      expect(readFileSync(path.join(docs, `${dialect}.sql`), 'utf8')).toBe(made.join('\n'))
    },
  )

  test('is made for a table in a schema', () => {
    expect(schemaOf('postgres', { table: 'auth.sessions' }).join('\n')).toContain('"auth"."sessions"')
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
    },
  )
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
