import type { Authenticator, AuthenticatorResult } from './authenticators/authenticator.ts'
import { authenticateSession } from './authenticators/session.ts'
import type { LoginContext } from './login-context.ts'
import type { LoginSettings } from './login-settings.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import type { UserLike } from './user/user.ts'
import { anonymousToken, type UserToken } from './user/user-token.ts'

/** Who this request is, found out once: a second call answers what the first found, or what a login made of it. */
export function authenticate<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
): MaybePromise<UserToken<User>> {
  if (context.token) return context.token
  const authenticator: Authenticator<User> = authenticateSession
  const result = authenticator(settings, context)
  return andThen(result, (known) => conclude(context, known))
}

function conclude<User extends UserLike>(
  context: LoginContext<User>,
  result: AuthenticatorResult<User>,
): UserToken<User> {
  // A login during the look-up knows better.
  context.token ??= result?.isAuthenticated
    ? result
    : anonymousToken(result?.reason ?? context.sessionReason ?? null)
  return context.token
}
