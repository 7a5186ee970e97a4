import type { UserLike } from 'latchkey'

export type Row = Readonly<Record<string, unknown>>

/** Whether a column can hold this text: PostgreSQL rejects NUL, and UTF-8 cannot encode lone surrogates. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()
}

/** Converts an id to its type; `null` for a value of another type. */
export function idIn(value: unknown, type: 'string' | 'number'): string | number | null {
  if (type === 'string') return isText(value) ? value : null
  // Some clients return a 64-bit integer as text or bigint. ` 42` and `042` do not count as 42.
  const id = Number(value)
  return Number.isSafeInteger(id) && String(id) === String(value) ? id : null
}

/** Maps every spelling that the throttle of `createAuth` counts as one name to the same text. */
export function foldedName(name: unknown): string {
  return String(name).normalize('NFKC').trim().toLowerCase()
}

/** The forms of false: a boolean, the 0 of databases without booleans, and the byte of MySQL's `BIT(1)`. */
const NO: readonly string[] = ['false', '0', '\0']

/** The user in a row. A malformed column gives less, never more: no scopes, a disabled account. */
export function userIn(row: Row, id: UserLike['id'], hashedPassword: unknown): UserLike {
  const { display_name: displayName, scopes, session_epoch: epoch, disabled } = row
  return {
    id,
    // The core rejects anything but text.
    hashedPassword: hashedPassword as string | null,
    ...(typeof displayName === 'string' ? { displayName } : {}),
    ...(scopes == null ? {} : { scopes: listIn(scopes) }),
    ...(epoch == null ? {} : { sessionEpoch: Number(epoch) }),
    ...(disabled == null ? {} : { disabled: !NO.includes(String(disabled)) }),
  }
}

/** A list of texts: a PostgreSQL or JSON array that the client has parsed, or its JSON text. */
function listIn(column: unknown): string[] {
  try {
    const list: unknown = typeof column === 'string' ? JSON.parse(column) : column
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}
