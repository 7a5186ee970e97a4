import { LatchkeyError } from '../base/errors.ts'
import type { ActiveImpersonation } from '../identity/active-impersonation.ts'
import { authenticate } from '../identity/authenticate.ts'
import type { Identity } from '../identity/identity.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import { anonymousToken, type EndReason, type UserToken } from '../user/user-token.ts'

/** What a logout uses. */
export interface LogoutParts<User extends UserLike> {
  readonly identity: Identity<User>
  readonly impersonation?: ActiveImpersonation<User> | undefined
  readonly emit: Emit<User>
}

/**
 * Logs out: emits the event with the user, then ends the session. The request is anonymous before anything
 * that can fail, so that a failure half-way cannot leave it logged in.
 *
 * @param reason What a later request with the old cookie is told. Default `logged_out`.
 */
export async function logout<User extends UserLike>(
  parts: LogoutParts<User>,
  context: LoginContext<User>,
  reason?: EndReason,
): Promise<void> {
  const { user, originalToken } = await tokenOf(parts, context)
  context.token = anonymousToken()
  parts.emit(context, { type: 'logout', user: originalToken?.user ?? user })
  await context.session.clear(reason)
  await context.session.regenerateId()
}

/** Looks the user up for the event. If that fails, the logout goes ahead. */
async function tokenOf<User extends UserLike>(
  { identity, impersonation }: LogoutParts<User>,
  context: LoginContext<User>,
): Promise<UserToken<User>> {
  let token: UserToken<User> = anonymousToken()
  try {
    token = await authenticate(identity, context)
  } catch (error) {
    // A backend that has failed is not asked again.
    if (error instanceof LatchkeyError) return token
  }
  await impersonation?.tellEnd(context, 'logout').catch(() => {})
  return token
}
