import { columnsBeforeMark, columnsOf } from './record-row.ts'
import { type Change, LIVE, PRUNE_BATCH, type Statements } from './statements.ts'

/**
 * The statements for MySQL, which has no `RETURNING`, and no upsert that reports what it did (MariaDB has
 * some of it). So a change claims its row first, and reads it then.
 */
export function mysqlStatements(table: string): Statements {
  const columns = columnsOf('mysql')
  const update = (data: string): string =>
    `UPDATE ${table} SET data = JSON_MERGE_PATCH(${data}, :set),
  renewed_at = :renewedAt, expires_at = :expiresAt, kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL`
  /** Claims the row by negating `kept_until`, which hides it from every other statement. */
  const deletion = (condition = ''): Change => ({
    claim: `UPDATE ${table} SET kept_until = -kept_until WHERE ${LIVE}${condition}`,
    fetch: `SELECT ${columns} FROM ${table} WHERE id = :id AND kept_until < 0`,
    finish: `DELETE FROM ${table} WHERE id = :id AND kept_until < 0`,
  })
  return {
    read: `SELECT ${columns} FROM ${table} WHERE ${LIVE}`,
    // Not `INSERT IGNORE`, which would also take an id that is cut off.
    insert: `INSERT INTO ${table} (id, data, owner, created_at, renewed_at, expires_at, kept_until, mark)
VALUES (:id, :data, :owner, :createdAt, :renewedAt, :expiresAt, :keptUntil, :mark)`,
    makeRoom: `DELETE FROM ${table} WHERE id = :id AND kept_until BETWEEN 1 AND :now`,
    update: update('data'),
    // Not a merge patch with nulls: MariaDB 10.11 leaves some of the keys in place.
    updateAndRemove: update('JSON_REMOVE(data, :removed)'),
    removed: (keys) => keys.map((key) => `$."${key}"`),
    // Assignments run from left to right: the mark takes the old `kept_until` along.
    // A delete between the claim and the fetch does not undo the claim: it returns the mark.
    supersede: {
      claim: `UPDATE ${table} SET mark = JSON_SET(:mark, '$.was', kept_until), kept_until = :keptUntil
WHERE ${LIVE} AND mark IS NULL`,
      fetch: `SELECT ${columnsBeforeMark('mysql')} FROM ${table} WHERE id = :id AND mark IS NOT NULL`,
      finish: `UPDATE ${table} SET data = '{}' WHERE id = :id AND mark IS NOT NULL`,
    },
    delete: deletion(),
    deleteIfEmpty: deletion(' AND JSON_LENGTH(data) = 0 AND mark IS NULL'),
    listByOwner: `SELECT id, ${columns} FROM ${table} WHERE owner = :owner AND kept_until > :now`,
    // Of claimed rows, only those past their time: their caller has failed to delete them.
    prune: `DELETE FROM ${table} WHERE kept_until BETWEEN :minusNow AND :now LIMIT ${PRUNE_BATCH}`,
  }
}
