import { authenticate } from '../identity/authenticate.ts'
import { sessionIdentity } from '../identity/authenticators/session.ts'
import type { Identity } from '../identity/identity.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import type { UserToken } from '../user/user-token.ts'
import { completeLogin } from './complete-login.ts'
import { hashPassword } from './hash-password.ts'
import { login } from './login.ts'
import type { LoginManagerOptions } from './login-options.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import { type LoginParts, loginParts } from './login-parts.ts'
import { logout } from './logout.ts'
import { passwordChanged } from './password-changed.ts'

/**
 * Logs in and out over any `SessionStore`: the core, for a framework that has its own sessions. It makes no
 * sessions or cookies and does not check the origin of requests. For everything else use `createAuth`.
 *
 * @throws LatchkeyError `invalid_configuration` when an option is missing, unknown or wrong.
 */
export class LoginManager<User extends UserLike> {
  readonly #parts: LoginParts<User>
  readonly #identity: Identity<User>

  constructor(options: LoginManagerOptions<User>) {
    const parts = loginParts(options)
    const { users, tail } = parts
    const { sessionHash, emit } = tail
    this.#parts = parts
    this.#identity = {
      ask: sessionIdentity({ users, sessionHash, emit }),
      authenticators: [],
      realm: '',
    }
  }

  /**
   * Returns the request's identity, by its session. A bad session does not throw: the request is anonymous
   * then.
   *
   * @throws LatchkeyError `backend_failed`.
   */
  async authenticate(context: LoginContext<User>): Promise<UserToken<User>> {
    return authenticate(this.#identity, context)
  }

  /** Logs in by username and password. Takes any values, straight from a form. */
  login(
    context: LoginContext<User>,
    username: unknown,
    password: unknown,
    options?: LoginOptions<User>,
  ): Promise<LoginOutcome<User>> {
    return login(this.#parts, context, username, password, options)
  }

  /** Logs in a user who was proven in another way: single sign-on, a passkey, or a sign-up just now. */
  loginUser(
    context: LoginContext<User>,
    user: User,
    options: LoginOptions<User> = {},
  ): Promise<LoginOutcome<User>> {
    return completeLogin(this.#parts.tail, context, user, {
      ...options,
      method: options.method ?? 'external',
    })
  }

  /**
   * Hashes a password, for a sign-up or a new password, in turn with the password work of other networks.
   *
   * @throws LatchkeyError `password_refused` for a text that cannot be a password, `password_queue_full` if there is no
   * place in line, `misuse` if `passwords` makes no hashes.
   */
  hashPassword(context: Pick<LoginContext<User>, 'address'>, plain: string): Promise<string> {
    return hashPassword(this.#parts.proof.passwords, context, plain)
  }

  /** Forgets all failed attempts at this user's account: after a reset of the password, or for support. */
  async forgive(user: User): Promise<void> {
    await this.#parts.proof.throttle?.forgive(user)
  }

  /** Ends this session and removes everything in it. */
  async logout(context: LoginContext<User>): Promise<void> {
    return logout({ identity: this.#identity, emit: this.#parts.tail.emit }, context)
  }

  /**
   * Call it after a password change, with the user as they are now. This session stays; the user's others
   * end.
   *
   * @throws LatchkeyError `misuse` if this session does not belong to that user.
   */
  passwordChanged(context: LoginContext<User>, user: User): Promise<void> {
    return passwordChanged(this.#parts.tail.sessionHash, context.session, user)
  }
}
