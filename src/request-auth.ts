import { authenticate } from './authenticate.ts'
import { completeLogin } from './complete-login.ts'
import { LatchkeyError } from './errors.ts'
import { login } from './login.ts'
import type { Guard, LoginContext, LoginOptions, LoginOutcome } from './login-context.ts'
import type { LoginSettings } from './login-settings.ts'
import { logout } from './logout.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import { safeRedirect } from './redirect.ts'
import { refresh } from './refresh.ts'
import type { Patch } from './session/record.ts'
import type { RequestSession, SessionCommit } from './session/request-session.ts'
import { Session } from './session/session.ts'
import type { SessionKind, Visit } from './session/session-kind.ts'
import { type ConfirmOutcome, confirmPassword, isFresh } from './step-up.ts'
import type { UserLike } from './user/user.ts'
import { anonymousToken, type EndReason, type UserToken } from './user/user-token.ts'

/** Login and logout for one request: what handlers get as `auth`. */
export class RequestAuth<User extends UserLike, Devices = unknown> {
  readonly #settings: LoginSettings<User>
  readonly #context: RequestContext<User>
  readonly #kind: SessionKind<Devices>
  readonly #origin: string | undefined
  #session: Session | undefined

  constructor(
    settings: LoginSettings<User>,
    context: RequestContext<User>,
    kind: SessionKind<Devices>,
    origin: string | undefined,
  ) {
    this.#settings = settings
    this.#context = context
    this.#kind = kind
    this.#origin = origin
  }

  get request(): Request {
    return this.#context.request
  }

  /** The app's own data in the session. */
  get session(): Session {
    this.#session ??= new Session(this.#context.session, () => {
      this.#context.token = anonymousToken()
    })
    return this.#session
  }

  /** Who this request is. Asked once; later calls know. Throws for a broken engine only. */
  authenticate(): MaybePromise<UserToken<User>> {
    return authenticate(this.#settings, this.#context)
  }

  /**
   * Who this request is, once `authenticate()` (or `requireUser`) has found out.
   *
   * @throws LatchkeyError `misuse` before that: an answer that was not asked for would be "nobody".
   */
  get token(): UserToken<User> {
    if (this.#context.token) return this.#context.token
    throw new LatchkeyError(
      'misuse',
      'Nobody has asked yet who this request is. Call `await auth.authenticate()` first.',
    )
  }

  /** The user, or `null`; the user for sure after `requireUser`. As for `token`, somebody must have asked. */
  get user(): User | null {
    return this.token.user
  }

  /** Logs in by username and password; any values, straight from a form. */
  async login(
    username: unknown,
    password: unknown,
    options?: LoginOptions<User>,
  ): Promise<LoginOutcome<User>> {
    return this.#entered(
      await login(this.#settings, this.#context, username, password, this.#guarded(options)),
    )
  }

  /** Logs in a user whom something else has proven: single sign-on, a passkey, a sign-up just now. */
  async loginUser(user: User, options?: LoginOptions<User>): Promise<LoginOutcome<User>> {
    const { method = 'external', ...rest } = this.#guarded(options)
    return this.#entered(await completeLogin(this.#settings, this.#context, user, { ...rest, method }))
  }

  /** Ends this session, everything in it included; a stored one is dead when this resolves. */
  logout(): Promise<void> {
    return logout(this.#settings, this.#context)
  }

  /**
   * Asks the user of this session for the password again, before what cannot be undone. Right: the login is fresh
   * again. Throttled like a login. Nobody logged in: `invalid_credentials`.
   */
  async confirm(password: unknown): Promise<ConfirmOutcome> {
    const token = await this.authenticate()
    if (!token.isAuthenticated) return { ok: false, code: 'invalid_credentials' }
    return confirmPassword(this.#settings, this.#context, token, password)
  }

  /** Whether the user proved who he is within `freshSeconds`. As for `token`, somebody must have asked. */
  get isFresh(): boolean {
    return this.token.isAuthenticated && isFresh(this.#settings, this.token)
  }

  /** After a change of password: call it with the user as he is now. This session stays, all others of his end. */
  async refresh(user: User): Promise<void> {
    await refresh(this.#settings, this.#context, user)
    this.#settings.emit(this.#context, { type: 'password_changed', user })
  }

  /** Where this user is logged in, and how to end that; `undefined` where sessions cannot be listed. */
  get devices(): Devices {
    return this.#kind.devices?.(this.#visit()) as Devices
  }

  /** `target` if it is a page of this app, otherwise `fallback`; see {@link safeRedirect}. */
  safeRedirect(target: unknown, fallback?: string): string {
    return safeRedirect(target, this.#origin ?? this.request.url, fallback)
  }

  /** For adapters: saves the session and says what the response must carry. Once `failed`, what was dropped stays so. */
  commit(options: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    return this.#context.session.commit(options)
  }

  /** The request, as the kind of session sees it. */
  #visit(): Visit {
    const { request, address, session } = this.#context
    return {
      request,
      address,
      session,
      userId: () => andThen(this.authenticate(), ({ userId }) => userId),
      validity: async (userId) => {
        const { users, sessionHash, call } = this.#settings
        const user = await call('user provider', () => users.findById(userId))
        return async (hash) => !!user && (await sessionHash.check(user, hash)) !== 'different'
      },
      end: () => this.logout(),
    }
  }

  /** With what the kind of session has to say to a login, after all others. */
  #guarded(options: LoginOptions<User> = {}): LoginOptions<User> {
    if (!this.#kind.refusal) return options
    const last: Guard<User> = (_, user) => this.#kind.refusal?.(this.#visit(), user)
    return { ...options, guards: [...(options.guards ?? []), last] }
  }

  #entered(outcome: LoginOutcome<User>): LoginOutcome<User> {
    const about = outcome.ok && this.#kind.about?.(this.#context)
    for (const key in about || {}) this.#context.session.set(key, (about as Patch)[key])
    return outcome
  }
}

/** A class rather than a literal with getters: one is made per request. */
export class RequestContext<User extends UserLike> implements LoginContext<User> {
  readonly request: Request
  readonly session: RequestSession
  readonly address: string | undefined
  token?: UserToken<User>

  constructor(request: Request, session: RequestSession, address: string | undefined) {
    this.request = request
    this.session = session
    this.address = address
  }

  get sessionReason(): EndReason | null {
    return this.session.reason
  }

  get sessionExpiresAt(): number | null {
    return this.session.expiresAt
  }
}
