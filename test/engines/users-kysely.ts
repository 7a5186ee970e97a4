import type { Kysely } from 'kysely'
import { hashApiToken, type UserProvider } from 'latchkey'

interface Database {
  users: { id: string; email: string; hashed_password: string | null; token_hash: string | null }
}

interface User {
  id: string
  email: string
  hashedPassword: string | null
}

export function kyselyUsers(db: Kysely<Database>): UserProvider<User> {
  const users = db.selectFrom('users').select(['id', 'email', 'hashed_password as hashedPassword'])
  return {
    findById: (id) => users.where('id', '=', id).executeTakeFirst(),
    findByUsername: (email) => users.where('email', '=', email).executeTakeFirst(),
    findByToken: (token) => users.where('token_hash', '=', hashApiToken(token)).executeTakeFirst(),
    async upgradeHash({ id }, { from, to }) {
      const changed = db.updateTable('users').set({ hashed_password: to })
      await changed.where('id', '=', id).where('hashed_password', '=', from).execute()
    },
  }
}
