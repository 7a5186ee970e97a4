import { quoted, type SqlClient, type SqlDialect } from './sql-client.ts'

/** The options of `schemaOf` and `createSchema`. */
export interface SchemaOptions {
  /** The table's name, optionally with a schema: `auth.sessions`. Default `latchkey_sessions`. */
  readonly table?: string
}

export const DEFAULT_TABLE = 'latchkey_sessions'

/**
 * The statements that create the sessions table and its indexes, for your own migration. They can be run
 * repeatedly. Times are epoch milliseconds.
 *
 * @throws LatchkeyError `invalid_configuration` for a malformed table name.
 */
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
  kept_until BIGINT NOT NULL,
  mark TEXT CHARACTER SET utf8mb4,
  INDEX owner (owner),
  INDEX kept_until (kept_until)
)`,
    ]
  }
  const [bare, place] = table.split('.').reverse()
  // PostgreSQL creates an index in its table's schema; SQLite takes the schema from the index name.
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
  kept_until ${time} NOT NULL,
  mark ${text}
)`,
    `CREATE INDEX IF NOT EXISTS ${index('owner')} WHERE owner IS NOT NULL`,
    `CREATE INDEX IF NOT EXISTS ${index('kept_until')}`,
  ]
}

/**
 * Creates the sessions table if it does not exist. For development; in production put `schemaOf` into your
 * migrations. Does nothing while `next build` loads the file.
 *
 * @throws LatchkeyError `invalid_configuration` for a malformed table name, and whatever the client throws.
 */
export async function createSchema(client: SqlClient, options: SchemaOptions = {}): Promise<void> {
  await runSchema(client, schemaOf(client.dialect, options))
}

/**
 * Runs statements that create what is not there yet. `next build` loads every module of an app, on a machine that may
 * have no database: then nothing is run.
 */
export async function runSchema(client: SqlClient, statements: readonly string[]): Promise<void> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  if (process?.env?.NEXT_PHASE === 'phase-production-build') return
  for (const statement of statements) {
    try {
      await client.run(statement, [])
    } catch {
      // PostgreSQL's IF NOT EXISTS races if two processes start at once. By now the other one has created it.
      await client.run(statement, [])
    }
  }
}
