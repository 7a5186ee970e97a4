import { columnsOf } from './record-row.ts'
import type { SqlParameter } from './run-statement.ts'
import type { SqlDialect } from './sql-client.ts'

/**
 * What the record store asks of one dialect: a table of statements. Parameters are named: `:id`, `:now`.
 * Every statement stands alone, so none needs a transaction.
 */
export interface Statements {
  /** Selects the live record `:id`. */
  readonly read: string
  /** Inserts a record. Inserts nothing, or fails with `ER_DUP_ENTRY`, if a live one has this id. */
  readonly insert: string
  /** Deletes the expired row `:id`, for a dialect whose insert cannot replace it. */
  readonly makeRoom?: string
  /** Sets the times of a live record without a mark, and the keys of `:set`. */
  readonly update: string
  /** The same, and removes the keys of `:removed`. */
  readonly updateAndRemove: string
  /** `:removed` in this dialect, for at least one key. Keys are spelled as in the column. */
  readonly removed: (keys: readonly string[]) => SqlParameter
  /** Marks a live record that has no mark, and empties its data. Selects it as it was before. */
  readonly supersede: Change
  /** Deletes a live record. */
  readonly delete: Change
  /** Deletes a live record that has neither data nor a mark. */
  readonly deleteIfEmpty: Change
  /** Selects the live records of `:owner`, with their ids. */
  readonly listByOwner: string
  /** Deletes and returns them. Missing where a dialect cannot do so in one statement. */
  readonly deleteByOwner?: string
  /** Deletes one batch of rows that have expired. */
  readonly prune: string
}

/**
 * One change that gives its record to one caller. What follows the claim only reads or cleans up: if it is
 * lost, the change stands.
 */
export interface Change {
  /** Decides: changes one row or none. Returns the record, unless `fetch` does. */
  readonly claim: string
  /** Selects the record of the claimed row. */
  readonly fetch?: string
  /** Cleans up after the claim. */
  readonly finish?: string
}

/** The condition for a live record. */
export const LIVE = 'id = :id AND kept_until > :now'

/** The statements that dialects with `RETURNING` share. `data` is the parameter for the data, as its column takes it. */
export function returningStatements(dialect: SqlDialect, table: string, data: string) {
  const columns = columnsOf(dialect)
  return {
    read: `SELECT ${columns} FROM ${table} WHERE ${LIVE}`,
    insert: `INSERT INTO ${table} AS stored
  (id, data, owner, created_at, renewed_at, expires_at, kept_until, mark)
VALUES (:id, ${data}, :owner, :createdAt, :renewedAt, :expiresAt, :keptUntil, :mark)
ON CONFLICT (id) DO UPDATE SET data = excluded.data, owner = excluded.owner, created_at = excluded.created_at,
  renewed_at = excluded.renewed_at, expires_at = excluded.expires_at, kept_until = excluded.kept_until,
  mark = excluded.mark
WHERE stored.kept_until <= :now`,
    delete: { claim: `DELETE FROM ${table} WHERE ${LIVE} RETURNING ${columns}` },
    deleteIfEmpty: {
      claim: `DELETE FROM ${table} WHERE ${LIVE} AND data = '{}' AND mark IS NULL RETURNING ${columns}`,
    },
    listByOwner: `SELECT id, ${columns} FROM ${table} WHERE owner = :owner AND kept_until > :now`,
    deleteByOwner: `DELETE FROM ${table} WHERE owner = :owner AND kept_until > :now RETURNING id, ${columns}`,
  }
}

/** The number of rows that one batch of `prune` deletes: it holds locks for a few milliseconds. */
export const PRUNE_BATCH = 1000
