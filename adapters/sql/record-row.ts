import type { Patch, SessionRecord } from 'latchkey'

/**
 * Session data as a column keeps it: one JSON object, in which each value is the JSON text of the session's value.
 * Engines then see strings alone: a value comes back as it was, whatever an engine's JSON does to numbers, NUL or
 * deep nesting, and a merge patch (RFC 7396) replaces a value as a whole and removes with `null`.
 */
export function toColumn(patch: Patch): string {
  const texts: Record<string, string | null> = {}
  for (const key in patch) texts[key] = patch[key] === undefined ? null : JSON.stringify(patch[key])
  return JSON.stringify(texts)
}

/** What a patch sets and what it removes, for an engine without a merge patch. */
export function toSetAndRemoved(patch: Patch): [set: string, removed: string] {
  const keys = Object.keys(patch)
  const removed = keys.filter((key) => patch[key] === undefined)
  const set = Object.fromEntries(
    keys.filter((key) => patch[key] !== undefined).map((key) => [key, patch[key]]),
  )
  return [toColumn(set), JSON.stringify(removed)]
}

export const COLUMNS = 'data, owner, created_at, renewed_at, expires_at, superseded_by'

/** The record of a row; `null` when there is none, or when it is no record of ours. */
export function fromRow(row: Readonly<Record<string, unknown>> | undefined): SessionRecord | null {
  if (!row) return null
  const data = dataOf(row.data)
  if (data === null) return null
  return {
    data,
    // Clients give 64-bit integers as numbers, texts or bigints.
    createdAt: Number(row.created_at),
    renewedAt: Number(row.renewed_at),
    // A negative one is how MySQL claims a row that is about to be deleted.
    expiresAt: Math.abs(Number(row.expires_at)),
    ...(typeof row.owner === 'string' ? { owner: row.owner } : {}),
    ...(typeof row.superseded_by === 'string' ? { supersededBy: row.superseded_by } : {}),
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
