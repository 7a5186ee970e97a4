import { COLUMNS, COLUMNS_BEFORE_MARK } from './record-row.ts'
import { LIVE, PRUNE_BATCH, type Statements } from './statements.ts'

/** The statements for SQLite. */
export function sqliteStatements(table: string): Statements {
  const update = (data: string): string =>
    `UPDATE ${table} SET data = json_patch(${data}, :set),
  renewed_at = :renewedAt, expires_at = :expiresAt, kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL`
  return {
    read: `SELECT ${COLUMNS} FROM ${table} WHERE ${LIVE}`,
    insert: `INSERT INTO ${table} AS stored
  (id, data, owner, created_at, renewed_at, expires_at, kept_until, mark)
VALUES (:id, :data, :owner, :createdAt, :renewedAt, :expiresAt, :keptUntil, :mark)
ON CONFLICT (id) DO UPDATE SET data = excluded.data, owner = excluded.owner, created_at = excluded.created_at,
  renewed_at = excluded.renewed_at, expires_at = excluded.expires_at, kept_until = excluded.kept_until,
  mark = excluded.mark
WHERE stored.kept_until <= :now`,
    update: update('data'),
    updateAndRemove: update('json_patch(data, :removed)'),
    removed: (keys) => JSON.stringify(Object.fromEntries(keys.map((key) => [key, null]))),
    // RETURNING gives new values only, so the mark takes the old `kept_until` along, and the data goes last.
    supersede: {
      claim: `UPDATE ${table} SET mark = json_set(:mark, '$.was', kept_until), kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL RETURNING ${COLUMNS_BEFORE_MARK}`,
      finish: `UPDATE ${table} SET data = '{}' WHERE id = :id AND mark IS NOT NULL`,
    },
    delete: { claim: `DELETE FROM ${table} WHERE ${LIVE} RETURNING ${COLUMNS}` },
    deleteIfEmpty: {
      claim: `DELETE FROM ${table} WHERE ${LIVE} AND data = '{}' AND mark IS NULL RETURNING ${COLUMNS}`,
    },
    listByOwner: `SELECT id, ${COLUMNS} FROM ${table} WHERE owner = :owner AND kept_until > :now`,
    deleteByOwner: `DELETE FROM ${table} WHERE owner = :owner AND kept_until > :now RETURNING id, ${COLUMNS}`,
    prune: `DELETE FROM ${table} WHERE id IN
(SELECT id FROM ${table} WHERE kept_until <= :now LIMIT ${PRUNE_BATCH})`,
  }
}
