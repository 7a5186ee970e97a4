import { hashApiToken, type UserProvider } from 'latchkey'
import type { PrismaClient, User } from './generated/client.ts'

export function prismaUsers({ user }: PrismaClient): UserProvider<User> {
  return {
    // Prisma throws for an id of another type, where there is merely nobody.
    findById: (id) => (typeof id === 'string' ? user.findUnique({ where: { id } }) : null),
    findByUsername: (email) => user.findUnique({ where: { email } }),
    findByToken: (token) => user.findUnique({ where: { tokenHash: hashApiToken(token) } }),
    async upgradeHash({ id }, { from, to }) {
      await user.updateMany({ where: { id, hashedPassword: from }, data: { hashedPassword: to } })
    },
  }
}
