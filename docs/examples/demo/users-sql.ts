import { randomUUID } from 'node:crypto'
import type { SqlClient, SqlResult, SqlValue } from 'latchkey/sql'
import { normalizeEmail, type User, type Users } from './users.ts'

/** What an index takes. In MySQL not `TEXT`; lower case may be twice as long as what was typed. */
const TEXT = { postgres: 'TEXT', mysql: 'VARCHAR(512)', sqlite: 'TEXT' }
/** Without a binary collation, MySQL takes `é` for `e`, and two people's addresses for one. */
const TABLE_OPTIONS = { postgres: '', mysql: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', sqlite: 'STRICT' }
/** How to leave a row as it is that is there already. */
const INSERT = {
  postgres: ['INSERT', 'ON CONFLICT (email) DO NOTHING'],
  mysql: ['INSERT IGNORE', ''],
  sqlite: ['INSERT', 'ON CONFLICT (email) DO NOTHING'],
} as const

/** Users in a table, which is made if it is missing. */
export async function sqlUsers(client: SqlClient, table: 'users' | 'demo_users'): Promise<Users> {
  const { dialect } = client
  const run = async (statement: string, ...values: SqlValue[]): Promise<SqlResult> => {
    let n = 0
    return client.run(dialect === 'postgres' ? statement.replaceAll('?', () => `$${++n}`) : statement, values)
  }
  const text = TEXT[dialect]
  const makeTable = () =>
    run(`CREATE TABLE IF NOT EXISTS ${table} (
    id ${text} NOT NULL PRIMARY KEY,
    email ${text} NOT NULL UNIQUE,
    display_name ${text} NOT NULL,
    hashed_password ${text} NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
  ) ${TABLE_OPTIONS[dialect]}`)
  // Of two processes that start at once PostgreSQL refuses one; by then the other has made it.
  await makeTable().catch(makeTable)

  const findBy = async (column: 'id' | 'email', value: string): Promise<User | null> => {
    const { rows } = await run(`SELECT * FROM ${table} WHERE ${column} = ?`, value)
    return rows[0] ? toUser(rows[0]) : null
  }

  // Only where the old hash is still the stored one: of two changes at once, one wins and the other is told.
  const replaceHash = async (id: string, { from, to }: { from: string; to: string }): Promise<boolean> => {
    const statement = `UPDATE ${table} SET hashed_password = ? WHERE id = ? AND hashed_password = ?`
    return (await run(statement, to, id, from)).affected === 1
  }

  return {
    findById: (id) => findBy('id', id),
    findByUsername: (email) => findBy('email', normalizeEmail(email)),
    async upgradeHash(user, change) {
      await replaceHash(user.id, change)
    },
    async changePassword(user, to) {
      const isChanged = await replaceHash(user.id, { from: user.hashedPassword, to })
      // Not read again: that could show the next change, which this session must not survive.
      return isChanged ? { ...user, hashedPassword: to } : null
    },
    async add({ email, displayName, hashedPassword, disabled = false }) {
      const user = { id: randomUUID(), email: normalizeEmail(email), displayName, hashedPassword, disabled }
      const [insert, unlessThere] = INSERT[dialect]
      const { affected } = await run(
        `${insert} INTO ${table} (id, email, display_name, hashed_password, disabled)
         VALUES (?, ?, ?, ?, ?) ${unlessThere}`,
        user.id,
        user.email,
        displayName,
        hashedPassword,
        disabled ? 1 : 0,
      )
      return affected === 1 ? user : null
    },
    async isEmpty() {
      return (await run(`SELECT 1 FROM ${table} LIMIT 1`)).rows.length === 0
    },
  }
}

function toUser(row: Readonly<Record<string, unknown>>): User {
  return {
    id: String(row.id),
    email: String(row.email),
    displayName: String(row.display_name),
    hashedPassword: String(row.hashed_password),
    disabled: Number(row.disabled) === 1,
  }
}
