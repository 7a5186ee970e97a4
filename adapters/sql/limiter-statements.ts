import type { SqlDialect } from './sql-client.ts'
import { PRUNE_BATCH } from './statements.ts'

/** The name of the row that counts all sources of a key. Sources have a dot before their name. */
export const TOTAL = '*'

/** What the limiter asks of one dialect. A row is one count; every statement is about one row, and stands alone. */
export interface LimiterStatements {
  /**
   * Adds 1 to the pending attempts of a row, if it is below `:limit`. Inserts the row where it is missing, unless the key
   * has `:maxSources` already, or only adds to one that is there (MySQL).
   */
  readonly reserve: string
  /** MySQL: inserts a row with one pending attempt; fails with `ER_DUP_ENTRY` if it is there. */
  readonly insert?: string
  /** Counts the rows `:source` of a key (`own`: 1 or 0), and the sources that it has (`sources`). */
  readonly count: string
  /** Selects the row `:source` of a key, and that in all. */
  readonly read: string
  /** Ends an attempt of a row. A row that counts nothing any more is over at once. */
  readonly settle: string
  /** Deletes the rows of a key. */
  readonly forget: string
  /** Deletes one batch of rows that are over. */
  readonly prune: string
}

/** The statements for this dialect. */
export function limiterStatements(dialect: SqlDialect, table: string): LimiterStatements {
  /** Columns of the row that is there: an upsert names it. */
  const held = dialect === 'mysql' ? '' : 'held.'
  const isOver = `${held}ends_at <= :now`
  const failed = `CASE WHEN ${isOver} THEN 0 ELSE ${held}failed END`
  const pending = `CASE WHEN ${isOver} OR ${held}begun_at <= :lapsed THEN 0 ELSE ${held}pending END`
  // In this order: MySQL assigns from left to right, and what is read must not be changed before.
  const oneMore = `pending = ${pending} + 1, failed = ${failed}, begun_at = :now,
  ends_at = CASE WHEN ${isOver} THEN :endsAt ELSE ${held}ends_at END`
  const isBelow = `${failed} + ${pending} < :limit`
  const row = 'id = :id AND source = :source'
  const isCounted = '(pending > 0 AND begun_at > :lapsed)'
  const common = {
    count: `SELECT COUNT(CASE WHEN source = :source THEN 1 END) AS own,
  COUNT(CASE WHEN source <> '${TOTAL}' AND ends_at > :now THEN 1 END) AS sources
FROM ${table} WHERE id = :id`,
    // One word each: a client may spell columns in its own way.
    read: `SELECT source, failed, pending, begun_at AS begun, ends_at AS ends FROM ${table}
WHERE id = :id AND source IN (:source, '${TOTAL}')`,
    settle: `UPDATE ${table} SET
  ends_at = CASE WHEN failed * :keeps + :failures = 0 AND (NOT ${isCounted} OR pending = 1) THEN 0 ELSE ends_at END,
  pending = CASE WHEN ${isCounted} THEN pending - 1 ELSE 0 END,
  failed = failed * :keeps + :failures
WHERE ${row} AND ends_at > :now`,
    forget: `DELETE FROM ${table} WHERE id = :id`,
  }
  if (dialect === 'mysql') {
    return {
      ...common,
      reserve: `UPDATE ${table} SET ${oneMore} WHERE ${row} AND ${isBelow}`,
      insert: `INSERT INTO ${table} (id, source, failed, pending, begun_at, ends_at)
VALUES (:id, :source, 0, 1, :now, :endsAt)`,
      prune: `DELETE FROM ${table} WHERE ends_at <= :now LIMIT ${PRUNE_BATCH}`,
    }
  }
  const number =
    dialect === 'postgres' ? (name: string, type: string) => `${name}::${type}` : (name: string) => name
  const batch =
    dialect === 'postgres' ? `LIMIT ${PRUNE_BATCH} FOR UPDATE SKIP LOCKED` : `LIMIT ${PRUNE_BATCH}`
  const key = dialect === 'postgres' ? '(id, source)' : 'rowid'
  return {
    ...common,
    reserve: `INSERT INTO ${table} AS held (id, source, failed, pending, begun_at, ends_at)
SELECT ${number(':id', 'text')}, ${number(':source', 'text')}, 0, 1, ${number(':now', 'bigint')}, ${number(':endsAt', 'bigint')}
WHERE (SELECT COUNT(*) FROM ${table} WHERE id = :id AND source <> '${TOTAL}' AND ends_at > :now) < :maxSources
  OR :source = '${TOTAL}' OR EXISTS (SELECT 1 FROM ${table} WHERE ${row})
ON CONFLICT (id, source) DO UPDATE SET ${oneMore}
WHERE ${isBelow}`,
    prune: `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key === 'rowid' ? key : 'id, source'} FROM ${table} WHERE ends_at <= :now ${batch})`,
  }
}
