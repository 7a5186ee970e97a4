import { columnsBeforeMark } from './record-row.ts'
import { LIVE, PRUNE_BATCH, returningStatements, type Statements } from './statements.ts'

/** The statements for SQLite. */
export function sqliteStatements(table: string): Statements {
  const update = (data: string): string =>
    `UPDATE ${table} SET data = json_patch(${data}, :set),
  renewed_at = :renewedAt, expires_at = :expiresAt, kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL`
  return {
    ...returningStatements('sqlite', table, ':data'),
    update: update('data'),
    updateAndRemove: update('json_patch(data, :removed)'),
    removed: (keys) => JSON.stringify(Object.fromEntries(keys.map((key) => [key, null]))),
    // RETURNING gives new values only, so the mark takes the old `kept_until` along, and the data goes last.
    supersede: {
      claim: `UPDATE ${table} SET mark = json_set(:mark, '$.was', kept_until), kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL RETURNING ${columnsBeforeMark('sqlite')}`,
      finish: `UPDATE ${table} SET data = '{}' WHERE id = :id AND mark IS NOT NULL`,
    },
    prune: `DELETE FROM ${table} WHERE id IN
(SELECT id FROM ${table} WHERE kept_until <= :now LIMIT ${PRUNE_BATCH})`,
  }
}
