import { hashApiToken, type UserLike, type UserProvider } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { brokenTable, checkClient, quoted, type SqlClient } from './sql-client.ts'
import { foldedName, idIn, isText, type Row, rowReader, textIn } from './user-row.ts'

/** A user as `sqlUsers` makes it of a row. */
export interface SqlUser<Id extends string | number = string> extends UserLike {
  /** The id, in the type that `idType` says. */
  readonly id: Id
  /** The stored password hash; `null` if the user has no password. */
  readonly hashedPassword: string | null
}

/** The type of an id by the option `idType`. */
export type SqlUserId<IdType> = IdType extends 'number' ? number : string

/** The options of `sqlUsers`. */
export interface SqlUserOptions<User extends UserLike, IdType extends 'string' | 'number' = 'string'> {
  /** The table or view, optionally with a schema: `app.users`. */
  readonly table: string
  /** The names of its columns. Default: those of `SqlUserColumns`. */
  readonly columns?: SqlUserColumns
  /**
   * The type of an id: `number` for integers up to 2^53; `string` for everything as text: UUIDs, texts, and BIGINT of
   * any size, however the client returns it. A value of the other type finds no user and never reaches the database:
   * MySQL would treat `42abc` as 42. Default: text as it is stored, and an error for a column of numbers.
   */
  readonly idType?: IdType
  /**
   * Makes a user of your own type from the row, or returns `null`: then the row is no user, such as one that is deleted
   * softly. `user` is what is made without it. Must keep the id. Column names in `row` are spelled as your client spells
   * them. Default: `user` as it is.
   */
  readonly toUser?: (row: Row, user: SqlUser<SqlUserId<IdType>>) => User | null | undefined
  /**
   * Converts a username as typed to the table's spelling, such as lower case. Default: looks it up as typed.
   */
  readonly normalizeUsername?: (username: string) => string
}

/**
 * The column names of `sqlUsers`, as the database spells them. A client may spell them in its own way (`sessionEpoch` for
 * `session_epoch`). A row without a column that is named here is refused.
 */
export interface SqlUserColumns {
  /** The user's id. Default `id`. */
  readonly id?: string
  /** The name to log in with. It needs a unique index. Default `username`. */
  readonly username?: string
  /** The hash of the password, or NULL. Text, or bytes that are text. Default `hashed_password`. */
  readonly hashedPassword?: string
  /**
   * The hash of an API token, `hashApiToken(token)`: the token itself never reaches the database. Default: no
   * tokens.
   */
  readonly token?: string
  /** The name to show. Default `display_name`, if the table has it. */
  readonly displayName?: string
  /** An array of scopes, or JSON text of one. Default `scopes`, if the table has it. */
  readonly scopes?: string
  /** A number; raise it to end all of the user's sessions. Default `session_epoch`, if the table has it. */
  readonly sessionEpoch?: string
  /** Anything but NULL, `false` and 0 disables the account. Default `disabled`, if the table has it. */
  readonly disabled?: string
}

/**
 * A user provider over an existing table in PostgreSQL, MySQL/MariaDB or SQLite. Each call is one statement.
 *
 * Databases compare loosely: to MySQL, `é` equals `e`. A row is accepted only if its id or token hash is
 * exactly what was asked for, or if its username differs at most by case and surrounding blanks. Otherwise
 * every accent would give the same account another name. If several users remain,
 * the column lacks a unique index, and the call throws: picking one would be a guess, and `null` would look
 * like a wrong password to every user.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown or malformed
 * option. Its functions reject with `backend_failed` for rows that do not fit the options, and with what the client
 * throws.
 */
export function sqlUsers<IdType extends 'string' | 'number' = 'string'>(
  client: SqlClient,
  options: SqlUserOptions<UserLike, IdType> & { readonly toUser?: never },
): UserProvider<SqlUser<SqlUserId<IdType>>>
export function sqlUsers<User extends UserLike, IdType extends 'string' | 'number' = 'string'>(
  client: SqlClient,
  options: SqlUserOptions<User, IdType> & Required<Pick<SqlUserOptions<User, IdType>, 'toUser'>>,
): UserProvider<User>
export function sqlUsers(client: SqlClient, options: SqlUserOptions<UserLike>): UserProvider<UserLike> {
  const { table, columns = {}, toUser, normalizeUsername, ...rest } = options
  const { idType, ...unknown } = rest as { idType?: 'string' | 'number' }
  const { id: key = 'id', username: name = 'username', ...others } = columns
  const { hashedPassword: hash = 'hashed_password', token: tokenHash, ...named } = others
  const { displayName, scopes, sessionEpoch, disabled, ...misspelt } = named
  const optional = { displayName, scopes, sessionEpoch, disabled }
  refuseUnknown({ ...unknown, ...misspelt })
  checkClient('sqlUsers', client)
  if (typeof table !== 'string') misconfigured('`table` must be the name of the table that holds your users.')
  if (idType !== undefined && idType !== 'string' && idType !== 'number')
    misconfigured("`idType` must be 'string' or 'number'.")

  const place = quoted(table, client.dialect)
  const column = (called: string): string =>
    typeof called === 'string' && /^[A-Za-z_]\w{0,47}$/.test(called)
      ? quoted(called, client.dialect)
      : misconfigured('`columns` must be names of letters, digits and underscores.')
  for (const called of Object.values(optional)) if (called !== undefined) column(called)
  const [first, second, third] = client.dialect === 'postgres' ? ['$1', '$2', '$3'] : ['?', '?', '?']
  // Qualified by the table: SQLite would treat an unknown quoted name as a string, equal in every row.
  const is = (called: string, value: string | undefined): string => `${place}.${column(called)} = ${value}`
  const upgrade = `UPDATE ${place} SET ${column(hash)} = ${first} WHERE ${is(key, second)} AND ${is(hash, third)}`

  const read = { id: key, hashedPassword: hash, ...optional, others: [columns.username, tokenHash] }
  const { valueIn, userIn } = rowReader(table, read, idType)
  const ownUserIn = (row: Row): UserLike | null => {
    const found = userIn(row)
    const user = toUser ? (toUser(row, found as SqlUser) ?? null) : found
    if (user && user.id !== found.id)
      throw brokenTable('`toUser` must keep the id: the user could not be found by another one.')
    return user
  }

  const by = (called: string) => {
    const statement = `SELECT * FROM ${place} WHERE ${is(called, first)}`
    return async (asked: string | number, isMeant: (value: unknown) => boolean): Promise<UserLike | null> => {
      const rows = await rowsOf(client, statement, asked)
      const meant = rows.filter((row) => isMeant(valueIn(row, called)))
      const [user, another] = meant.map(ownUserIn).filter((found) => found !== null)
      if (another)
        throw brokenTable(
          `\`${table}\` has several users with one \`${called}\`. Add a unique index; or, if users are deleted softly, name a view of the others as \`table\`.`,
        )
      return user ?? null
    }
  }
  const [byId, byName, byToken] = [by(key), by(name), tokenHash === undefined ? undefined : by(tokenHash)]

  return {
    async findById(id) {
      if (idIn(id, idType) !== id) return null
      // What cannot be an id passes here, so that the row is refused by name: another type than the column's, bytes, or a
      // number that has lost digits.
      return byId(id, (found) => {
        const own = idIn(found, idType)
        if (own !== null) return own === id
        return String(found) === id || typeof found === 'object' || !Number.isSafeInteger(Number(found))
      })
    },
    async findByUsername(typed) {
      const username = normalizeUsername ? normalizeUsername(typed) : typed
      if (!isText(username)) return null
      return byName(username, (found) => foldedName(textIn(found)) === foldedName(username))
    },
    ...(byToken && {
      async findByToken(token: string) {
        const hashed = hashApiToken(token)
        return byToken(hashed, (found) => textIn(found) === hashed)
      },
    }),
    async upgradeHash({ id }, { from, to }) {
      await client.run(upgrade, [to, id, from])
    },
  }
}

/**
 * Error codes for a value that the column cannot hold, so that no row has it: not a uuid, an integer out of
 * range, a character outside of its character set. Any client can send such a value, and it does not mean
 * that the database is broken.
 */
const UNHOLDABLE: readonly unknown[] = ['22P02', '22003', '22P05', 1267]

async function rowsOf(client: SqlClient, statement: string, asked: string | number): Promise<readonly Row[]> {
  try {
    return (await client.run(statement, [asked])).rows
  } catch (error) {
    const { code, errno } = error as { code?: unknown; errno?: unknown }
    if (UNHOLDABLE.includes(code) || UNHOLDABLE.includes(errno)) return []
    throw error
  }
}
