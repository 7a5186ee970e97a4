import type { RecordEntry, SessionMark, SessionPatch, SessionRecord } from 'latchkey'
import { fromStoredKey, toStoredKey } from 'latchkey/adapter'
import { requireColumns, type SqlDialect, type SqlResult, type SqlValue } from './sql-client.ts'

/**
 * Session data as stored in its column: one JSON object, in which each value is the JSON text of the
 * session's value, under the key's stored key. The database sees plain strings only: a value is read back as
 * it was, whatever the database's JSON type does to numbers, NUL or deep nesting, and a merge replaces a value
 * as a whole.
 */
export function toColumn(data: SessionPatch): string {
  const texts: Record<string, string> = {}
  for (const key in data) if (data[key] !== undefined) texts[toStoredKey(key)] = JSON.stringify(data[key])
  return JSON.stringify(texts)
}

/** The keys that a patch removes, as they are spelled in the column. */
export function removedKeys(patch: SessionPatch): string[] {
  return Object.keys(patch)
    .filter((key) => patch[key] === undefined)
    .map(toStoredKey)
}

/** The parameters of a new row. */
export function toParameters(id: string, record: SessionRecord): Record<string, SqlValue> {
  const { data, owner = null, createdAt, renewedAt, expiresAt, keptUntil, mark } = record
  const times = { createdAt, renewedAt, expiresAt, keptUntil }
  return { id, data: toColumn(data), owner, ...times, mark: mark ? JSON.stringify(mark) : null }
}

/** Data as text: a client that converts columns to camel case does the same to the keys of JSON that it parses. */
const DATA: Readonly<Record<SqlDialect, string>> = {
  postgres: 'data::text AS data',
  mysql: 'CONVERT(data USING utf8mb4) AS data',
  sqlite: 'data',
}

const unmarked = (dialect: SqlDialect): string =>
  `${DATA[dialect]}, owner, created_at AS created, renewed_at AS renewed, expires_at AS expires`

/** Aliased to single words, so that a client that converts `created_at` to camel case leaves them alone. */
export const columnsOf = (dialect: SqlDialect): string => `${unmarked(dialect)}, kept_until AS kept, mark`

/** The same of a row that a claim has just marked, as they were before: its mark has kept `kept_until`. */
export const columnsBeforeMark = (dialect: SqlDialect): string =>
  `${unmarked(dialect)}, JSON_EXTRACT(mark, '$.was') AS kept, NULL AS mark`

const NAMES = ['data', 'owner', 'created', 'renewed', 'expires', 'kept', 'mark']

/**
 * The record in a row; `null` if there is no row, or if it is malformed.
 *
 * @throws LatchkeyError `backend_failed` if the row lacks a selected column: with such a client setup every user would be
 * logged out.
 */
export function fromRow(row: Readonly<Record<string, unknown>> | undefined): SessionRecord | null {
  if (!row) return null
  requireColumns(row, NAMES)
  // Clients return 64-bit integers as numbers, strings or bigints. On MySQL, `kept_until` of a claimed row is
  // negative.
  const times = {
    createdAt: Number(row.created),
    renewedAt: Number(row.renewed),
    expiresAt: Number(row.expires),
    keptUntil: Math.abs(Number(row.kept)),
  }
  if (!Object.values(times).every(Number.isFinite)) return null
  const owner = typeof row.owner === 'string' ? { owner: row.owner } : {}
  try {
    // A claimed row has its data until the statement after the claim has emptied it.
    if (row.mark != null) return { data: {}, ...times, ...owner, mark: markOf(row.mark) }
    return { data: dataOf(row.data), ...times, ...owner }
  } catch {
    return null
  }
}

/** The records in rows, without malformed ones. */
export function entriesFrom(rows: SqlResult['rows']): RecordEntry[] {
  return rows.flatMap((row) => {
    const record = fromRow(row)
    return record ? [{ id: String(row.id), record }] : []
  })
}

function dataOf(column: unknown): Record<string, unknown> {
  const data: Record<string, unknown> = {}
  for (const [key, text] of Object.entries(objectOf(column)))
    data[fromStoredKey(key)] = JSON.parse(text as string)
  return data
}

function markOf(column: unknown): SessionMark {
  // What it says is checked when a session is loaded.
  const { was: _, ...mark } = objectOf(column) as Record<string, unknown> & SessionMark
  return mark
}

/** Clients return a JSON column parsed or as text. */
function objectOf(column: unknown): Record<string, unknown> {
  const value: unknown = typeof column === 'string' ? JSON.parse(column) : column
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('malformed')
  return value as Record<string, unknown>
}
