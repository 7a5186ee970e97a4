import type { LoginContext } from '../login-context.ts'
import type { LoginSettings } from '../login-settings.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthenticatedToken, EndReason } from '../user/user-token.ts'

/**
 * - `null` no credential of my kind: the next one is asked
 * - a token: this is who it is
 * - a failure: a credential of my kind, and bad: nobody else is asked
 */
export type AuthenticatorResult<User extends UserLike> =
  | null
  | AuthenticatedToken<User>
  | { readonly isAuthenticated: false; readonly reason: EndReason }

/** Reads a credential of its own kind from a request and says who it is. Throws for a broken engine only. */
export type Authenticator<User extends UserLike> = (
  settings: LoginSettings<User>,
  context: LoginContext<User>,
) => MaybePromise<AuthenticatorResult<User>>
