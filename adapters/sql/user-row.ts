import type { UserLike } from 'latchkey'
import { brokenTable } from './sql-client.ts'

export type Row = Readonly<Record<string, unknown>>

/** The type of an id: numbers, everything as text, or text as it is stored. */
export type IdType = 'number' | 'string' | undefined

/** The columns of a table. The last four are looked for under their usual names where none is given. */
export interface UserColumns {
  readonly id: string
  readonly hashedPassword: string
  readonly displayName?: string | undefined
  readonly scopes?: string | undefined
  readonly sessionEpoch?: string | undefined
  readonly disabled?: string | undefined
  /** What else the app has named, and must be in each row. */
  readonly others: readonly (string | undefined)[]
}

/** Reads the rows of one table. */
export interface RowReader {
  /** The value of a column. Throws if the row has none of this name. */
  valueIn(row: Row, column: string): unknown
  /** The user in a row. Throws for an id or a hash that could not be one. */
  userIn(row: Row): UserLike & { readonly hashedPassword: string | null }
}

/** Returns what reads the rows of a table. */
export function rowReader(table: string, columns: UserColumns, idType: IdType): RowReader {
  const valueIn = (row: Row, column: string): unknown => {
    const name = nameIn(row, column)
    if (name !== undefined) return row[name]
    throw brokenTable(
      `A row of \`${table}\` has no column \`${column}\`. Check \`columns\`, and how the client renames columns.`,
    )
  }
  const optionalIn = (row: Row, named: string | undefined, usual: string): unknown => {
    if (named !== undefined) return valueIn(row, named)
    const name = nameIn(row, usual)
    return name === undefined ? undefined : row[name]
  }
  const wrong = (column: string, value: unknown, fix: string): Error =>
    brokenTable(`The column \`${column}\` of \`${table}\` has a value of type ${typeOf(value)}. ${fix}`)

  const userIn: RowReader['userIn'] = (row) => {
    for (const other of columns.others) if (other !== undefined) valueIn(row, other)
    const given = valueIn(row, columns.id)
    const id = idIn(given, idType)
    if (id === null) throw wrong(columns.id, given, idFix(given))
    const hashedPassword = textIn(valueIn(row, columns.hashedPassword) ?? null)
    if (hashedPassword !== null && typeof hashedPassword !== 'string')
      throw wrong(columns.hashedPassword, hashedPassword, 'It must be text, bytes of UTF-8, or NULL.')
    const displayName = optionalIn(row, columns.displayName, 'display_name')
    const scopes = optionalIn(row, columns.scopes, 'scopes')
    const epoch = optionalIn(row, columns.sessionEpoch, 'session_epoch')
    const sessionEpoch = epoch == null ? undefined : Number(epoch)
    if (Number.isNaN(sessionEpoch))
      throw wrong(columns.sessionEpoch ?? 'session_epoch', epoch, 'It must be a number.')
    const disabled = optionalIn(row, columns.disabled, 'disabled')
    // Any other malformed value gives less, never more: no scopes, a disabled account.
    return {
      id,
      hashedPassword,
      ...(typeof displayName === 'string' ? { displayName } : {}),
      ...(scopes == null ? {} : { scopes: listIn(scopes) }),
      ...(sessionEpoch === undefined ? {} : { sessionEpoch }),
      ...(disabled == null ? {} : { disabled: !NO.includes(String(disabled)) }),
    }
  }
  return { valueIn, userIn }
}

/**
 * The name under which a row has this column: its own, or one that differs by case, `_` or `-`, since some clients spell
 * columns in their own way (`sessionEpoch`). `undefined` if it has none.
 */
function nameIn(row: Row, column: string): string | undefined {
  if (column in row) return column
  const plain = plainName(column)
  const [name, another] = Object.keys(row).filter((one) => plainName(one) === plain)
  if (another === undefined) return name
  throw brokenTable(
    `Both \`${name}\` and \`${another}\` could be the column \`${column}\`: rename one of them.`,
  )
}

function plainName(column: string): string {
  return column.replaceAll(/[_-]/g, '').toLowerCase()
}

/** Whether a column can hold this text: PostgreSQL rejects NUL, and UTF-8 cannot encode lone surrogates. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()
}

/** Converts an id to its type; `null` for a value of another type. */
export function idIn(value: unknown, type: IdType): string | number | null {
  if (type === 'number') {
    // Some clients return a 64-bit integer as text or bigint. ` 42` and `042` do not count as 42.
    const id = Number(value)
    return Number.isSafeInteger(id) && String(id) === String(value) ? id : null
  }
  if (type === 'string' && (typeof value === 'bigint' || Number.isSafeInteger(value))) return String(value)
  return isText(value) ? value : null
}

/** What to do about a value that `idIn` does not take. */
function idFix(value: unknown): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return "It is no safe integer: let the client return BIGINT as text or bigint, and set `idType: 'string'`."
  return ['string', 'number', 'bigint'].includes(typeof value)
    ? "Set `idType: 'number'` for integers up to 2^53, or `idType: 'string'` for ids of any size as text."
    : 'Let a view convert it to text, and name the view as `table`.'
}

/** The type of a value, for a message: never the value itself. */
function typeOf(value: unknown): string {
  return typeof value === 'object' ? (value?.constructor?.name ?? String(value)) : typeof value
}

/** Maps every spelling that the throttle of `createAuth` counts as one name to the same text. */
export function foldedName(name: unknown): string {
  return String(name).normalize('NFKC').trim().toLowerCase()
}

/** Text that arrives as bytes, from BYTEA, VARBINARY or BLOB. Anything else is left as it is. */
export function textIn(value: unknown): unknown {
  if (!(value instanceof Uint8Array || value instanceof ArrayBuffer)) return value
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value)
  } catch {
    return value
  }
}

/** The forms of false: a boolean, the 0 of databases without booleans, and the byte of MySQL's `BIT(1)`. */
const NO: readonly string[] = ['false', '0', '\0']

/** A list of texts: a PostgreSQL or JSON array that the client has parsed, or its JSON text. */
function listIn(column: unknown): string[] {
  try {
    const list: unknown = typeof column === 'string' ? JSON.parse(column) : column
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}
