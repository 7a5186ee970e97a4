import { authenticate } from '../identity/authenticate.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import type { UserToken } from '../user/user-token.ts'
import { completeLogin } from './complete-login.ts'
import { login } from './login.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import { type LoginManagerOptions, type LoginSettings, loginSettings } from './login-settings.ts'
import { logout } from './logout.ts'
import { passwordChanged } from './password-changed.ts'

/**
 * Logs in and out over any `SessionStore`: the core, for a framework that has sessions of its own.
 *
 * @throws LatchkeyError `invalid_configuration` when an option is missing, unknown or wrong.
 */
export class LoginManager<User extends UserLike> {
  readonly #settings: LoginSettings<User>

  constructor(options: LoginManagerOptions<User>) {
    this.#settings = loginSettings(options)
  }

  /** Who this request is, by its session. Never throws for a bad session, only for a broken engine. */
  async authenticate(context: LoginContext<User>): Promise<UserToken<User>> {
    return authenticate(this.#settings, context)
  }

  /** Logs in by username and password. Any value may be handed in, straight from a form. */
  login(
    context: LoginContext<User>,
    username: unknown,
    password: unknown,
    options?: LoginOptions<User>,
  ): Promise<LoginOutcome<User>> {
    return login(this.#settings, context, username, password, options)
  }

  /** Logs in a user whom something else has proven: single sign-on, a passkey, a sign-up just now. */
  loginUser(
    context: LoginContext<User>,
    user: User,
    options: LoginOptions<User> = {},
  ): Promise<LoginOutcome<User>> {
    return completeLogin(this.#settings, context, user, { ...options, method: options.method ?? 'external' })
  }

  /** Ends this session, everything in it included. */
  async logout(context: LoginContext<User>): Promise<void> {
    return logout(this.#settings, context)
  }

  /** After a change of password: this session stays, all others of the user end. */
  passwordChanged(context: LoginContext<User>, user: User): Promise<void> {
    return passwordChanged(this.#settings, context, user)
  }
}
