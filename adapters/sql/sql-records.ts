import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { MysqlRecords } from './mysql-records.ts'
import { ReturningRecords } from './returning-records.ts'
import { DEFAULT_TABLE } from './schema.ts'
import type { SqlClient } from './sql-client.ts'

export interface SqlRecordOptions {
  /** The table, with its schema if need be. Default `latchkey_sessions`. */
  readonly table?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Records in a table. */
export type SqlRecords = ReturningRecords

/**
 * Records in PostgreSQL, MySQL/MariaDB or SQLite: one row each, in a table that `schemaOf` and `createSchema` make.
 *
 * Each call is one statement, but for what MySQL cannot say in one; none needs a transaction. Data is patched by key
 * inside of the statement, so that parallel writers lose nothing. Call `prune()` from a job: expired rows are missing
 * at once, and collected then.
 *
 * Read from the primary: a replica that lags behind would show a session for a moment after its logout.
 */
export function sqlRecords(client: SqlClient, options: SqlRecordOptions = {}): SqlRecords {
  const { table = DEFAULT_TABLE, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  if (typeof client?.run !== 'function' || !['postgres', 'mysql', 'sqlite'].includes(client.dialect))
    misconfigured('sqlRecords() takes what pg(), mysql2(), libsql() and the like make of a client.')
  return client.dialect === 'mysql'
    ? new MysqlRecords(client, table, now)
    : new ReturningRecords(client, table, now)
}
