import { andThen } from '../base/maybe-promise.ts'
import { checkMethods, misconfigured } from '../base/options.ts'
import { checkTrustProxy, clientAddress } from '../http/client-address.ts'
import { type CrossOriginReason, checkCrossOrigin, checkOrigin, isSafe } from '../http/cross-origin.ts'
import { type CookieOptions, SessionCookie } from '../http/session-cookie.ts'
import { inTurn } from '../identity/authenticate.ts'
import type { Authenticator, AuthenticatorEnvironment } from '../identity/authenticators/authenticator.ts'
import { checkRealm } from '../identity/authenticators/authorization.ts'
import { authenticateSession, sessionAuthenticator } from '../identity/authenticators/session.ts'
import type { Impersonation } from '../identity/identity-settings.ts'
import type { PathProtection } from '../identity/protect-paths.ts'
import { loginOnce } from '../login/login-once.ts'
import { type LoginManagerOptions, type LoginSettings, loginSettings } from '../login/login-settings.ts'
import { Lifetime, type LifetimeOptions } from '../session/lifetime.ts'
import { RequestSession } from '../session/request-session.ts'
import { sealedSessions } from '../session/sealed/sealed.ts'
import type { SessionKind, SessionStrategy } from '../session/session-kind.ts'
import type { EventDetail } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import { RequestAuth, RequestContext } from './request-auth.ts'

/** The options of {@link createAuth}. */
export interface AuthOptions<User extends UserLike, Devices = unknown>
  extends LoginManagerOptions<User>,
    LifetimeOptions {
  /** Where sessions live. Default `sealedSessions()`: in an encrypted cookie. Or `storedSessions(store)`. */
  readonly sessions?: SessionStrategy<Devices>
  /** How the cookie looks. Default `__Host-session; Path=/; HttpOnly; Secure; SameSite=Lax`. */
  readonly cookie?: CookieOptions
  /**
   * The app's public origin, such as `https://app.example`. Give it in production: behind a proxy no framework knows
   * it. Default: that of the request's URL.
   */
  readonly origin?: string | undefined
  /** Further origins whose pages may send unsafe requests. Default none. */
  readonly trustedOrigins?: readonly string[]
  /** Authenticators, tried in this order. Default `[sessionAuthenticator()]`. */
  readonly authenticators?: readonly Authenticator<NoInfer<User>>[]
  /** The realm in challenges of HTTP Basic and tokens. Default `Protected access`. */
  readonly realm?: string
  /** Requires a user by path: `protectPaths({ exclude: ['/login'] })`. Default: only where a handler asks. */
  readonly protect?: PathProtection<NoInfer<User>>
  /** Lets permitted users impersonate others: `impersonation()`. Default: off. */
  readonly impersonation?: Impersonation<NoInfer<User>>
  /** How many of your proxies append to `X-Forwarded-For`. Default 0: the header is ignored. */
  readonly trustProxy?: number
}

/**
 * Checks the whole configuration and binds login and logout to it. Synchronous; keys are derived at first use.
 *
 * @throws LatchkeyError `invalid_configuration`, whose message names the option and the fix.
 */
export function createAuth<User extends UserLike>(
  options: AuthOptions<User> & { readonly sessions?: never },
): Auth<User, undefined>
export function createAuth<User extends UserLike, Devices>(
  options: AuthOptions<User, Devices> & { readonly sessions: SessionStrategy<Devices> },
): Auth<User, Devices>
export function createAuth<User extends UserLike>(options: AuthOptions<User>): Auth<User>
export function createAuth<User extends UserLike>(options: AuthOptions<User>): Auth<User> {
  return new Auth(options)
}

/** The configured auth. Adapters call `begin` once per request; apps mount it as `latchkey(auth)`. */
export class Auth<User extends UserLike, Devices = unknown> {
  readonly #settings: LoginSettings<User>
  readonly #cookie: SessionCookie
  readonly #kind: SessionKind<Devices>
  readonly #origin: string | undefined
  readonly #trustedOrigins: readonly string[]
  readonly #trustProxy: number
  readonly #protect: PathProtection<User> | undefined

  constructor(options: AuthOptions<User, Devices>) {
    const {
      sessions = sealedSessions() as SessionStrategy<Devices>,
      cookie = {},
      origin,
      trustedOrigins = [],
      trustProxy = 0,
      idleSeconds,
      absoluteSeconds,
      touchSeconds,
      authenticators = [sessionAuthenticator()],
      realm = 'Protected access',
      protect,
      impersonation,
      ...login
    } = options
    if (typeof sessions !== 'function')
      misconfigured('`sessions` must be sealedSessions() or storedSessions(store).')
    if (!Array.isArray(trustedOrigins)) misconfigured('`trustedOrigins` must be a list of origins.')
    if (!Array.isArray(authenticators) || authenticators.length === 0)
      misconfigured('`authenticators` must be a list, such as [sessionAuthenticator()].')
    if (protect !== undefined && typeof protect !== 'function')
      misconfigured('`protect` must be protectPaths({ … }).')
    if (impersonation !== undefined && !impersonation.enter)
      misconfigured('`impersonation` must be impersonation({ … }).')
    this.#protect = protect
    const core = loginSettings<User>(login)
    const { users, now, call, keyring, timeLimitSeconds, emit } = core
    this.#settings = {
      ...core,
      authenticators,
      ask: inTurn(authenticators),
      realm: checkRealm(realm),
      impersonation,
      // An app's own authenticator gets these five, and nothing that keys could be derived from.
      environment: Object.freeze<AuthenticatorEnvironment<User>>({
        users,
        now,
        call,
        session: (context) =>
          andThen(authenticateSession(this.#settings, context), (actor) =>
            actor && impersonation ? impersonation.resume(this.#settings, context, actor) : actor,
          ),
        prove: (context, username, password) => loginOnce(this.#settings, context, username, password),
      }),
    }
    for (const { needs } of authenticators as readonly Authenticator<User>[]) {
      if (needs) checkMethods('users', users, [needs])
    }
    this.#origin = origin === undefined ? undefined : checkOrigin('origin', origin)
    this.#trustedOrigins = trustedOrigins.map((trusted) => checkOrigin('trustedOrigins', trusted))
    this.#trustProxy = checkTrustProxy(trustProxy)
    this.#cookie = new SessionCookie(cookie, origin)
    const cookieName = this.#cookie.baseName
    const lifetime = new Lifetime({ idleSeconds, absoluteSeconds, touchSeconds })
    this.#kind = sessions({
      keyring,
      cookieName,
      lifetime,
      now,
      timeLimitSeconds,
      emit: (event, address) => emit({ address }, event as EventDetail<User>),
    })
  }

  /** The auth of one request. Reads nothing yet. `address` is the client's address from the socket. */
  begin(request: Request, address?: string): RequestAuth<User, Devices> {
    const cookie = this.#cookie.formFor(request)
    const { now, timeLimitSeconds } = this.#settings
    const session = new RequestSession(
      this.#kind,
      cookie,
      now,
      request.headers.get('cookie'),
      timeLimitSeconds,
    )
    const from = clientAddress(request, address, this.#trustProxy)
    const context = new RequestContext<User>(request, session, from)
    return new RequestAuth(this.#settings, context, this.#kind, this.#origin, this.#protect)
  }

  /** `null`, or why this request was sent by another site and must not change anything here. */
  checkCrossOrigin(request: Request): CrossOriginReason | null {
    // Most requests, and none that needs the origin: parsing a URL costs more than all else here.
    if (isSafe(request)) return null
    const origin = this.#origin ?? new URL(request.url).origin
    const reason = checkCrossOrigin(request, { origin, trustedOrigins: this.#trustedOrigins })
    if (reason) this.#settings.emit({}, { type: 'cross_origin_refused', reason })
    return reason
  }
}
