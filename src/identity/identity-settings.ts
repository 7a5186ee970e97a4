import type { CallBackend } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { SessionHash } from '../session/session-hash.ts'
import type { EventDetail, ImpersonationEnd } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { AuthenticatedToken, UserToken } from '../user/user-token.ts'
import type {
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
} from './authenticators/authenticator.ts'
import type { LoginContext } from './login-context.ts'

/** Determines the identity of a request. The result is not stored yet. */
export type Ask<User extends UserLike> = (
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
) => MaybePromise<AuthenticatorResult<User>>

/** The checked options that authentication works with. */
export interface IdentitySettings<User extends UserLike> {
  readonly users: UserProvider<User>
  readonly call: CallBackend
  readonly timeLimitSeconds: number
  readonly sessionHash: SessionHash
  /** The current time, epoch milliseconds. */
  now(): number
  emit(context: Pick<LoginContext<User>, 'address' | 'token'>, event: EventDetail<User>): void
  readonly ask: Ask<User>
  /** The authenticators that `ask` uses, for the challenges of a 401. */
  readonly authenticators?: readonly Authenticator<User>[]
  /** What authenticators can use. */
  environment?: AuthenticatorEnvironment<User>
  readonly realm?: string
  readonly impersonation?: Impersonation<User> | undefined
}

/**
 * The result of an attempt to impersonate. There is one failure for every cause, so that nothing can be
 * learned from it.
 */
export type ImpersonationOutcome<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  | { readonly ok: false; readonly code: 'impersonation_refused' }

/**
 * The `impersonation` option of `createAuth`, as `impersonation()` returns it. Apps do not call it: they use
 * `auth.impersonate()` and `auth.exitImpersonation()`.
 */
export interface Impersonation<User extends UserLike> {
  /** Impersonates another user from now on in this session; with `once`, for this request only. */
  enter(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    target: unknown,
    once: boolean,
  ): Promise<ImpersonationOutcome<User>>
  /** Ends the impersonation. Always possible: it needs neither the permission nor a working user provider. */
  exit(settings: IdentitySettings<User>, context: LoginContext<User>): Promise<UserToken<User>>
  /** Emits the event that an impersonation is about to end. Returns whether there was one. */
  tellEnd(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    reason: ImpersonationEnd,
  ): Promise<boolean>
  /** The effective identity: the session's own user, or the user being impersonated. */
  resume(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    actor: AuthenticatedToken<User>,
  ): MaybePromise<AuthenticatedToken<User>>
}
