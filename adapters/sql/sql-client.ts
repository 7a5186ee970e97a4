import { LatchkeyError, type MaybePromise } from 'latchkey'
import { misconfigured } from 'latchkey/adapter'

/** The SQL dialects. MariaDB counts as `mysql`. */
export type SqlDialect = 'postgres' | 'mysql' | 'sqlite'

/** A parameter of a statement. */
export type SqlValue = string | number | null

/** The result of a statement. */
export interface SqlResult {
  /** The rows, as values by column name. Empty for a statement that returns no rows. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /**
   * The number of rows inserted, changed or deleted. For MySQL: the number of rows matched, changed or not.
   */
  readonly affected: number
}

/**
 * A database as `sqlRecords` and `sqlUsers` see it: it runs one statement with its parameters. There is an
 * adapter for most clients (`pg`, `mysql2`, `libsql`, …); for another one, implement these two members.
 * Nothing needs a transaction.
 */
export interface SqlClient {
  /** The dialect of the database. */
  readonly dialect: SqlDialect
  /**
   * Runs a statement. Placeholders are `$1`, `$2`, … for PostgreSQL and `?` for the others. Throws if the
   * database fails.
   */
  run(statement: string, parameters: readonly SqlValue[]): MaybePromise<SqlResult>
}

const DIALECTS: readonly SqlDialect[] = ['postgres', 'mysql', 'sqlite']

/** Throws at start-up, not at the first request, for anything but a wrapped client. */
export function checkClient(caller: string, client: SqlClient): void {
  if (typeof client?.run === 'function' && DIALECTS.includes(client.dialect)) return
  misconfigured(`${caller}() takes a client that pg(), mysql2(), libsql() or the like has wrapped.`)
}

/**
 * The error for a table or a client that does not give what it must. Unlike the database's own errors it is shown as it
 * is, so its message quotes names and never values.
 */
export function brokenTable(message: string): LatchkeyError {
  return new LatchkeyError('backend_failed', message)
}

/** Throws for a row without these columns, each of which a statement of ours has selected by a single word. */
export function requireColumns(row: SqlResult['rows'][number], names: readonly string[]): void {
  for (const name of names) {
    if (name in row) continue
    throw brokenTable(
      `The SQL client gives a row without the column \`${name}\`: it renames columns, or returns rows as arrays. Turn that off for this client.`,
    )
  }
}

/**
 * Quotes a table's name. It is checked rather than escaped: it is configuration, and part of every statement.
 */
export function quoted(table: string, dialect: SqlDialect): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,47}(\.[A-Za-z_][A-Za-z0-9_]{0,47})?$/.test(table)) {
    throw new LatchkeyError(
      'invalid_configuration',
      '`table` must be a name of letters, digits and underscores, optionally after a schema and a dot.',
    )
  }
  const mark = dialect === 'mysql' ? '`' : '"'
  return mark + table.replace('.', `${mark}.${mark}`) + mark
}
