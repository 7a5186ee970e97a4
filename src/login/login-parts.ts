import { withTimeLimit } from '../base/backend.ts'
import { checkMethods, checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import { Keyring } from '../crypto/keys.ts'
import { foldUsername } from '../password/credential-text.ts'
import { SessionHash } from '../session/session-hash.ts'
import { memoryLimiter } from '../stores/memory-limiter.ts'
import { type Emit, emitter } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { LoginTail } from './complete-login.ts'
import type { PasswordLogin } from './login.ts'
import type { LoginManagerOptions } from './login-options.ts'
import { Throttle } from './throttle.ts'

/** What login and logout are made of. Only what assembles them sees all of it: a function is handed what it uses. */
export interface LoginParts<User extends UserLike> extends PasswordLogin<User> {
  readonly tail: LoginTail<User>
  readonly keyring: Keyring
  readonly namespace: string
  /** With a time limit on each call. */
  readonly users: Pick<UserProvider<User>, 'findById'>
  readonly freshSeconds: number
}

/** Checks the options, and builds the parts from them. */
export function loginParts<User extends UserLike>(options: LoginManagerOptions<User>): LoginParts<User> {
  const {
    secret,
    namespace = '',
    users,
    passwords,
    guards = [],
    secondFactor,
    throttle = {},
    limiter,
    normalizeUsername = foldUsername,
    keepVisitorData,
    hideRejectionReason = false,
    freshSeconds = 900,
    onEvent,
    timeLimitSeconds = 2,
    now: clock = Date.now,
    ...unknown
  } = options
  refuseUnknown(unknown)
  if (typeof namespace !== 'string' || !namespace.isWellFormed() || namespace.length > 128)
    misconfigured('`namespace` must be a text of up to 128 characters.')
  const keyring = new Keyring(secret, namespace)
  checkMethods('users', users, ['findById', 'findByUsername'])
  checkMethods('passwords', passwords, ['verify'])
  // Without either, the response time would reveal an unknown user.
  // In this order: reading `dummyHash` may draw random bytes, which Workers forbid at start-up.
  if (!passwords.hash && passwords.dummyHash === undefined)
    misconfigured('`passwords` needs `hash` or `dummyHash`.')
  if (![guards, keepVisitorData ?? []].every(Array.isArray) || !guards.every(isFunction)) {
    misconfigured('`guards` must be a list of functions, `keepVisitorData` a list of keys.')
  }
  for (const [name, value] of Object.entries({ secondFactor, normalizeUsername, onEvent }))
    if (value !== undefined && !isFunction(value)) misconfigured(`\`${name}\` must be a function.`)
  if ((typeof throttle !== 'object' || throttle === null) && throttle !== false)
    misconfigured('`throttle` must be an object or false.')
  if (isFunction(limiter)) misconfigured('`limiter` takes what a call gives: `memoryLimiter()`.')
  if (limiter !== undefined) checkMethods('limiter', limiter, LIMITER_METHODS)
  // A timer that is set for longer than it can count fires at once.
  checkSeconds('timeLimitSeconds', timeLimitSeconds, 0.001, 2_147_483)
  checkSeconds('freshSeconds', freshSeconds)
  // Epoch milliseconds are whole; a test's clock may not be.
  const now = clock === Date.now ? clock : (): number => Math.floor(clock())
  const emit: Emit<User> = emitter(onEvent, now)
  const limited = withTimeLimit('user provider', timeLimitSeconds, users, [
    'findById',
    'findByUsername',
    'upgradeHash',
  ])
  const counted = limiter
    ? withTimeLimit('limiter', timeLimitSeconds, limiter, LIMITER_METHODS)
    : memoryLimiter({ now })
  return {
    keyring,
    namespace,
    users: limited,
    freshSeconds,
    proof: {
      users: limited,
      passwords,
      throttle: throttle ? new Throttle(throttle, { limiter: counted, now, namespace }) : undefined,
      normalizeUsername,
      emit,
    },
    tail: {
      guards,
      ...withTimeLimit('user provider', timeLimitSeconds, { secondFactor }, ['secondFactor']),
      keepVisitorData,
      hideRejectionReason,
      sessionHash: new SessionHash(keyring),
      timeLimitSeconds,
      now,
      emit,
    },
  }
}

const LIMITER_METHODS = ['reserve', 'settle', 'forget'] as const

const isFunction = (value: unknown): boolean => typeof value === 'function'
