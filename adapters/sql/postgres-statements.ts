import { columnsOf } from './record-row.ts'
import { LIVE, PRUNE_BATCH, returningStatements, type Statements } from './statements.ts'

/** The statements for PostgreSQL. Data is passed as text, which no client converts. */
export function postgresStatements(table: string): Statements {
  const update = (data: string): string =>
    `UPDATE ${table} SET data = ${data} || :set::text::jsonb,
  renewed_at = :renewedAt, expires_at = :expiresAt, kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL`
  return {
    ...returningStatements('postgres', table, ':data::text::jsonb'),
    update: update('data'),
    updateAndRemove: update('(data - ARRAY(SELECT jsonb_array_elements_text(:removed::text::jsonb)))'),
    removed: (keys) => JSON.stringify(keys),
    // RETURNING alone gives new values. The lock makes an update under way come first, so that `old` has it.
    supersede: {
      claim: `WITH old AS (
  SELECT id, ${columnsOf('postgres')} FROM ${table} WHERE ${LIVE} AND mark IS NULL FOR UPDATE
)
UPDATE ${table} AS stored SET data = '{}', mark = :mark, kept_until = :keptUntil
FROM old WHERE stored.id = old.id RETURNING old.*`,
    },
    // Two jobs that run at the same time share the work instead of waiting for each other.
    prune: `DELETE FROM ${table} WHERE id IN
(SELECT id FROM ${table} WHERE kept_until <= :now LIMIT ${PRUNE_BATCH} FOR UPDATE SKIP LOCKED)`,
  }
}
