import type { CallBackend } from '../base/backend.ts'
import { callBackend } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { checkMethods, checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import { Keyring, type Secret } from '../crypto/keys.ts'
import type { AuthenticatorEnvironment } from '../identity/authenticators/authenticator.ts'
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

/** What a login manager is built from. */
export interface LoginManagerOptions<User extends UserLike> {
  /** At least 32 bytes, or a list, newest first: the first signs, all verify. */
  readonly secret: Secret | undefined
  readonly users: UserProvider<User>
  readonly passwords: PasswordVerifier
  /** Asked at every login, in this order, after the password. Default none. */
  readonly guards?: readonly Guard<User>[]
  /** Whether this user has a second factor to pass. Default: nobody has. */
  readonly secondFactor?: (user: User) => MaybePromise<boolean>
  /** Limits on failed attempts, or `false` for none. Default: 10 an account, 100 an address, in 15 minutes. */
  readonly throttle?: ThrottleOptions | false
  /** Where attempts are counted. Default: in this process. */
  readonly limiter?: Limiter
  /** One spelling per account for the throttle. Default: trimmed, NFKC, lower case. */
  readonly normalizeUsername?: (username: string) => string
  /** The keys of a visitor's data that a login carries over. Default: all. */
  readonly keepVisitorData?: readonly string[]
  /** `true`: a refusal by a guard looks like a wrong password. Default false. */
  readonly hideRejectionReason?: boolean
  /** How long a login counts as fresh, seconds. Default 900 (15 minutes). */
  readonly freshSeconds?: number
  /** Told of logins, logouts and refusals. Not waited for. */
  readonly onEvent?: EventListener<User>
  /** Seconds after which a store, provider, limiter or guard that has not answered counts as broken. Default 2. */
  readonly timeLimitSeconds?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** The options, checked and with their defaults: what logging in and out works with. */
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

/** What `createAuth` has beyond the core: none of it comes along with `LoginManager`. */
export interface FurtherSettings<User extends UserLike>
  extends Partial<Pick<IdentitySettings<User>, 'ask' | 'authenticators' | 'realm' | 'impersonation'>> {
  readonly prove: AuthenticatorEnvironment<User>['prove']
  readonly session: AuthenticatorEnvironment<User>['session']
}

export function loginSettings<User extends UserLike>(
  options: LoginManagerOptions<User>,
  further?: FurtherSettings<User>,
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
  // Without either, an unknown user would be told by the time it takes.
  // In this order: a dummy may be drawn at random when it is read, which Workers forbid at start-up.
  if (!passwords.hash && passwords.dummyHash === undefined)
    misconfigured('`passwords` needs `hash` or `dummyHash`.')
  if (![guards, keepVisitorData ?? []].every(Array.isArray) || !guards.every(isFunction)) {
    misconfigured('`guards` is a list of functions, `keepVisitorData` a list of keys.')
  }
  if (typeof throttle !== 'object' && throttle !== false) misconfigured('`throttle` is an object or false.')
  // A timer that is set for longer than it can count fires at once.
  checkSeconds('timeLimitSeconds', timeLimitSeconds, 0.001, 2_147_483)
  checkSeconds('freshSeconds', freshSeconds)
  // Epoch milliseconds are whole; a clock of a test's may not be.
  const now = clock === Date.now ? clock : (): number => Math.floor(clock())
  const call: CallBackend = (engine, work) => callBackend(engine, timeLimitSeconds, work)
  const { prove, session, ...identity } = further ?? {}
  return {
    ask: authenticateSession,
    ...identity,
    // An app's own authenticator gets these five, and nothing that keys could be derived from.
    environment: prove && session ? Object.freeze({ users, now, call, session, prove }) : undefined,
    keyring,
    users,
    passwords,
    guards,
    secondFactor,
    throttle: throttle
      ? new Throttle(limiter ?? memoryLimiter({ now }), throttle, timeLimitSeconds)
      : undefined,
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
