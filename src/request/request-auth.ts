import { LatchkeyError, refuseImpersonating } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Deny } from '../http/denied-response.ts'
import { type Asked, isNavigation, type Page } from '../http/navigation.ts'
import { safeRedirectPath } from '../http/safe-redirect.ts'
import type { ActiveImpersonation, ImpersonationOutcome } from '../identity/active-impersonation.ts'
import { authenticate, authenticateBy } from '../identity/authenticate.ts'
import type { Authenticator } from '../identity/authenticators/authenticator.ts'
import type { Identity } from '../identity/identity.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { type RequireUserOptions, requireUser } from '../identity/require-user.ts'
import type { PasswordProof } from '../login/attempt.ts'
import { completeLogin, type LoginTail } from '../login/complete-login.ts'
import { hashPassword } from '../login/hash-password.ts'
import { login } from '../login/login.ts'
import type { LoginOptions, LoginOutcome } from '../login/login-outcome.ts'
import { logout } from '../login/logout.ts'
import { passwordChanged } from '../login/password-changed.ts'
import { isFresh, type ReauthenticateOutcome, reauthenticate } from '../login/reauthenticate.ts'
import type { DeviceIndex } from '../session/devices/device-index.ts'
import { IMPERSONATED_ID } from '../session/keys.ts'
import type { RequestSession } from '../session/request-session.ts'
import { Session } from '../session/session.ts'
import type { UserLike } from '../user/user.ts'
import { anonymousToken, type EndReason, type UserToken } from '../user/user-token.ts'

/** What the `auth` of a request is made of. It hands each function what that function uses. */
export interface RequestParts<User extends UserLike, Devices> {
  readonly identity: Identity<User>
  readonly proof: PasswordProof<User>
  readonly tail: LoginTail<User>
  /** Missing where sessions cannot be listed. */
  readonly devices: DeviceIndex<Devices> | undefined
  readonly freshSeconds: number
  readonly deny: Deny
  readonly origin: string | undefined
}

/** Login and logout for one request: the `auth` that handlers get. */
export class RequestAuth<User extends UserLike, Devices = unknown> {
  readonly #parts: RequestParts<User, Devices>
  readonly #context: LoginContext<User>
  readonly #inner: RequestSession
  readonly #asked: Asked
  /** The request that this belongs to. */
  readonly request: Request
  #session: Session | undefined

  constructor(
    parts: RequestParts<User, Devices>,
    context: LoginContext<User>,
    session: RequestSession,
    asked: Asked,
  ) {
    this.#parts = parts
    this.#context = context
    this.#inner = session
    this.#asked = asked
    this.request = asked.request
  }

  /**
   * The app's own data in the session. While impersonating it begins empty, and what is written is removed at the end,
   * when the data of the session's own user come back.
   */
  get session(): Session {
    if (this.#session) return this.#session
    const context = this.#context
    const ended = (): void => {
      context.token = anonymousToken()
    }
    const { impersonation } = this.#parts.tail
    this.#session = impersonation?.sessionOf(context, this.#inner, ended) ?? new Session(this.#inner, ended)
    return this.#session
  }

  /**
   * Returns the request's identity. It is determined once: later calls return the same.
   *
   * @throws LatchkeyError `backend_failed`. A bad session or credential does not throw: the request is
   * anonymous.
   */
  authenticate(): MaybePromise<UserToken<User>> {
    return authenticate(this.#parts.identity, this.#context)
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
    return (await authenticateBy(this.#parts.identity, this.#context, authenticators, this.request)).token
  }

  /**
   * Returns `null` if the request may pass, otherwise the response:
   * `const denied = await auth.requireUser(); if (denied) return denied`
   *
   * @param wanted The requested page, if a framework knows it better than the request.
   */
  requireUser(options?: RequireUserOptions, wanted?: Page): MaybePromise<Response | null> {
    return requireUser(this.#parts, this.#context, this.#asked, options, wanted)
  }

  /** Like `requireUser`, for users who have all of these scopes; otherwise 403 `insufficient_scope`. */
  requireScopes(...scopes: readonly string[]): MaybePromise<Response | null> {
    return this.requireUser({ scopes })
  }

  /** Like `requireUser`, for users who are not impersonating; otherwise 403 `impersonating`. */
  requireNotImpersonating(): MaybePromise<Response | null> {
    return this.requireUser({ notImpersonating: true })
  }

  /**
   * Whether a redirect to another page reaches the user: a link, a form, or a navigation by the framework's script. `fetch`,
   * images, event streams and programs would take the other page for the answer: tell them 401 or 403.
   */
  get isNavigation(): boolean {
    return isNavigation(this.#asked)
  }

  /**
   * Returns the response to a denied request, as latchkey denies its own: in the shape of the option `deniedResponse`, otherwise
   * JSON, or a page for those who name HTML.
   */
  deny(status: number, code: string, headers?: Readonly<Record<string, string>>): MaybePromise<Response> {
    return this.#parts.deny(this.request, status, code, headers)
  }

  /**
   * Impersonates the user with this id from now on. Takes any value, straight from a form: by POST, never by
   * a link. The session's own user stays available as `token.originalToken`. There is one failure for every
   * cause.
   *
   * @throws LatchkeyError `misuse` for GET and HEAD, and without the option `impersonation`; `session_too_large` if the
   * cookie of a sealed session would be too large. Nothing is changed then.
   */
  async impersonate(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#context, userId, false)
  }

  /** The same for this request only, also if it was authenticated by a token. Nothing is stored. */
  async impersonateOnce(userId: unknown): Promise<ImpersonationOutcome<User>> {
    return this.#impersonation.enter(this.#context, userId, true)
  }

  /**
   * Ends the impersonation. It needs no permission. Returns the request's identity from now on.
   *
   * @throws LatchkeyError `misuse` for GET and HEAD, and without the option `impersonation`.
   */
  async exitImpersonation(): Promise<UserToken<User>> {
    return this.#impersonation.exit(this.#context)
  }

  get #impersonation(): ActiveImpersonation<User> {
    const { impersonation } = this.#parts.tail
    if (impersonation) return impersonation
    throw new LatchkeyError('misuse', 'Impersonation needs createAuth({ impersonation: impersonation() }).')
  }

  /** Logs in by username and password. Takes any values, straight from a form. */
  login(username: unknown, password: unknown, options?: LoginOptions<User>): Promise<LoginOutcome<User>> {
    return login(this.#parts, this.#context, username, password, options)
  }

  /** Logs in a user who was proven in another way: single sign-on, a passkey, or a sign-up just now. */
  loginUser(user: User, options: LoginOptions<User> = {}): Promise<LoginOutcome<User>> {
    const { method = 'external' } = options
    return completeLogin(this.#parts.tail, this.#context, user, { ...options, method })
  }

  /**
   * Ends this session and removes everything in it. A stored session is dead when this resolves. If the store
   * is down it throws `backend_failed`; the cookie is cleared all the same.
   */
  logout(): Promise<void> {
    return this.#logout()
  }

  #logout(reason?: EndReason): Promise<void> {
    const { identity, tail } = this.#parts
    const { impersonation, emit } = tail
    return logout({ identity, impersonation, emit }, this.#context, reason)
  }

  /**
   * Asks this session's user for their password again, before an irreversible action. If it is right, the
   * login is fresh again. Throttled like a login. An anonymous request gets `invalid_credentials`.
   */
  async reauthenticate(password: unknown): Promise<ReauthenticateOutcome> {
    const token = await this.authenticate()
    if (!token.isAuthenticated) return { ok: false, code: 'invalid_credentials' }
    const { proof, tail } = this.#parts
    return reauthenticate({ proof, now: tail.now }, this.#context, token, password)
  }

  /**
   * Hashes a password, for a sign-up or a new password, in turn with the password work of other networks. Outside of a
   * request, in a script, call `passwords.hash` itself.
   *
   * @throws LatchkeyError `password_refused` (400) for a text that cannot be a password (see `isPasswordText`),
   * `password_queue_full` (503) if there is no place in line, `misuse` if `passwords` makes no hashes.
   */
  hashPassword(plain: string): Promise<string> {
    return hashPassword(this.#parts.proof.passwords, this.#context, plain)
  }

  /** Forgets all failed attempts at this user's account: after a reset of the password, or for support. */
  async forgive(user: User): Promise<void> {
    await this.#parts.proof.throttle?.forgive(user)
  }

  /**
   * This request does not extend the session, and what it changes is saved all the same. For what a page sends by itself,
   * such as polling, so that an open tab does not keep its user logged in. Prefetches never extend it. Call it before
   * `authenticate()`, whose token tells when the session ends.
   */
  skipRenewal(): void {
    this.#inner.skipRenewal()
  }

  /**
   * Whether the user proved their identity within `freshSeconds`.
   *
   * @throws LatchkeyError `misuse` before `authenticate()`.
   */
  get isFresh(): boolean {
    const { tail, freshSeconds } = this.#parts
    return this.token.isAuthenticated && isFresh(this.token, tail.now(), freshSeconds)
  }

  /**
   * Call it after a password change, with the user as they are now. This session stays; the user's others
   * end.
   *
   * @throws LatchkeyError `misuse` if this session does not belong to that user; `impersonating` while impersonating:
   * guard the route with `requireNotImpersonating()`, so that no password is changed before.
   */
  async passwordChanged(user: User): Promise<void> {
    const { sessionHash, emit, impersonation } = this.#parts.tail
    // Not by authenticating: the password of this session's user is another one by now.
    const isActing = impersonation && (await this.#inner.get(IMPERSONATED_ID)) !== undefined
    if (isActing || this.#context.token?.originalToken) refuseImpersonating('passwordChanged()')
    await passwordChanged(sessionHash, this.#inner, user)
    emit(this.#context, { type: 'password_changed', user })
  }

  /**
   * Where this user is logged in, and how to end that. `undefined` if sessions cannot be listed. While impersonating, every
   * method throws LatchkeyError `impersonating` (403).
   */
  get devices(): Devices {
    const { address } = this.#context
    return this.#parts.devices?.list({
      session: this.#inner,
      address,
      authenticate: () => this.authenticate(),
      revoke: () => this.#logout('revoked'),
    }) as Devices
  }

  /**
   * Returns `target` if it is a page of this app, otherwise `fallback` (default `/`). See
   * {@link safeRedirectPath}.
   */
  safeRedirectPath(target: unknown, fallback?: string): string {
    return safeRedirectPath(target, this.#parts.origin ?? this.request.url, fallback)
  }
}
