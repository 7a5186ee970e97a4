import { hashApiToken, type UserLike, type UserProvider } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { quoted, type SqlClient } from './sql-client.ts'
import { foldedName, idIn, isText, type Row, userIn } from './user-row.ts'

export interface SqlUserOptions<User extends UserLike> {
  /** The table or view, with its schema if need be. */
  readonly table: string
  /** What the table calls them. */
  readonly columns?: SqlUserColumns
  /**
   * What an id is. Default `string`. A value of the other type finds nobody and never reaches the database: MySQL
   * would take `42abc` for 42. `number` also fits a 64-bit integer, which some clients give as text.
   */
  readonly idType?: 'string' | 'number'
  /**
   * Makes a user of your own type. `user` is what is made without it: id and password hash and, where the table has
   * these columns, `display_name`, `scopes` (an array, or JSON text of one), `session_epoch` and `disabled`.
   */
  readonly toUser?: (row: Row, user: UserLike) => User
  /** Turns what was typed into what the table has, such as lower case. Default: it is looked up as it was typed. */
  readonly normalizeUsername?: (username: string) => string
}

export interface SqlUserColumns {
  /** Default `id`. */
  readonly id?: string
  /** Default `username`. It needs a unique index. */
  readonly username?: string
  /** Default `hashed_password`. */
  readonly hashedPassword?: string
  /** Holds `hashApiToken(token)`: the token itself never reaches the database. Default: there are no tokens. */
  readonly token?: string
}

/**
 * Users in a table that you have, in PostgreSQL, MySQL/MariaDB or SQLite. Each call is one statement.
 *
 * Engines compare loosely: to MySQL `é` is `e`. A row is believed only if its id or token hash is exactly what was asked
 * for, and its username differs by case and blanks at most. Otherwise every accent would be one more name for the same
 * account, each with a throttle of its own. If several rows are left, the column lacks a unique index; that throws,
 * since to pick one would be a guess, and `null` would look like a wrong password to everybody.
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
    misconfigured('sqlUsers() takes what pg(), mysql2(), libsql() and the like make of a client.')
  if (typeof table !== 'string') misconfigured('`table` is the name of the table that your users are in.')
  if (idType !== 'string' && idType !== 'number') misconfigured("`idType` is 'string' or 'number'.")

  const place = quoted(table, client.dialect)
  const column = (called: string): string =>
    typeof called === 'string' && /^[A-Za-z_]\w{0,47}$/.test(called)
      ? quoted(called, client.dialect)
      : misconfigured('`columns` are names of letters, digits and underscores.')
  const [first, second, third] = client.dialect === 'postgres' ? ['$1', '$2', '$3'] : ['?', '?', '?']
  // With the table before it: SQLite takes a quoted name that it does not find for a text, alike in every row.
  const is = (called: string, value: string | undefined): string => `${place}.${column(called)} = ${value}`
  const upgrade = `UPDATE ${place} SET ${column(hash)} = ${first} WHERE ${is(key, second)} AND ${is(hash, third)}`

  const valueIn = (row: Row, called: string): unknown => {
    if (called in row) return row[called]
    throw new Error(
      `A row of \`${table}\` has no \`${called}\`: see \`columns\`, or does the client rename it?`,
    )
  }

  const by = (called: string) => {
    const statement = `SELECT * FROM ${place} WHERE ${is(called, first)}`
    return async (asked: string | number, isMeant: (value: unknown) => boolean): Promise<UserLike | null> => {
      const rows = await rowsOf(client, statement, asked)
      const [row, another] = rows.filter((found) => isMeant(valueIn(found, called)))
      if (!row) return null
      if (another) throw new Error(`\`${table}\` has several rows for one user: it lacks a unique index.`)
      const id = idIn(valueIn(row, key), idType)
      if (id === null)
        throw new Error(`\`${table}\` has an id that is no ${idType}. Which \`idType\` has it?`)
      const found = userIn(row, id, valueIn(row, hash))
      const user = toUser ? toUser(row, found) : found
      if (user.id !== id) throw new Error('`toUser` changes the id: nobody would be found by it.')
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
 * What engines throw for a value that the column cannot hold, so that no row has it: no uuid, too large an integer, a
 * character outside of its character set. Anybody can type such a thing, and nothing is broken by it.
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
