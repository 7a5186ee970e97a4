import type { SessionPatch, SessionRecord } from 'latchkey'

/**
 * Session data as stored in its column: one JSON object, in which each value is the JSON text of the
 * session's value. The database sees strings only: a value is read back as it was, whatever the database's
 * JSON type does to numbers, NUL or deep nesting, and a merge replaces a value as a whole.
 */
export function toColumn(data: SessionPatch): string {
  const texts: Record<string, string> = {}
  for (const key in data) if (data[key] !== undefined) texts[key] = JSON.stringify(data[key])
  return JSON.stringify(texts)
}

/** The values that a patch sets, as stored in the column, and the keys that it removes. */
export function toSetAndRemoved(patch: SessionPatch): [set: string, removed: string[]] {
  const keys = Object.keys(patch)
  const set = Object.fromEntries(
    keys.filter((key) => patch[key] !== undefined).map((key) => [key, patch[key]]),
  )
  return [toColumn(set), keys.filter((key) => patch[key] === undefined)]
}

/** Aliased to single words, so that a client that converts `created_at` to camel case leaves them alone. */
export const COLUMNS =
  'data, owner, created_at AS created, renewed_at AS renewed, expires_at AS expires, replaced_by AS successor'

/**
 * The record in a row; `null` if there is no row, or if it is malformed.
 *
 * @throws Error if the row lacks the selected columns: with such a client setup every user would be logged
 * out.
 */
export function fromRow(row: Readonly<Record<string, unknown>> | undefined): SessionRecord | null {
  if (!row) return null
  if (!('expires' in row))
    throw new Error('The SQL client renames columns or returns rows as arrays: turn that off.')
  const data = dataOf(row.data)
  // Clients return 64-bit integers as numbers, strings or bigints. On MySQL, a claimed row has a negative
  // expiry.
  const [createdAt, renewedAt, expiresAt] = [row.created, row.renewed, row.expires].map(Number) as [
    number,
    number,
    number,
  ]
  if (data === null || !Number.isFinite(createdAt + renewedAt + expiresAt)) return null
  return {
    data,
    createdAt,
    renewedAt,
    expiresAt: Math.abs(expiresAt),
    ...(typeof row.owner === 'string' ? { owner: row.owner } : {}),
    ...(typeof row.successor === 'string' ? { replacedBy: row.successor } : {}),
  }
}

/** Clients return a JSON column parsed or as text. */
function dataOf(column: unknown): Record<string, unknown> | null {
  try {
    const texts: unknown = typeof column === 'string' ? JSON.parse(column) : column
    if (typeof texts !== 'object' || texts === null || Array.isArray(texts)) return null
    const data: Record<string, unknown> = {}
    for (const [key, text] of Object.entries(texts)) data[key] = JSON.parse(text as string)
    return data
  } catch {
    return null
  }
}
