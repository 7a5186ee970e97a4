import { hashToken, LatchkeyError, type UserLike, type UserProvider } from 'latchkey'
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
  /** Holds `hashToken(token)`: the token itself never reaches the database. Default: there are no tokens. */
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
  for (const option in { ...unknown, ...misspelt }) refuse(`No option \`${option}\`. Is it misspelt?`)
  if (typeof client?.run !== 'function' || !['postgres', 'mysql', 'sqlite'].includes(client.dialect))
    refuse('sqlUsers() takes what pg(), mysql2(), libsql() and the like make of a client.')
  if (typeof table !== 'string') refuse('`table` is the name of the table that your users are in.')
  if (idType !== 'string' && idType !== 'number') refuse("`idType` is 'string' or 'number'.")

  const place = quoted(table, client.dialect)
  const column = (called: string): string =>
    typeof called === 'string' && /^[A-Za-z_]\w{0,47}$/.test(called)
      ? quoted(called, client.dialect)
      : refuse('`columns` are names of letters, digits and underscores.')
  const [first, second, third] = client.dialect === 'postgres' ? ['$1', '$2', '$3'] : ['?', '?', '?']
  // With the table before it: SQLite takes a quoted name that it does not find for a text, alike in every row.
  const is = (called: string, value: string | undefined): string => `${place}.${column(called)} = ${value}`
  const select = (called: string): string => `SELECT * FROM ${place} WHERE ${is(called, first)}`
  const [byId, byName, byToken] = [select(key), select(name), select(tokenHash ?? key)]
  const upgrade = `UPDATE ${place} SET ${column(hash)} = ${first} WHERE ${is(key, second)} AND ${is(hash, third)}`

  const valueIn = (row: Row, called: string): unknown => {
    if (called in row) return row[called]
    throw new Error(`A row of \`${table}\` has no \`${called}\`. Does the client rename columns?`)
  }

  const find = async (
    statement: string,
    asked: string | number,
    isMeant: (row: Row) => boolean,
  ): Promise<UserLike | null> => {
    const [row, another] = (await rowsOf(client, statement, asked)).filter(isMeant)
    if (!row) return null
    if (another) throw new Error(`\`${table}\` has several rows for one user: it lacks a unique index.`)
    const id = idIn(valueIn(row, key), idType)
    if (id === null) throw new Error(`\`${table}\` has an id that is no ${idType}. Which \`idType\` has it?`)
    const found = userIn(row, id, valueIn(row, hash))
    const user = toUser ? toUser(row, found) : found
    if (user.id !== id) throw new Error('`toUser` changes the id: nobody would be found by it.')
    return user
  }

  return {
    async findById(id) {
      if (idIn(id, idType) !== id) return null
      return find(byId, id, (row) => idIn(valueIn(row, key), idType) === id)
    },
    async findByUsername(typed) {
      const username = normalizeUsername ? normalizeUsername(typed) : typed
      if (!isText(username)) return null
      return find(byName, username, (row) => foldedName(valueIn(row, name)) === foldedName(username))
    },
    ...(tokenHash !== undefined && {
      async findByToken(token: string) {
        const hashed = hashToken(token)
        return find(byToken, hashed, (row) => valueIn(row, tokenHash) === hashed)
      },
    }),
    async upgradeHash({ id }, { from, to }) {
      await client.run(upgrade, [to, id, from])
    },
  }
}

/** PostgreSQL throws for what the column could not hold: a text that is no uuid, a number too large. No row has it. */
const UNHOLDABLE: readonly unknown[] = ['22P02', '22003']

async function rowsOf(client: SqlClient, statement: string, asked: string | number): Promise<readonly Row[]> {
  try {
    return (await client.run(statement, [asked])).rows
  } catch (error) {
    if (UNHOLDABLE.includes((error as { code?: unknown }).code)) return []
    throw error
  }
}

function refuse(message: string): never {
  throw new LatchkeyError('invalid_configuration', message)
}
