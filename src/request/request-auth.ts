import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import { safeRedirectPath } from '../http/safe-redirect.ts'
import { authenticate, authenticateBy } from '../identity/authenticate.ts'
import type { Authenticator } from '../identity/authenticators/authenticator.ts'
import type { AuthenticationFailure } from '../identity/authenticators/challenge.ts'
import type { Impersonation, ImpersonationOutcome } from '../identity/identity-settings.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { PathProtection, RoutedPath } from '../identity/protect-paths.ts'
import { type RequireUserOptions, requireUser } from '../identity/require-user.ts'
import { completeLogin } from '../login/complete-login.ts'
import { login } from '../login/login.ts'
import type { Guard, LoginOptions, LoginOutcome } from '../login/login-outcome.ts'
import type { LoginSettings } from '../login/login-settings.ts'
import { logout } from '../login/logout.ts'
import { passwordChanged } from '../login/password-changed.ts'
import { isFresh, type ReauthenticateOutcome, reauthenticate } from '../login/reauthenticate.ts'
import type { SessionPatch } from '../session/record.ts'
import type { RequestSession } from '../session/request-session.ts'
import { Session } from '../session/session.ts'
import type { SessionKind, Visit } from '../session/session-kind.ts'
import type { UserLike } from '../user/user.ts'
import { anonymousToken, type EndReason, type UserToken } from '../user/user-token.ts'

/** Login and logout for one request: what handlers get as `auth`. */
export class RequestAuth<User extends UserLike, Devices = unknown> {
  readonly #settings: LoginSettings<User>
  readonly #context: RequestContext<User>
  readonly #kind: SessionKind<Devices>
  readonly #origin: string | undefined
  readonly #protect: PathProtection<User> | undefined
  #session: Session | undefined

  constructor(
    settings: LoginSettings<User>,
    context: RequestContext<User>,
    kind: SessionKind<Devices>,
    origin: string | undefined,
    protect: PathProtection<User> | undefined,
  ) {
    this.#settings = settings
    this.#context = context
    this.#kind = kind
    this.#origin = origin
    this.#protect = protect
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

  /** Who this request is by these alone, by hand. Leaves `token` as it is. */
  async authenticateBy(...authenticators: readonly Authenticator<User>[]): Promise<UserToken<User>> {
    return (await authenticateBy(this.#settings, this.#context, authenticators)).token
  }

  /**
   * `null` for who may pass, otherwise the answer: `const refused = await auth.requireUser(); if (refused) return refused`.
   * `wanted` is the page that was asked for, where a framework knows it better than the request.
   */
  requireUser(
    options?: RequireUserOptions,
    wanted?: Pick<URL, 'pathname' | 'search'>,
  ): MaybePromise<Response | null> {
    return requireUser(this.#settings, this.#context, options, wanted)
  }

  /** A user who has all of these scopes; otherwise the answer, 403 `insufficient_scope` for one who has not. */
  requireScopes(...scopes: readonly string[]): MaybePromise<Response | null> {
    return this.requireUser({ scopes })
  }

  /** A user who is himself; otherwise the answer, 403 `impersonating` for one who acts as somebody else. */
  requireNotImpersonating(): MaybePromise<Response | null> {
    return this.requireUser({ notImpersonating: true })
  }

  /**
   * For adapters, before the handler: the answer to who may not ask for this path, if `protect` says so.
   */
  protect(routed?: RoutedPath): MaybePromise<Response | null> {
    return this.#protect?.(this.#settings, this.#context, routed) ?? null
  }

  /**
   * Acts as another user from now on, by his id, straight from a form: this session's user stays who is really there
   * (`token.originalToken`). By POST, never by a link. One refusal for whatever the cause.
   *
   * @throws LatchkeyError `misuse` without the option `impersonation`.
   */
  impersonate(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#settings, this.#context, userId, false)
  }

  /** The same for this request alone, also for who came by a token: nothing is kept. */
  impersonateOnce(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#settings, this.#context, userId, true)
  }

  /** Acts as himself again: always possible. The token of who is there now. */
  exitImpersonation(): Promise<UserToken<User>> {
    return this.#impersonation.exit(this.#settings, this.#context)
  }

  get #impersonation(): Impersonation<User> {
    const { impersonation } = this.#settings
    if (impersonation) return impersonation
    throw new LatchkeyError(
      'misuse',
      'Nobody acts as others here: createAuth({ impersonation: impersonation() }).',
    )
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
  async reauthenticate(password: unknown): Promise<ReauthenticateOutcome> {
    const token = await this.authenticate()
    if (!token.isAuthenticated) return { ok: false, code: 'invalid_credentials' }
    return reauthenticate(this.#settings, this.#context, token, password)
  }

  /** Whether the user proved who he is within `freshSeconds`. As for `token`, somebody must have asked. */
  get isFresh(): boolean {
    return this.token.isAuthenticated && isFresh(this.#settings, this.token)
  }

  /** After a change of password: call it with the user as he is now. This session stays, all others of his end. */
  async passwordChanged(user: User): Promise<void> {
    await passwordChanged(this.#settings, this.#context, user)
    this.#settings.emit(this.#context, { type: 'password_changed', user })
  }

  /** Where this user is logged in, and how to end that; `undefined` where sessions cannot be listed. */
  get devices(): Devices {
    return this.#kind.devices?.(this.#visit()) as Devices
  }

  /** `target` if it is a page of this app, otherwise `fallback`; see {@link safeRedirectPath}. */
  safeRedirectPath(target: unknown, fallback?: string): string {
    return safeRedirectPath(target, this.#origin ?? this.request.url, fallback)
  }

  /** For adapters: saves the session and says what the response must carry. Once `failed`, what was dropped stays so. */
  commit(options: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    const commit = this.#context.session.commit(options)
    return this.#context.isShown ? andThen(commit, (known) => ({ ...known, isPrivate: true })) : commit
  }

  /** The request, as the kind of session sees it. */
  #visit(): Visit {
    const { request, address, session } = this.#context
    return {
      request,
      address,
      session,
      userId: () => andThen(this.authenticate(), ({ userId }) => userId),
      actorId: () => andThen(this.authenticate(), ({ originalUserId, userId }) => originalUserId ?? userId),
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
    if (!this.#kind.rejection) return options
    const last: Guard<User> = (_, user) => this.#kind.rejection?.(this.#visit(), user)
    return { ...options, guards: [...(options.guards ?? []), last] }
  }

  #entered(outcome: LoginOutcome<User>): LoginOutcome<User> {
    const about = outcome.ok && this.#kind.about?.(this.#context)
    for (const key in about || {}) this.#context.session.set(key, (about as SessionPatch)[key])
    return outcome
  }
}

/** A class rather than a literal with getters: one is made per request. */
export class RequestContext<User extends UserLike> implements LoginContext<User> {
  readonly request: Request
  readonly session: RequestSession
  readonly address: string | undefined
  token?: UserToken<User>
  decidedBy?: Authenticator<User>
  failure?: AuthenticationFailure
  endReason?: EndReason
  isShown?: boolean

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
