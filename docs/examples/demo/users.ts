import { randomUUID } from 'node:crypto'
import { createClient, type Row } from '@libsql/client'
import type { UserProvider } from 'latchkey'

export interface User {
  readonly id: string
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  readonly disabled: boolean
}

export interface NewUser {
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  readonly disabled?: boolean
}

/** What the library asks of users, and the little that this app asks on top. */
export interface Users extends UserProvider<User> {
  /** `null`: the address is taken. */
  add(user: NewUser): Promise<User | null>
  /** `null`: the password was changed by somebody else since `user` was read. */
  changePassword(user: User, hashedPassword: string): Promise<User | null>
  isEmpty(): Promise<boolean>
}

/** Users in an SQLite file, which is made if it is missing. */
export async function openUsers(file: string): Promise<Users> {
  const db = createClient({ url: `file:${file}` })
  await db.execute(`CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    hashed_password TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
  ) STRICT`)

  const one = async (sql: string, args: Record<string, string | boolean>): Promise<User | null> => {
    const { rows } = await db.execute({ sql, args })
    return rows[0] ? toUser(rows[0]) : null
  }

  // Only where the old hash is still the stored one: of two changes at once, one wins and the other is told.
  const replaceHash = (id: string, { from, to }: { from: string; to: string }) =>
    one('UPDATE users SET hashed_password = :to WHERE id = :id AND hashed_password = :from RETURNING *', {
      id,
      from,
      to,
    })

  return {
    findById: (id) => one('SELECT * FROM users WHERE id = :id', { id }),
    findByUsername: (email) => one('SELECT * FROM users WHERE email = :email', { email: normalize(email) }),
    async upgradeHash(user, change) {
      await replaceHash(user.id, change)
    },
    changePassword: (user, to) => replaceHash(user.id, { from: user.hashedPassword, to }),
    add: ({ email, displayName, hashedPassword, disabled = false }) =>
      one(
        `INSERT INTO users (id, email, display_name, hashed_password, disabled)
         VALUES (:id, :email, :displayName, :hashedPassword, :disabled)
         ON CONFLICT (email) DO NOTHING RETURNING *`,
        { id: randomUUID(), email: normalize(email), displayName, hashedPassword, disabled },
      ),
    async isEmpty() {
      return (await db.execute('SELECT 1 FROM users LIMIT 1')).rows.length === 0
    },
  }
}

/** One spelling per account, for those who are stored and those who are looked for. */
const normalize = (email: string): string => email.trim().toLowerCase()

function toUser(row: Row): User {
  return {
    id: String(row.id),
    email: String(row.email),
    displayName: String(row.display_name),
    hashedPassword: String(row.hashed_password),
    disabled: row.disabled === 1,
  }
}
