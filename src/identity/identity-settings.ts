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

/** Asks who a request is. The answer is not remembered yet. */
export type Ask<User extends UserLike> = (
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
) => MaybePromise<AuthenticatorResult<User>>

/** The options, checked, that finding out who a request is works with. */
export interface IdentitySettings<User extends UserLike> {
  readonly users: UserProvider<User>
  readonly call: CallBackend
  readonly timeLimitSeconds: number
  readonly sessionHash: SessionHash
  /** Epoch milliseconds. */
  now(): number
  emit(context: Pick<LoginContext<User>, 'address' | 'token'>, event: EventDetail<User>): void
  readonly ask: Ask<User>
  /** Those that `ask` asks, for the challenges of a 401. */
  readonly authenticators?: readonly Authenticator<User>[]
  /** What authenticators get. */
  readonly environment?: AuthenticatorEnvironment<User> | undefined
  readonly realm?: string
  readonly impersonation?: Impersonation<User> | undefined
}

/** What came of trying to act as somebody: one refusal for whatever the cause, so that nothing can be learnt from it. */
export type ImpersonationOutcome<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  | { readonly ok: false; readonly code: 'impersonation_refused' }

/** The `impersonation` option of `createAuth`. */
export interface Impersonation<User extends UserLike> {
  /** Acts as another user from now on, in this session; with `once`, for this request alone. */
  enter(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    target: unknown,
    once: boolean,
  ): Promise<ImpersonationOutcome<User>>
  /** Acts as himself again: always possible, with no right to it and no provider to ask. */
  exit(settings: IdentitySettings<User>, context: LoginContext<User>): Promise<UserToken<User>>
  /** Says that a login is about to end it, if there is anything to end. */
  tellEnd(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    reason: ImpersonationEnd,
  ): Promise<boolean>
  /** Who a request is of whose session this is the user: he himself, or whom he acts as. */
  resume(
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    actor: AuthenticatedToken<User>,
  ): MaybePromise<AuthenticatedToken<User>>
}
