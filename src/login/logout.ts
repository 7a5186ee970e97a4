import { LatchkeyError } from '../base/errors.ts'
import { authenticate } from '../identity/authenticate.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import { anonymousToken, type UserToken } from '../user/user-token.ts'
import type { LoginSettings } from './login-settings.ts'

/**
 * Logs out: emits the event with the user, then ends the session. The request is anonymous before anything
 * that can fail, so that a failure half-way cannot leave it logged in.
 */
export async function logout<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
): Promise<void> {
  const { user, originalToken } = await tokenOf(settings, context)
  context.token = anonymousToken()
  settings.emit(context, { type: 'logout', user: originalToken?.user ?? user })
  await context.session.clear()
  await context.session.regenerateId()
}

/** Looks the user up for the event. If that fails, the logout goes ahead. */
async function tokenOf<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
): Promise<UserToken<User>> {
  let token: UserToken<User> = anonymousToken()
  try {
    token = await authenticate(settings, context)
  } catch (error) {
    // A backend that has failed is not asked again.
    if (error instanceof LatchkeyError) return token
  }
  await settings.impersonation?.tellEnd(settings, context, 'logout').catch(() => {})
  return token
}
