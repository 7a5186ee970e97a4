import type { CallBackend } from '../base/backend.ts'
import { isUsable, type UserLike } from './user.ts'
import type { UserProvider } from './user-provider.ts'

/** Where users are looked up. */
export interface UserLookUp<User extends UserLike> {
  readonly users: UserProvider<User>
  readonly call: CallBackend
}

/** By an id straight from a form, where a number is spelt like a text. A text of that spelling comes first. */
export async function findUser<User extends UserLike>(
  lookUp: UserLookUp<User>,
  id: unknown,
): Promise<User | null> {
  const user = await exactUser(lookUp, id)
  if (user || typeof id !== 'string' || !/^(0|[1-9]\d{0,15})$/.test(id)) return user
  return exactUser(lookUp, Number(id))
}

/** Whom the provider has under exactly this id, type and all; `null` for what is no id. */
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
