import { LatchkeyError } from '../base/errors.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { USER_HASH, USER_ID } from '../session/keys.ts'
import { isUsable, type UserLike } from '../user/user.ts'
import type { LoginSettings } from './login-settings.ts'

/**
 * Stamps this session anew after the user's password or epoch has changed, so that this device stays in and all
 * others end. Call it with the user as he is now. The id is regenerated, and a logout that came between wins.
 *
 * @throws LatchkeyError `misuse` when this session is not that user's.
 */
export async function passwordChanged<User extends UserLike>(
  settings: LoginSettings<User>,
  { session }: LoginContext<User>,
  user: User,
): Promise<void> {
  if (!isUsable(user) || (await session.get(USER_ID)) !== user.id) {
    throw new LatchkeyError('misuse', "refresh(): this session is not that user's.")
  }
  await session.regenerateId()
  await session.set(USER_HASH, await settings.sessionHash.of(user))
}
