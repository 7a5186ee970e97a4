import type { SessionStore } from '../session/session-store.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthenticatedToken, EndReason, UserToken } from '../user/user-token.ts'
import type { AuthenticationFailure, Challenger } from './authenticators/challenge.ts'

/**
 * One request, as the login functions see it. For `LoginManager`, pass `request` and `session`, and `address`
 * if you know it.
 */
export interface LoginContext<User extends UserLike> {
  /** The request. */
  readonly request: Request
  /** The session of this request. */
  readonly session: SessionStore
  /** The client's IP address, without a port, for the throttle and for events. Default: unknown. */
  readonly address?: string | undefined
  /** The request's identity. Written by `authenticate`, `login` and `logout`. */
  token?: UserToken<User> | undefined
  /** The identity, while it is being determined. Written by `authenticate`. */
  asking?: Promise<UserToken<User>> | undefined
  /** The authenticator that decided. Written by `authenticate`. */
  decidedBy?: Challenger
  /** Why that authenticator refused the credential, if it did. */
  failure?: AuthenticationFailure
  /** A credential other than the session was sent, so the response must not be shared. */
  isShown?: boolean
  /** The identity that an impersonation for this request alone has given it. */
  impersonationOnce?: AuthenticatedToken<User>
  /** Why the session ended during this request. */
  endReason?: EndReason
}
