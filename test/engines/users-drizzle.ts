import { and, eq, type SQL } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { hashApiToken, type UserProvider } from 'latchkey'

const users = pgTable('users', {
  id: text('id').primaryKey(),
  email: text('email').notNull().unique(),
  hashedPassword: text('hashed_password'),
  tokenHash: text('token_hash').unique(),
})

export function drizzleUsers(db: NodePgDatabase): UserProvider<typeof users.$inferSelect> {
  const find = async (condition: SQL) => (await db.select().from(users).where(condition))[0]
  return {
    findById: (id) => find(eq(users.id, id)),
    findByUsername: (email) => find(eq(users.email, email)),
    findByToken: (token) => find(eq(users.tokenHash, hashApiToken(token))),
    async upgradeHash({ id }, { from, to }) {
      const unchanged = and(eq(users.id, id), eq(users.hashedPassword, from))
      await db.update(users).set({ hashedPassword: to }).where(unchanged)
    },
  }
}
