import type { CallBackend } from '../base/backend.ts'
import { isUsable, type UserLike } from './user.ts'
import type { UserProvider } from './user-provider.ts'

/** Where users are looked up. */
export interface UserLookUp<User extends UserLike> {
  readonly users: UserProvider<User>
  readonly call: CallBackend
}

/**
 * Finds a user by an id straight from a form, where a number arrives as a string. A user whose id is that
 * string comes first.
 */
export async function findUser<User extends UserLike>(
  lookUp: UserLookUp<User>,
  id: unknown,
): Promise<User | null> {
  const user = await exactUser(lookUp, id)
  if (user || typeof id !== 'string' || !/^(0|[1-9]\d{0,15})$/.test(id)) return user
  return exactUser(lookUp, Number(id))
}

/** Finds the user with exactly this id, including its type. Returns `null` for a value that is not an id. */
export async function exactUser<User extends UserLike>(
  { users, call }: UserLookUp<User>,
  id: unknown,
): Promise<User | null> {
  if (
    (typeof id !== 'string' || id === '' || id.length > 1024 || id.includes('\0')) &&
    typeof id !== 'number'
  )
    return null
  const user = await call('user provider', () => users.findById(id))
  return user && user.id === id && isUsable(user) ? user : null
}
