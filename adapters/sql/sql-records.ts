import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { MysqlRecords } from './mysql-records.ts'
import { ReturningRecords } from './returning-records.ts'
import { DEFAULT_TABLE } from './schema.ts'
import type { SqlClient } from './sql-client.ts'

/** The options of `sqlRecords`. */
export interface SqlRecordOptions {
  /** The table's name, optionally with a schema: `auth.sessions`. Default `latchkey_sessions`. */
  readonly table?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * The record store that `sqlRecords` returns. It implements `IndexedRecordStore` and `PrunableRecordStore`.
 */
export type SqlRecords = ReturningRecords

/**
 * Keeps records in PostgreSQL, MySQL/MariaDB or SQLite: one row each, in the table that `schemaOf` and
 * `createSchema` describe.
 *
 * Each call is one statement, or a few where MySQL cannot express it in one; none needs a transaction. The
 * statement itself patches the data by key, so that parallel writers lose nothing. Expired rows count as
 * missing at once; call `prune()` from a scheduled job to delete them.
 *
 * Read from the primary: a replica that lags behind would show a session for a moment after its logout.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown or malformed
 * option.
 */
export function sqlRecords(client: SqlClient, options: SqlRecordOptions = {}): SqlRecords {
  const { table = DEFAULT_TABLE, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  if (typeof client?.run !== 'function' || !['postgres', 'mysql', 'sqlite'].includes(client.dialect))
    misconfigured('sqlRecords() takes a client that pg(), mysql2(), libsql() or the like has wrapped.')
  return client.dialect === 'mysql'
    ? new MysqlRecords(client, table, now)
    : new ReturningRecords(client, table, now)
}
