import type { SessionStore } from '../session/session-store.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason, UserToken } from '../user/user-token.ts'
import type { AuthenticationFailure, Challenger } from './authenticators/challenge.ts'

/** One request, as the verbs see it. */
export interface LoginContext<User extends UserLike> {
  readonly request: Request
  readonly session: SessionStore
  /** The client's address, for the throttle and for events. */
  readonly address?: string | undefined
  /** Who this request is; written by `authenticate`, `login` and `logout`. */
  token?: UserToken<User>
  /** Which authenticator knew; written by `authenticate`. */
  decidedBy?: Challenger
  /** What it had against the credential, if anything. */
  failure?: AuthenticationFailure
  /** A credential other than the session was shown: the answer is for nobody else. */
  isShown?: boolean
  /** Why the session ended in this request. */
  endReason?: EndReason
  /** Why the session that the visitor's cookie names is none, where the session can tell. */
  readonly sessionReason?: EndReason | null
  /** When the session ends, where it can tell. */
  readonly sessionExpiresAt?: number | null
}
