import { LatchkeyError, type MaybePromise } from 'latchkey'

export type SqlDialect = 'postgres' | 'mysql' | 'sqlite'

/** What a statement is given. */
export type SqlValue = string | number | null

/** What a statement came to. */
export interface SqlResult {
  /** Column names to values. None for a statement that answers no rows. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** How many rows it inserted, changed or deleted. For MySQL: how many it matched, changed or not. */
  readonly affected: number
}

/**
 * A database, as the record store sees it: something that runs one statement with these parameters. Ready-made for
 * most clients (`pg`, `mysql2`, `libsql`, …); for another one it is these two lines. Nothing needs a transaction.
 */
export interface SqlClient {
  readonly dialect: SqlDialect
  /** Parameters stand as `$1`, `$2`, … for PostgreSQL and as `?` for the others. Throws for a failing engine. */
  run(statement: string, parameters: readonly SqlValue[]): MaybePromise<SqlResult>
}

/** A table's name, quoted. Checked rather than escaped: it is configuration, and stands in every statement. */
export function quoted(table: string, dialect: SqlDialect): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,47}(\.[A-Za-z_][A-Za-z0-9_]{0,47})?$/.test(table)) {
    throw new LatchkeyError(
      'invalid_configuration',
      '`table` is a name of letters, digits and underscores, with a schema and a dot before it if need be.',
    )
  }
  const mark = dialect === 'mysql' ? '`' : '"'
  return mark + table.replace('.', `${mark}.${mark}`) + mark
}
