import type { Backend } from '../../base/backend.ts'
import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { UserLike } from '../../user/user.ts'
import type { UserProvider } from '../../user/user-provider.ts'
import type { AuthenticatedToken } from '../../user/user-token.ts'
import type { LoginContext } from '../login-context.ts'
import type { AuthenticationFailure, Challenger } from './challenge.ts'

/**
 * Any app's user: what an authenticator that looks at nothing but `UserLike` is for, until an app says more.
 */
// biome-ignore lint/suspicious/noExplicitAny: it takes and gives users of every type
export type AnyUser = any

/**
 * - `null` no credential of my kind: the next one is asked
 * - a token: this is who it is
 * - a failure: a credential of my kind, and bad: nobody else is asked
 */
export type AuthenticatorResult<User extends UserLike> =
  | null
  | AuthenticatedToken<User>
  | AuthenticationFailure

/**
 * Reads a credential of its own kind from a request and says who it is. Ours are `sessionAuthenticator`,
 * `basicAuthenticator`, `bearerAuthenticator`, `tokenAuthenticator` and `apiKeyAuthenticator`; one of your own is an
 * object with `authenticate`, whose success is made by `authenticatedToken`. Throws for a broken engine only.
 */
export interface Authenticator<User extends UserLike> extends Challenger {
  authenticate(
    context: LoginContext<User>,
    environment: AuthenticatorEnvironment<User>,
  ): MaybePromise<AuthenticatorResult<User>>
  /** A method of the user provider that it cannot do without. */
  readonly needs?: 'findByToken'
}

/** What an authenticator works with. */
export interface AuthenticatorEnvironment<User extends UserLike> {
  readonly users: UserProvider<User>
  /** Epoch milliseconds. */
  now(): number
  /** Calls what may break, with a time limit. */
  call<T>(engine: Backend, call: () => MaybePromise<T>): MaybePromise<T>
  /** Who the session of this request says it is. */
  session(context: LoginContext<User>): MaybePromise<AuthenticatorResult<User>>
  /**
   * The user whose password this is, for this one request: throttled, guarded and as slow for an unknown user as a
   * login by the form is. Who has a second factor to pass is refused.
   */
  prove(
    context: LoginContext<User>,
    username: string,
    password: string,
  ): Promise<{ readonly ok: true; readonly user: User } | AuthenticationFailure>
}
