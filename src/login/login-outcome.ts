import type { MaybePromise } from '../base/maybe-promise.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { LoginLifetime } from '../session/own-lifetime.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthenticatedToken, LoginMethod } from '../user/user-token.ts'

/**
 * An extra condition on a login, checked once the user is proven: of age, on this plan, from this network.
 * Returning nothing (or `true`) accepts the login, a string rejects it for that reason, and `false` rejects
 * it as `rejected`. An error that it throws aborts the login and reaches the caller.
 */
export type Guard<User extends UserLike> = (
  context: LoginContext<User>,
  user: User,
  // biome-ignore lint/suspicious/noConfusingVoidType: a guard that falls off its end lets the user pass
) => MaybePromise<boolean | string | undefined | null | void>

/** Options of one login. */
export interface LoginOptions<User extends UserLike> {
  /** How the user proved their identity. Default `password` for `login`, `external` for `loginUser`. */
  readonly method?: LoginMethod
  /**
   * When the user proved their identity, epoch milliseconds. Default now. A login longer ago than
   * `freshSeconds` is not fresh.
   */
  readonly authTime?: number
  /**
   * `true`: the user stays logged in for `rememberSeconds` (30 days), also when the browser is closed. For "keep me logged
   * in". Default `false`: for `idleSeconds`, and until the browser is closed or for `cookie.maxAgeSeconds`.
   */
  readonly remember?: boolean
  /** Shortens the lifetime of this login's session. Default: as configured. */
  readonly lifetime?: LoginLifetime | undefined
  /** Called after the configured guards, in this order. Default none. */
  readonly guards?: readonly Guard<User>[]
  /** `true`: the user has already passed the second factor. Default: not yet. */
  readonly secondFactorDone?: true
}

/** The result of a login attempt. Check `ok` first, then `code`; the compiler asks for each. */
export type LoginOutcome<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  /** Unknown user, user without a password, or wrong password: they are not distinguished. */
  | { readonly ok: false; readonly code: 'invalid_credentials' }
  /** The user was proven, but a guard (or `disabled`) rejected the login. */
  | { readonly ok: false; readonly code: 'rejected'; readonly reason: string }
  /** Too many attempts, or too much password work at once. The password was not checked. */
  | { readonly ok: false; readonly code: 'throttled'; readonly retryAfterSeconds: number }
  /** The user was proven and has a second factor to pass. They are not logged in yet. */
  | { readonly ok: false; readonly code: 'second_factor_required'; readonly user: User }
