import type { DeniedResponder } from '../http/denied-response.ts'
import type { CookieOptions } from '../http/session-cookie.ts'
import type { Impersonation } from '../identity/active-impersonation.ts'
import type { Authenticator } from '../identity/authenticators/authenticator.ts'
import type { PathProtection } from '../identity/protect-paths.ts'
import type { LoginManagerOptions } from '../login/login-options.ts'
import type { LifetimeOptions } from '../session/lifetime.ts'
import type { RecordStore } from '../session/record-store.ts'
import type { SessionStrategy } from '../session/session-kind.ts'
import type { UserLike } from '../user/user.ts'
import type { SessionMigration } from './migrate-session.ts'

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
  /**
   * Further origins whose pages may send unsafe requests, each exact: scheme, host and port. Also those of apps and
   * extensions (`capacitor://localhost`, `tauri://localhost`, `chrome-extension://…`). Default none.
   */
  readonly trustedOrigins?: readonly string[]
  /** Authenticators, tried in this order. Default `[sessionAuthenticator()]`. */
  readonly authenticators?: readonly Authenticator<NoInfer<User>>[]
  /** The realm in challenges of HTTP Basic and tokens. Default `Protected access`. */
  readonly realm?: string
  /**
   * Requires a user by path: `protectPaths({ exclude: ['/login'] })`, or a list of rules, which are asked in order; the
   * first one that responds wins. Default: only where a handler asks.
   */
  readonly protect?: PathProtection | readonly PathProtection[]
  /**
   * Returns the response to each request that latchkey denies, in every adapter: 400, 401, 403, 429, 500, 503, and 409
   * for Inertia; not redirects. If it throws, or returns no response, the default response is sent. Its
   * `WWW-Authenticate`, `Retry-After` and the like are added where your response has the same status and lacks them.
   * Default: JSON, or a page for those who name HTML in `Accept`.
   */
  readonly deniedResponse?: DeniedResponder
  /** Lets permitted users impersonate others: `impersonation()`. Default: off. */
  readonly impersonation?: Impersonation<NoInfer<User>>
  /** Takes over the sessions of the library that the app used before: `migrateSession({ … })`. Default: none. */
  readonly migrate?: SessionMigration<NoInfer<User>>
  /**
   * Where the app notes what must happen only once in all processes, such as what the session of a previous library has
   * become. Default: the store of `storedSessions`, or the `revocation` of `sealedSessions`; without one, each process has
   * notes of its own.
   */
  readonly records?: RecordStore
  /** How many of your proxies append to `X-Forwarded-For`. Default 0: the header is ignored. */
  readonly trustProxy?: number
}
