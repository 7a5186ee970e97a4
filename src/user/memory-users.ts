import type { UserLike } from './user.ts'
import type { UserProvider } from './user-provider.ts'

/** One user of {@link memoryUsers}, with what they are found by. */
export interface MemoryUser<User extends UserLike> {
  /** The user, as the provider returns it. */
  readonly user: User
  /** The name that `findByUsername` finds them by, exactly as written. */
  readonly username: string
  /** The tokens that {@link UserProvider.findByToken} finds them by. Default none. */
  readonly tokens?: readonly string[]
}

/**
 * A user provider in memory, for tests and examples. Ids, usernames and tokens are three separate maps, so
 * that a username is never mistaken for a token, or `42` for `'42'`.
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
