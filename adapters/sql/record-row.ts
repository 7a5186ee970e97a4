import type { SessionPatch, SessionRecord } from 'latchkey'

/**
 * Session data as a column keeps it: one JSON object, in which each value is the JSON text of the session's value.
 * Engines then see strings alone: a value comes back as it was, whatever an engine's JSON does to numbers, NUL or
 * deep nesting, and a merge replaces a value as a whole.
 */
export function toColumn(data: SessionPatch): string {
  const texts: Record<string, string> = {}
  for (const key in data) if (data[key] !== undefined) texts[key] = JSON.stringify(data[key])
  return JSON.stringify(texts)
}

/** What a patch sets, as a column keeps it, and the keys that it removes. */
export function toSetAndRemoved(patch: SessionPatch): [set: string, removed: string[]] {
  const keys = Object.keys(patch)
  const set = Object.fromEntries(
    keys.filter((key) => patch[key] !== undefined).map((key) => [key, patch[key]]),
  )
  return [toColumn(set), keys.filter((key) => patch[key] === undefined)]
}

/** One word each, so that a client that spells `created_at` in camel case leaves them alone. */
export const COLUMNS =
  'data, owner, created_at AS created, renewed_at AS renewed, expires_at AS expires, replaced_by AS successor'

/**
 * The record of a row; `null` when there is none, or when it is no record of ours.
 *
 * @throws Error for a row of another shape than was asked for: a client that is set up so would log everybody out.
 */
export function fromRow(row: Readonly<Record<string, unknown>> | undefined): SessionRecord | null {
  if (!row) return null
  if (!('expires' in row))
    throw new Error('The SQL client renames columns, or gives rows as lists: set it not to.')
  const data = dataOf(row.data)
  // Clients give 64-bit integers as numbers, texts or bigints. A negative end is how MySQL claims a row.
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

/** Clients give a JSON column parsed or as text. */
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
