import { runSchema } from './schema.ts'
import { quoted, type SqlClient, type SqlDialect } from './sql-client.ts'

/** The options of `limiterSchemaOf` and `createLimiterSchema`. */
export interface LimiterSchemaOptions {
  /** The table's name, optionally with a schema: `auth.attempts`. Default `latchkey_attempts`. */
  readonly table?: string
}

export const DEFAULT_LIMITER_TABLE = 'latchkey_attempts'

/**
 * The statements that create the table of `sqlLimiter` and its index, for your own migration. They can be run repeatedly.
 * Times are epoch milliseconds.
 *
 * @throws LatchkeyError `invalid_configuration` for a malformed table name.
 */
export function limiterSchemaOf(
  dialect: SqlDialect,
  { table = DEFAULT_LIMITER_TABLE }: LimiterSchemaOptions = {},
): string[] {
  const name = quoted(table, dialect)
  const isMysql = dialect === 'mysql'
  const text = isMysql ? 'VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin' : 'TEXT'
  const [count, time] = dialect === 'sqlite' ? ['INTEGER', 'INTEGER'] : ['INT', 'BIGINT']
  const [bare, place] = table.split('.').reverse()
  const create = `CREATE TABLE IF NOT EXISTS ${name} (
  id ${text} NOT NULL,
  source ${text} NOT NULL,
  failed ${count} NOT NULL,
  pending ${count} NOT NULL,
  begun_at ${time} NOT NULL,
  ends_at ${time} NOT NULL,
  PRIMARY KEY (id, source)${isMysql ? ',\n  INDEX ends_at (ends_at)' : ''}
)`
  if (isMysql) return [create]
  // PostgreSQL creates an index in its table's schema; SQLite takes the schema from the index name.
  const index =
    dialect === 'sqlite' && place
      ? `"${place}"."${bare}_ends_at" ON "${bare}"`
      : `"${bare}_ends_at" ON ${name}`
  return [create, `CREATE INDEX IF NOT EXISTS ${index} (ends_at)`]
}

/**
 * Creates the table of `sqlLimiter` if it does not exist. For development; in production put `limiterSchemaOf` into your
 * migrations. Does nothing while `next build` loads the file.
 *
 * @throws LatchkeyError `invalid_configuration` for a malformed table name, and whatever the client throws.
 */
export async function createLimiterSchema(
  client: SqlClient,
  options: LimiterSchemaOptions = {},
): Promise<void> {
  await runSchema(client, limiterSchemaOf(client.dialect, options))
}
