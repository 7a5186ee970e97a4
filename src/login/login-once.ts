import type { AuthenticationFailure } from '../identity/authenticators/challenge.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import { rejectionOf } from './complete-login.ts'
import { prove, upgradeHash } from './login.ts'
import type { LoginSettings } from './login-settings.ts'

/**
 * A login for one request, without a session: HTTP Basic. Everything that a login by form has to pass is
 * checked here too. A second factor that is due refuses it; otherwise this would be the way around it.
 */
export async function loginOnce<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  username: string,
  password: string,
): Promise<{ readonly ok: true; readonly user: User } | AuthenticationFailure> {
  const proof = await prove(settings, context, username, password)
  if (!proof.ok) {
    return proof.code === 'throttled'
      ? {
          isAuthenticated: false,
          reason: proof.code,
          status: 429,
          retryAfterSeconds: proof.retryAfterSeconds,
        }
      : { isAuthenticated: false, reason: proof.code }
  }
  const { user } = proof
  if (await rejectionOf(settings, context, user, {}))
    return {
      isAuthenticated: false,
      reason: settings.hideRejectionReason ? 'invalid_credentials' : 'rejected',
    }
  await upgradeHash(settings, user, password)
  return { ok: true, user }
}
