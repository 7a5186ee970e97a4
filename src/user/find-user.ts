import { refuseUnusable, type UserLike } from './user.ts'
import type { UserProvider } from './user-provider.ts'

/** Where users are looked up. */
type Users<User extends UserLike> = Pick<UserProvider<User>, 'findById'>

/**
 * Finds a user by an id straight from a form, where a number arrives as a string. A user whose id is that
 * string comes first.
 */
export async function findUser<User extends UserLike>(users: Users<User>, id: unknown): Promise<User | null> {
  const user = await exactUser(users, id)
  if (user || typeof id !== 'string' || !/^(0|[1-9]\d{0,15})$/.test(id)) return user
  return exactUser(users, Number(id))
}

/** Finds the user with exactly this id, including its type. Returns `null` for a value that is not an id. */
export async function exactUser<User extends UserLike>(
  users: Users<User>,
  id: unknown,
): Promise<User | null> {
  if (
    (typeof id !== 'string' || id === '' || id.length > 1024 || id.includes('\0')) &&
    !Number.isSafeInteger(id)
  )
    return null
  const user = await users.findById(id as User['id'])
  if (user) refuseUnusable(user)
  return user && user.id === id ? user : null
}
