import type { MaybePromise } from '../base/maybe-promise.ts'
import type { UserLike } from '../user/user.ts'
import type {
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
} from './authenticators/authenticator.ts'
import type { LoginContext } from './login-context.ts'

/** How the identity of a request is found out. */
export interface Identity<User extends UserLike> {
  /** Asks the session, or the configured authenticators in order. The result is not kept. */
  ask(context: LoginContext<User>): MaybePromise<AuthenticatorResult<User>>
  /** The authenticators that `ask` uses, for the challenges of a 401. */
  readonly authenticators: readonly Authenticator<User>[]
  /** What authenticators can use. `LoginManager` has none, since it asks the session alone. */
  readonly environment?: AuthenticatorEnvironment<User>
  /** The realm in challenges. */
  readonly realm: string
}
