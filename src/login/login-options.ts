import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Secret } from '../crypto/keys.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import type { Limiter } from '../stores/limiter.ts'
import type { EventListener } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { Guard } from './login-outcome.ts'
import type { ThrottleOptions } from './throttle.ts'

/** Options of `LoginManager`; `createAuth` takes them too. */
export interface LoginManagerOptions<User extends UserLike> {
  /**
   * At least 32 bytes, or a list, newest first: the first signs, all verify. `openssl rand -base64 32` makes
   * one.
   */
  readonly secret: Secret | undefined
  /**
   * Keeps apps or tenants apart that share a secret and a store: none accepts a session of another, and none counts
   * another's failed logins. A text of up to 128 characters. Default none.
   */
  readonly namespace?: string
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
   * Limits on failed attempts, or `false` for none. Default: 10 per account and network, 100 per account in all, 100
   * per network, in 15 minutes.
   */
  readonly throttle?: ThrottleOptions | false
  /**
   * Where failed attempts are counted. Default `memoryLimiter()`: in this process, up to 32 MiB. For several processes
   * `redisLimiter`, `sqlLimiter` or `durableObjectLimiter`.
   */
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
