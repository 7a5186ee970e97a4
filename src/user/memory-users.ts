import type { UserLike } from './user.ts'
import type { UserProvider } from './user-provider.ts'

/** One user of {@link memoryUsers}: how it is found, beside what it is. */
export interface MemoryUser<User extends UserLike> {
  readonly user: User
  readonly username: string
  /** Tokens that {@link UserProvider.findByToken} finds it by. */
  readonly tokens?: readonly string[]
}

/**
 * Users in memory, for tests and examples. Ids, usernames and tokens are three separate maps, so that a username is
 * never taken for a token, and `42` never for `'42'`.
 */
export function memoryUsers<User extends UserLike>(entries: Iterable<MemoryUser<User>>): UserProvider<User> {
  const byId = new Map<User['id'], User>()
  const byUsername = new Map<string, User>()
  const byToken = new Map<string, User>()
  for (const { user, username, tokens = [] } of entries) {
    byId.set(user.id, user)
    byUsername.set(username, user)
    for (const token of tokens) byToken.set(token, user)
  }
  return {
    findById: (id) => byId.get(id) ?? null,
    findByUsername: (username) => byUsername.get(username) ?? null,
    findByToken: (token) => byToken.get(token) ?? null,
  }
}
