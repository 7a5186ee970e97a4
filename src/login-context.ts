import type { AuthenticationFailure, Authenticator } from './authenticators/authenticator.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { SessionStore } from './session/session-store.ts'
import type { UserLike } from './user/user.ts'
import type { AuthenticatedToken, EndReason, LoginMethod, UserToken } from './user/user-token.ts'

/** One request, as the verbs see it. */
export interface LoginContext<User extends UserLike> {
  readonly request: Request
  readonly session: SessionStore
  /** The client's address, for the throttle and for events. */
  readonly address?: string | undefined
  /** Who this request is; written by `authenticate`, `login` and `logout`. */
  token?: UserToken<User>
  /** Which authenticator knew; written by `authenticate`. */
  decidedBy?: Authenticator<User>
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

/**
 * An extra condition on a login, asked once the user has been proven: of age, on this plan, from this network.
 * Nothing (or `true`) lets the user pass; a string is the reason for refusing; `false` refuses as `rejected`.
 * What it throws aborts the login and reaches the caller.
 */
export type Guard<User extends UserLike> = (
  context: LoginContext<User>,
  user: User,
  // biome-ignore lint/suspicious/noConfusingVoidType: a guard that falls off its end lets the user pass
) => MaybePromise<boolean | string | undefined | null | void>

export interface LoginOptions<User extends UserLike> {
  /** How the user proved who he is. Default `password` for `login`, `external` for `loginUser`. */
  readonly method?: LoginMethod
  /** When the user proved who he is, epoch milliseconds. Default now. Longer ago than `freshSeconds` is not fresh. */
  readonly authTime?: number
  /** Asked after those of the configuration, in this order. */
  readonly guards?: readonly Guard<User>[]
  /** The user has passed the second factor already. */
  readonly secondFactorDone?: true
}

/** What a login attempt came to. `ok` first, then `code`: the compiler asks for each. */
export type LoginOutcome<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  /** Unknown user, user without a password, or wrong password: one and the same. */
  | { readonly ok: false; readonly code: 'invalid_credentials' }
  /** The user was proven, and a guard (or `disabled`) refused. */
  | { readonly ok: false; readonly code: 'rejected'; readonly reason: string }
  /** Too many attempts. Nothing was looked at. */
  | { readonly ok: false; readonly code: 'throttled'; readonly retryAfterSeconds: number }
  /** The user was proven and has a second factor to pass. No session is authenticated yet. */
  | { readonly ok: false; readonly code: 'second_factor_required'; readonly user: User }
