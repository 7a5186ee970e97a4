import { createLimiterSchema, createSchema, type SqlClient, sqlLimiter, sqlRecords } from 'latchkey/sql'
import { columnsOf, fromRow } from '../../../adapters/sql/record-row.ts'
import type { Engine, EngineInit } from './engine.ts'

/** A table of its own in whatever database this is. */
export async function openSql(
  client: SqlClient,
  { name: table, now, isShared, isFresh }: EngineInit,
  close: (isLast: boolean) => Promise<void>,
): Promise<Engine> {
  const attempts = `${table}_attempts`
  const drop = async (): Promise<void> => {
    for (const name of [table, attempts]) await client.run(`DROP TABLE IF EXISTS ${name}`, [])
  }
  // Another process may be at work in it, and would lose its tables.
  if (isFresh && !isShared) await drop()
  await createSchema(client, { table })
  await createLimiterSchema(client, { table: attempts })
  const records = sqlRecords(client, { table, now })
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
  const clear = async (): Promise<void> => {
    for (const name of [table, attempts]) await client.run(`DELETE FROM ${name}`, [])
  }
  if (isFresh) await clear()
  return {
    records,
    limiter: sqlLimiter(client, { table: attempts, now }),
    async entries() {
      const { rows } = await client.run(
        `SELECT id, ${columnsOf(client.dialect)} FROM ${table} WHERE kept_until > 0`,
        [],
      )
      return rows.map((row) => ({ key: String(row.id), record: fromRow(row) ?? row.data }))
    },
    async overwrite(key, { record, raw }) {
      await client.run(`DELETE FROM ${table} WHERE id = ${literal(key)}`, [])
      const end = now() + 86_400_000
      const times = { createdAt: now(), renewedAt: now(), expiresAt: end, keptUntil: end }
      await records.create(key, record ?? { data: {}, ...times })
      if (record) return
      const text = literal(JSON.stringify(raw) ?? 'null')
      await client.run(`UPDATE ${table} SET data = ${text} WHERE id = ${literal(key)}`, [])
    },
    clear,
    prune: () => records.prune(),
    async close(isLast = !isShared) {
      if (isLast) await drop()
      await close(isLast)
    },
  }
}
