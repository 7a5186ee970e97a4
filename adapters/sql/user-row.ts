import type { UserLike } from 'latchkey'

export type Row = Readonly<Record<string, unknown>>

/** Text that a column can hold: PostgreSQL refuses NUL, and UTF-8 has no lone surrogates. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()
}

/** An id as a user has it; `null` for what is none of this type. */
export function idIn(value: unknown, type: 'string' | 'number'): string | number | null {
  if (type === 'string') return isText(value) ? value : null
  // To some clients a 64-bit integer is a text or a bigint. ` 42` and `042` are no ways to write 42.
  const id = Number(value)
  return Number.isSafeInteger(id) && String(id) === String(value) ? id : null
}

/** One spelling for what the throttle of `createAuth` counts as one name. */
export function foldedName(name: unknown): string {
  return String(name).normalize('NFKC').trim().toLowerCase()
}

/** What is plainly no: a boolean, the 0 of engines that have none, and the byte that MySQL's `BIT(1)` is. */
const NO: readonly string[] = ['false', '0', '\0']

/** The user of a row. What is malformed gives less, never more: no scopes, an account that is locked. */
export function userIn(row: Row, id: UserLike['id'], hashedPassword: unknown): UserLike {
  const { display_name: displayName, scopes, session_epoch: epoch, disabled } = row
  return {
    id,
    // What is no text is refused by the core.
    hashedPassword: hashedPassword as string | null,
    ...(typeof displayName === 'string' ? { displayName } : {}),
    ...(scopes == null ? {} : { scopes: listIn(scopes) }),
    ...(epoch == null ? {} : { sessionEpoch: Number(epoch) }),
    ...(disabled == null ? {} : { disabled: !NO.includes(String(disabled)) }),
  }
}

/** An array of PostgreSQL or JSON that the client has parsed, or the text of it. */
function listIn(column: unknown): string[] {
  try {
    const list: unknown = typeof column === 'string' ? JSON.parse(column) : column
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}
