import type { CallBackend } from '../base/backend.ts'
import { callBackend } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { checkMethods, checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import { Keyring, type Secret } from '../crypto/keys.ts'
import { authenticateSession } from '../identity/authenticators/session.ts'
import type { IdentitySettings } from '../identity/identity-settings.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import { SessionHash } from '../session/session-hash.ts'
import type { Limiter } from '../stores/limiter.ts'
import { memoryLimiter } from '../stores/memory-limiter.ts'
import { type AuthEvent, type EventListener, tell } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { Guard } from './login-outcome.ts'
import { Throttle, type ThrottleOptions } from './throttle.ts'

/** Options of `LoginManager`; `createAuth` takes them too. */
export interface LoginManagerOptions<User extends UserLike> {
  /**
   * At least 32 bytes, or a list, newest first: the first signs, all verify. `openssl rand -base64 32` makes
   * one.
   */
  readonly secret: Secret | undefined
  /** Finds users. */
  readonly users: UserProvider<User>
  /**
   * Verifies passwords, such as `argon2id()` from `latchkey/password`. Needs `hash` or `dummyHash`, so that
   * an unknown user takes as long as a wrong password.
   */
  readonly passwords: PasswordVerifier
  /** Called at every login, in this order, after the password was verified. Default none. */
  readonly guards?: readonly Guard<User>[]
  /** Whether this user has a second factor to pass. Default: no user has. */
  readonly secondFactor?: (user: User) => MaybePromise<boolean>
  /**
   * Limits on failed attempts, or `false` for none. Default: 10 per account and 100 per address, in 15
   * minutes.
   */
  readonly throttle?: ThrottleOptions | false
  /** Where attempts are counted. Default: in this process. */
  readonly limiter?: Limiter
  /** Gives each account one spelling for the throttle. Default: NFKC, trimmed, lower case. */
  readonly normalizeUsername?: (username: string) => string
  /** The keys of an anonymous session's data that a login keeps. Default: all. */
  readonly keepVisitorData?: readonly string[]
  /** `true`: a rejected login looks like a wrong password. Default false. */
  readonly hideRejectionReason?: boolean
  /** How long a login counts as fresh, in seconds. Default 900 (15 minutes). */
  readonly freshSeconds?: number
  /** Called with logins, logouts, rejections and other events. Not awaited. Default none. */
  readonly onEvent?: EventListener<User>
  /**
   * After how many seconds a store, provider, limiter or guard that has not answered counts as failed.
   * Default 2.
   */
  readonly timeLimitSeconds?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** The checked options with their defaults, which login and logout work with. */
export interface LoginSettings<User extends UserLike> extends IdentitySettings<User> {
  readonly keyring: Keyring
  readonly passwords: PasswordVerifier
  readonly guards: readonly Guard<User>[]
  readonly secondFactor: ((user: User) => MaybePromise<boolean>) | undefined
  readonly throttle: Throttle | undefined
  readonly normalizeUsername: (username: string) => string
  readonly keepVisitorData: readonly string[] | undefined
  readonly hideRejectionReason: boolean
  readonly freshSeconds: number
}

export function loginSettings<User extends UserLike>(
  options: LoginManagerOptions<User>,
): LoginSettings<User> {
  const {
    secret,
    users,
    passwords,
    guards = [],
    secondFactor,
    throttle = {},
    limiter,
    normalizeUsername = (username) => username.normalize('NFKC').trim().toLowerCase(),
    keepVisitorData,
    hideRejectionReason = false,
    freshSeconds = 900,
    onEvent,
    timeLimitSeconds = 2,
    now: clock = Date.now,
    ...unknown
  } = options
  refuseUnknown(unknown)
  const keyring = new Keyring(secret)
  checkMethods('users', users, ['findById', 'findByUsername'])
  checkMethods('passwords', passwords, ['verify'])
  // Without either, the response time would reveal an unknown user.
  // In this order: reading `dummyHash` may draw random bytes, which Workers forbid at start-up.
  if (!passwords.hash && passwords.dummyHash === undefined)
    misconfigured('`passwords` needs `hash` or `dummyHash`.')
  if (![guards, keepVisitorData ?? []].every(Array.isArray) || !guards.every(isFunction)) {
    misconfigured('`guards` must be a list of functions, `keepVisitorData` a list of keys.')
  }
  if (typeof throttle !== 'object' && throttle !== false)
    misconfigured('`throttle` must be an object or false.')
  // A timer that is set for longer than it can count fires at once.
  checkSeconds('timeLimitSeconds', timeLimitSeconds, 0.001, 2_147_483)
  checkSeconds('freshSeconds', freshSeconds)
  // Epoch milliseconds are whole; a test's clock may not be.
  const now = clock === Date.now ? clock : (): number => Math.floor(clock())
  const call: CallBackend = (backend, work) => callBackend(backend, timeLimitSeconds, work)
  return {
    ask: authenticateSession,
    keyring,
    users,
    passwords,
    guards,
    secondFactor,
    throttle: throttle ? new Throttle(limiter ?? memoryLimiter({ now }), throttle, call) : undefined,
    normalizeUsername,
    keepVisitorData,
    hideRejectionReason,
    freshSeconds,
    timeLimitSeconds,
    sessionHash: new SessionHash(keyring),
    now,
    call,
    emit({ address, token }, detail) {
      if (!onEvent) return
      const actor = token?.originalUserId ?? undefined
      tell(onEvent, { at: now(), address, actor, ...detail } as AuthEvent<User>)
    },
  }
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
