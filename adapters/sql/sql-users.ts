import { hashApiToken, type UserLike, type UserProvider } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { quoted, type SqlClient } from './sql-client.ts'
import { foldedName, idIn, isText, type Row, userIn } from './user-row.ts'

/** The options of `sqlUsers`. */
export interface SqlUserOptions<User extends UserLike> {
  /** The table or view, optionally with a schema: `app.users`. */
  readonly table: string
  /** The names of its columns. Default: those of `SqlUserColumns`. */
  readonly columns?: SqlUserColumns
  /**
   * The type of an id. Default `string`. A value of the other type finds no user and never reaches the
   * database: MySQL would treat `42abc` as 42. Use `number` for a 64-bit integer too, which some clients
   * return as text.
   */
  readonly idType?: 'string' | 'number'
  /**
   * Makes a user of your own type from the row. `user` is what is made without it: id, password hash and, if
   * the table has these columns, `display_name`, `scopes` (an array, or an array as JSON text),
   * `session_epoch` and `disabled`. Must keep the id. Default: `user` as it is.
   */
  readonly toUser?: (row: Row, user: UserLike) => User
  /**
   * Converts a username as typed to the table's spelling, such as lower case. Default: looks it up as typed.
   */
  readonly normalizeUsername?: (username: string) => string
}

/** The column names of `sqlUsers`. */
export interface SqlUserColumns {
  /** The user's id. Default `id`. */
  readonly id?: string
  /** The name to log in with. It needs a unique index. Default `username`. */
  readonly username?: string
  /** The hash of the password, or NULL. Default `hashed_password`. */
  readonly hashedPassword?: string
  /**
   * The hash of an API token, `hashApiToken(token)`: the token itself never reaches the database. Default: no
   * tokens.
   */
  readonly token?: string
}

/**
 * A user provider over an existing table in PostgreSQL, MySQL/MariaDB or SQLite. Each call is one statement.
 *
 * Databases compare loosely: to MySQL, `é` equals `e`. A row is accepted only if its id or token hash is
 * exactly what was asked for, or if its username differs at most by case and surrounding blanks. Otherwise
 * every accent would give the same account another name. If several rows remain,
 * the column lacks a unique index, and the call throws: picking one would be a guess, and `null` would look
 * like a wrong password to every user.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown or malformed
 * option.
 */
export function sqlUsers(
  client: SqlClient,
  options: SqlUserOptions<UserLike> & { readonly toUser?: never },
): UserProvider<UserLike>
export function sqlUsers<User extends UserLike>(
  client: SqlClient,
  options: SqlUserOptions<User> & Required<Pick<SqlUserOptions<User>, 'toUser'>>,
): UserProvider<User>
export function sqlUsers(client: SqlClient, options: SqlUserOptions<UserLike>): UserProvider<UserLike> {
  const { table, columns = {}, idType = 'string', toUser, normalizeUsername, ...unknown } = options
  const { id: key = 'id', username: name = 'username', ...others } = columns
  const { hashedPassword: hash = 'hashed_password', token: tokenHash, ...misspelt } = others
  refuseUnknown({ ...unknown, ...misspelt })
  if (typeof client?.run !== 'function' || !['postgres', 'mysql', 'sqlite'].includes(client.dialect))
    misconfigured('sqlUsers() takes a client that pg(), mysql2(), libsql() or the like has wrapped.')
  if (typeof table !== 'string') misconfigured('`table` must be the name of the table that holds your users.')
  if (idType !== 'string' && idType !== 'number') misconfigured("`idType` must be 'string' or 'number'.")

  const place = quoted(table, client.dialect)
  const column = (called: string): string =>
    typeof called === 'string' && /^[A-Za-z_]\w{0,47}$/.test(called)
      ? quoted(called, client.dialect)
      : misconfigured('`columns` must be names of letters, digits and underscores.')
  const [first, second, third] = client.dialect === 'postgres' ? ['$1', '$2', '$3'] : ['?', '?', '?']
  // Qualified by the table: SQLite would treat an unknown quoted name as a string, equal in every row.
  const is = (called: string, value: string | undefined): string => `${place}.${column(called)} = ${value}`
  const upgrade = `UPDATE ${place} SET ${column(hash)} = ${first} WHERE ${is(key, second)} AND ${is(hash, third)}`

  const valueIn = (row: Row, called: string): unknown => {
    if (called in row) return row[called]
    throw new Error(
      `A row of \`${table}\` has no column \`${called}\`. Check \`columns\`, and that the client does not rename columns.`,
    )
  }

  const by = (called: string) => {
    const statement = `SELECT * FROM ${place} WHERE ${is(called, first)}`
    return async (asked: string | number, isMeant: (value: unknown) => boolean): Promise<UserLike | null> => {
      const rows = await rowsOf(client, statement, asked)
      const [row, another] = rows.filter((found) => isMeant(valueIn(found, called)))
      if (!row) return null
      if (another)
        throw new Error(`\`${table}\` has several rows for one user: \`${called}\` lacks a unique index.`)
      const id = idIn(valueIn(row, key), idType)
      if (id === null) throw new Error(`\`${table}\` has an id that is not a ${idType}. Set \`idType\`.`)
      const found = userIn(row, id, valueIn(row, hash))
      const user = toUser ? toUser(row, found) : found
      if (user.id !== id)
        throw new Error('`toUser` must keep the id: the user could not be found by another one.')
      return user
    }
  }
  const [byId, byName, byToken] = [by(key), by(name), tokenHash === undefined ? undefined : by(tokenHash)]

  return {
    async findById(id) {
      return idIn(id, idType) === id ? byId(id, (found) => idIn(found, idType) === id) : null
    },
    async findByUsername(typed) {
      const username = normalizeUsername ? normalizeUsername(typed) : typed
      if (!isText(username)) return null
      return byName(username, (found) => foldedName(found) === foldedName(username))
    },
    ...(byToken && {
      async findByToken(token: string) {
        const hashed = hashApiToken(token)
        return byToken(hashed, (found) => found === hashed)
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
