import type { Backend } from '../../base/backend.ts'
import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { UserLike } from '../../user/user.ts'
import type { UserProvider } from '../../user/user-provider.ts'
import type { AuthenticatedToken } from '../../user/user-token.ts'
import type { LoginContext } from '../login-context.ts'
import type { AuthenticationFailure, Challenger } from './challenge.ts'

/** Any app's user type, for authenticators that only look at `UserLike`. */
// biome-ignore lint/suspicious/noExplicitAny: it takes and gives users of every type
export type AnyUser = any

/**
 * What an authenticator found in a request.
 *
 * - `null` no credential of its kind: the next authenticator is asked
 * - a token: the identity of the request
 * - a failure: a bad credential of its kind; no other authenticator is asked
 */
export type AuthenticatorResult<User extends UserLike> =
  | null
  | AuthenticatedToken<User>
  | AuthenticationFailure

/**
 * Reads one kind of credential from a request and identifies the user. Ours are `sessionAuthenticator`,
 * `basicAuthenticator`, `bearerAuthenticator`, `tokenAuthenticator` and `apiKeyAuthenticator`. Your own is an
 * object with `authenticate`, which makes its token with `authenticatedToken`.
 */
export interface Authenticator<User extends UserLike> extends Challenger {
  /**
   * Returns a token, a failure, or `null` if the request has no credential of this kind. It throws only when
   * a backend fails.
   */
  authenticate(
    context: LoginContext<User>,
    environment: AuthenticatorEnvironment<User>,
  ): MaybePromise<AuthenticatorResult<User>>
  /**
   * What it looks at in a request, so that two Requests that a framework made of one can be told apart. Default: every
   * header but the cookies.
   */
  credentialOf?(request: Request): string | null
  /**
   * Whether the request shows a credential of this kind that no browser adds by itself, and that no page of another site can
   * send without being allowed to (Fetch, CORS preflight): a token or a key in a header. Such a request is not refused for
   * its origin, as long as it carries neither a cookie of ours nor HTTP Basic. Default: never.
   */
  hasExplicitCredential?(request: Request): boolean
  /** A method of the user provider that this authenticator cannot work without. */
  readonly needs?: 'findByToken'
}

/** What an authenticator can use. */
export interface AuthenticatorEnvironment<User extends UserLike> {
  /** The configured user provider. */
  readonly users: UserProvider<User>
  /** The current time, epoch milliseconds. */
  now(): number
  /** Calls a backend with the configured time limit. Throws `backend_failed` if it fails. */
  call<T>(backend: Backend, call: () => MaybePromise<T>): MaybePromise<T>
  /** The identity that this request's session gives, or `null`. */
  session(context: LoginContext<User>): MaybePromise<AuthenticatorResult<User>>
  /**
   * Checks a username and a password for this one request. Throttled, guarded and as slow for an unknown user
   * as a login by form. Refuses users who have a second factor to pass.
   */
  prove(
    context: LoginContext<User>,
    username: string,
    password: string,
  ): Promise<{ readonly ok: true; readonly user: User } | AuthenticationFailure>
}
