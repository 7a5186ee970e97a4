import type { MaybePromise } from '../base/maybe-promise.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthenticatedToken, LoginMethod } from '../user/user-token.ts'

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
