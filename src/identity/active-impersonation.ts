import type { MaybePromise } from '../base/maybe-promise.ts'
import type { RequestSession } from '../session/request-session.ts'
import type { Session } from '../session/session.ts'
import type { Emit, ImpersonationEnd } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { AuthenticatedToken, UserToken } from '../user/user-token.ts'
import type { LoginContext } from './login-context.ts'

/**
 * The result of an attempt to impersonate. There is one failure for every cause, so that nothing can be
 * learned from it.
 */
export type ImpersonationOutcome<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  | { readonly ok: false; readonly code: 'impersonation_refused' }

/** What impersonation uses of the configuration. */
export interface ImpersonationParts<User extends UserLike> {
  /** Finds users, with a time limit on each call. */
  readonly users: Pick<UserProvider<User>, 'findById'>
  /** After how many seconds the guard counts as failed. */
  readonly timeLimitSeconds: number
  /** Tells the app's listener about an event. */
  readonly emit: Emit<User>
  /** The current time, epoch milliseconds. */
  now(): number
  /** Returns the request's identity. */
  authenticate(context: LoginContext<User>): MaybePromise<UserToken<User>>
}

/**
 * The `impersonation` option of `createAuth`, as `impersonation()` returns it. Apps do not call it: they use
 * `auth.impersonate()` and `auth.exitImpersonation()`.
 */
export type Impersonation<User extends UserLike> = (
  parts: ImpersonationParts<User>,
) => ActiveImpersonation<User>

/** Impersonation in one configuration. */
export interface ActiveImpersonation<User extends UserLike> {
  /** Impersonates another user from now on in this session; with `once`, for this request only. */
  enter(context: LoginContext<User>, target: unknown, once: boolean): Promise<ImpersonationOutcome<User>>
  /** Ends the impersonation. Always possible: it needs neither the permission nor a working user provider. */
  exit(context: LoginContext<User>): Promise<UserToken<User>>
  /** The app's session of a request, with data of its own while impersonating. `ended` is called when it is cleared. */
  sessionOf(context: LoginContext<User>, inner: RequestSession, ended: () => void): Session
  /** Emits the event that an impersonation is about to end. Returns whether there was one. */
  tellEnd(context: LoginContext<User>, reason: ImpersonationEnd): Promise<boolean>
  /** The effective identity: the session's own user, or the user being impersonated. */
  resume(context: LoginContext<User>, actor: AuthenticatedToken<User>): MaybePromise<AuthenticatedToken<User>>
}
