import { quoted, type SqlClient, type SqlDialect } from './sql-client.ts'

export interface SchemaOptions {
  /** The table, with its schema if need be. Default `latchkey_sessions`. */
  readonly table?: string
}

export const DEFAULT_TABLE = 'latchkey_sessions'

/** What makes the table, for a migration of your own. Each statement may run again. Times are epoch milliseconds. */
export function schemaOf(dialect: SqlDialect, { table = DEFAULT_TABLE }: SchemaOptions = {}): string[] {
  const name = quoted(table, dialect)
  if (dialect === 'mysql') {
    return [
      `CREATE TABLE IF NOT EXISTS ${name} (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data JSON NOT NULL,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  created_at BIGINT NOT NULL,
  renewed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  replaced_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  INDEX owner (owner),
  INDEX expires_at (expires_at)
)`,
    ]
  }
  const [bare, place] = table.split('.').reverse()
  // PostgreSQL makes an index where its table is; SQLite names the place with the index.
  const index = (column: string): string =>
    dialect === 'sqlite' && place
      ? `"${place}"."${bare}_${column}" ON "${bare}" (${column})`
      : `"${bare}_${column}" ON ${name} (${column})`
  const [json, text, time] =
    dialect === 'postgres' ? ['JSONB', 'TEXT', 'BIGINT'] : ['TEXT', 'TEXT', 'INTEGER']
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (
  id ${text} NOT NULL PRIMARY KEY,
  data ${json} NOT NULL,
  owner ${text},
  created_at ${time} NOT NULL,
  renewed_at ${time} NOT NULL,
  expires_at ${time} NOT NULL,
  replaced_by ${text}
)`,
    `CREATE INDEX IF NOT EXISTS ${index('owner')} WHERE owner IS NOT NULL`,
    `CREATE INDEX IF NOT EXISTS ${index('expires_at')}`,
  ]
}

/** Makes the table where there is none. For a start; a deployed app has it in its migrations. */
export async function createSchema(client: SqlClient, options: SchemaOptions = {}): Promise<void> {
  for (const statement of schemaOf(client.dialect, options)) {
    try {
      await client.run(statement, [])
    } catch {
      // Two processes that start at once: PostgreSQL's IF NOT EXISTS races. By now the other one has made it.
      await client.run(statement, [])
    }
  }
}
