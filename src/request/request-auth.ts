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

/** Login and logout for one request: the `auth` that handlers get. */
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

  /** The request that this belongs to. */
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

  /**
   * Returns the request's identity. It is determined once: later calls return the same.
   *
   * @throws LatchkeyError `backend_failed`. A bad session or credential does not throw: the request is
   * anonymous.
   */
  authenticate(): MaybePromise<UserToken<User>> {
    return authenticate(this.#settings, this.#context)
  }

  /**
   * The request's identity, once `authenticate()` (or `requireUser`) has determined it.
   *
   * @throws LatchkeyError `misuse` before that. Otherwise a forgotten call would make every request
   * anonymous.
   */
  get token(): UserToken<User> {
    if (this.#context.token) return this.#context.token
    throw new LatchkeyError(
      'misuse',
      '`auth.token` was read before `auth.authenticate()`. Call `await auth.authenticate()` first.',
    )
  }

  /**
   * The user, or `null` for an anonymous request. Never `null` after `requireUser` let the request pass.
   *
   * @throws LatchkeyError `misuse` before `authenticate()`.
   */
  get user(): User | null {
    return this.token.user
  }

  /** Authenticates with these authenticators only. Does not change `token`. */
  async authenticateBy(...authenticators: readonly Authenticator<User>[]): Promise<UserToken<User>> {
    return (await authenticateBy(this.#settings, this.#context, authenticators)).token
  }

  /**
   * Returns `null` if the request may pass, otherwise the response:
   * `const denied = await auth.requireUser(); if (denied) return denied`
   *
   * @param wanted The requested page, if a framework knows it better than the request.
   */
  requireUser(
    options?: RequireUserOptions,
    wanted?: Pick<URL, 'pathname' | 'search'>,
  ): MaybePromise<Response | null> {
    return requireUser(this.#settings, this.#context, options, wanted)
  }

  /** Like `requireUser`, for users who have all of these scopes; otherwise 403 `insufficient_scope`. */
  requireScopes(...scopes: readonly string[]): MaybePromise<Response | null> {
    return this.requireUser({ scopes })
  }

  /** Like `requireUser`, for users who are not impersonating; otherwise 403 `impersonating`. */
  requireNotImpersonating(): MaybePromise<Response | null> {
    return this.requireUser({ notImpersonating: true })
  }

  /** For adapters, before the handler: the response if `protect` refuses this path, otherwise `null`. */
  protect(routed?: RoutedPath): MaybePromise<Response | null> {
    return this.#protect?.(this.#settings, this.#context, routed) ?? null
  }

  /**
   * Impersonates the user with this id from now on. Takes any value, straight from a form: by POST, never by
   * a link. The session's own user stays available as `token.originalToken`. There is one failure for every
   * cause.
   *
   * @throws LatchkeyError `misuse` without the option `impersonation`.
   */
  impersonate(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#settings, this.#context, userId, false)
  }

  /** The same for this request only, also if it was authenticated by a token. Nothing is stored. */
  impersonateOnce(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#settings, this.#context, userId, true)
  }

  /** Ends the impersonation. Always possible. Returns the request's identity from now on. */
  exitImpersonation(): Promise<UserToken<User>> {
    return this.#impersonation.exit(this.#settings, this.#context)
  }

  get #impersonation(): Impersonation<User> {
    const { impersonation } = this.#settings
    if (impersonation) return impersonation
    throw new LatchkeyError('misuse', 'Impersonation needs createAuth({ impersonation: impersonation() }).')
  }

  /** Logs in by username and password. Takes any values, straight from a form. */
  async login(
    username: unknown,
    password: unknown,
    options?: LoginOptions<User>,
  ): Promise<LoginOutcome<User>> {
    return this.#entered(
      await login(this.#settings, this.#context, username, password, this.#guarded(options)),
    )
  }

  /** Logs in a user who was proven in another way: single sign-on, a passkey, or a sign-up just now. */
  async loginUser(user: User, options?: LoginOptions<User>): Promise<LoginOutcome<User>> {
    const { method = 'external', ...rest } = this.#guarded(options)
    return this.#entered(await completeLogin(this.#settings, this.#context, user, { ...rest, method }))
  }

  /**
   * Ends this session and removes everything in it. A stored session is dead when this resolves. If the store
   * is down it throws `backend_failed`; the cookie is cleared all the same.
   */
  logout(): Promise<void> {
    return logout(this.#settings, this.#context)
  }

  /**
   * Asks this session's user for their password again, before an irreversible action. If it is right, the
   * login is fresh again. Throttled like a login. An anonymous request gets `invalid_credentials`.
   */
  async reauthenticate(password: unknown): Promise<ReauthenticateOutcome> {
    const token = await this.authenticate()
    if (!token.isAuthenticated) return { ok: false, code: 'invalid_credentials' }
    return reauthenticate(this.#settings, this.#context, token, password)
  }

  /**
   * Whether the user proved their identity within `freshSeconds`.
   *
   * @throws LatchkeyError `misuse` before `authenticate()`.
   */
  get isFresh(): boolean {
    return this.token.isAuthenticated && isFresh(this.#settings, this.token)
  }

  /**
   * Call it after a password change, with the user as they are now. This session stays; the user's others
   * end.
   *
   * @throws LatchkeyError `misuse` if this session does not belong to that user.
   */
  async passwordChanged(user: User): Promise<void> {
    await passwordChanged(this.#settings, this.#context, user)
    this.#settings.emit(this.#context, { type: 'password_changed', user })
  }

  /** Where this user is logged in, and how to end that. `undefined` if sessions cannot be listed. */
  get devices(): Devices {
    return this.#kind.devices?.(this.#visit()) as Devices
  }

  /**
   * Returns `target` if it is a page of this app, otherwise `fallback` (default `/`). See
   * {@link safeRedirectPath}.
   */
  safeRedirectPath(target: unknown, fallback?: string): string {
    return safeRedirectPath(target, this.#origin ?? this.request.url, fallback)
  }

  /**
   * For adapters: saves the session and returns what the response must say about it. Changes that were
   * discarded by a call with `failed` stay discarded.
   */
  commit(options: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    const commit = this.#context.session.commit(options)
    return this.#context.isShown ? andThen(commit, (known) => ({ ...known, isPrivate: true })) : commit
  }

  /** This request, as a session kind sees it. */
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

  /** Adds the check of the session kind, after all guards. */
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

/** A class rather than an object with getters, because one is made per request. */
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
