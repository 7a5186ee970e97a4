import { flatCopy } from '../../base/flat-copy.ts'
import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { refuseUnusable, type UserLike } from '../../user/user.ts'
import { authenticatedToken } from '../../user/user-token.ts'
import type { AuthenticatorEnvironment, AuthenticatorResult } from './authenticator.ts'
import type { AuthenticationFailure } from './challenge.ts'

/** The token has no user, or could not be a token. */
export const INVALID_TOKEN: AuthenticationFailure = { isAuthenticated: false, reason: 'invalid_token' }

/** Finds the user of an API token. It does not say when they were last there, so it never counts as fresh. */
export function userOfToken<User extends UserLike>(
  { users, call }: AuthenticatorEnvironment<User>,
  token: string,
  method: string,
): MaybePromise<AuthenticatorResult<User>> {
  return andThen(
    call('user provider', () => users.findByToken?.(flatCopy(token)) ?? null),
    (user) => {
      if (user) refuseUnusable(user)
      return user && !user.disabled
        ? authenticatedToken({ user, state: 'fresh', method, authTime: 0, expiresAt: null })
        : INVALID_TOKEN
    },
  )
}
