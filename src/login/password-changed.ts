import { LatchkeyError } from '../base/errors.ts'
import { USER_HASH, USER_ID } from '../session/keys.ts'
import type { SessionHash } from '../session/session-hash.ts'
import type { SessionStore } from '../session/session-store.ts'
import { refuseUnusable, type UserLike } from '../user/user.ts'

/**
 * Renews this session's hash after the user's password or epoch has changed, so that this device stays logged
 * in and all others end. Call it with the user as they are now. The id is regenerated, and a logout that came
 * in between wins.
 *
 * @throws LatchkeyError `misuse` if this session does not belong to that user; `backend_failed` for a user without a
 * usable id, hash or epoch.
 */
export async function passwordChanged<User extends UserLike>(
  sessionHash: SessionHash,
  session: SessionStore,
  user: User,
): Promise<void> {
  refuseUnusable(user)
  if ((await session.get(USER_ID)) !== user.id) {
    throw new LatchkeyError('misuse', 'This session does not belong to that user.')
  }
  await session.regenerateId()
  await session.set(USER_HASH, await sessionHash.of(user))
}
