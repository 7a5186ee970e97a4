import { IMPERSONATED_ID, IMPERSONATION_DATA, IMPERSONATION_ENDS, IMPERSONATOR_ID } from '../session/keys.ts'
import type { SessionStore } from '../session/session-store.ts'
import type { UserLike } from '../user/user.ts'

/**
 * Writes an impersonation into the session: the two users, and when it ends. The id is regenerated.
 *
 * @throws LatchkeyError `session_too_large` if the session could not be saved so. Nothing is changed then.
 */
export async function writeInto(
  session: SessionStore,
  targetId: UserLike['id'],
  actorId: UserLike['id'],
  endsAt: number,
): Promise<void> {
  const values = { [IMPERSONATED_ID]: targetId, [IMPERSONATOR_ID]: actorId, [IMPERSONATION_ENDS]: endsAt }
  await session.checkFits?.(values)
  await session.regenerateId()
  // What a request under way at the end of an earlier one may have left.
  await dropData(session)
  for (const [key, value] of Object.entries(values)) await session.set(key, value)
}

/** Removes the impersonation, and what the app has written meanwhile. The id is regenerated. */
export async function removeFrom(session: SessionStore): Promise<void> {
  await (session.leaveId ? session.leaveId() : session.regenerateId())
  for (const key of [IMPERSONATED_ID, IMPERSONATOR_ID, IMPERSONATION_ENDS]) await session.set(key, undefined)
  await dropData(session)
}

async function dropData(session: SessionStore): Promise<void> {
  const all = (await session.all?.()) ?? {}
  for (const key in all) if (key.startsWith(IMPERSONATION_DATA)) await session.set(key, undefined)
}
