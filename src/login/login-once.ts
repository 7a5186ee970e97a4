import type { AuthenticationFailure } from '../identity/authenticators/challenge.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import { rejectionOf } from './complete-login.ts'
import type { PasswordLogin } from './login.ts'
import { prove } from './prove-password.ts'
import { upgradeHash } from './upgrade-hash.ts'

/**
 * A login for one request, without a session: HTTP Basic. Everything that a login by form has to pass is
 * checked here too. A second factor that is due refuses it; otherwise this would be the way around it.
 */
export async function loginOnce<User extends UserLike>(
  { proof, tail }: PasswordLogin<User>,
  context: LoginContext<User>,
  username: string,
  password: string,
): Promise<{ readonly ok: true; readonly user: User } | AuthenticationFailure> {
  const proven = await prove(proof, context, username, password)
  if (!proven.ok) {
    return proven.code === 'throttled'
      ? {
          isAuthenticated: false,
          reason: proven.code,
          status: 429,
          retryAfterSeconds: proven.retryAfterSeconds,
        }
      : { isAuthenticated: false, reason: proven.code }
  }
  const { user } = proven
  if (await rejectionOf(tail, context, user, {}))
    return {
      isAuthenticated: false,
      reason: tail.hideRejectionReason ? 'invalid_credentials' : 'rejected',
    }
  await upgradeHash(proof, context, proven, password)
  return { ok: true, user }
}
