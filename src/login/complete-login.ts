import { withinTime } from '../base/backend.ts'
import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { ActiveImpersonation } from '../identity/active-impersonation.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { AUTH_METHOD, AUTH_TIME, IMPERSONATED_ID, OWN_LIFETIME, USER_HASH, USER_ID } from '../session/keys.ts'
import { type OwnLifetime, ownLifetime } from '../session/own-lifetime.ts'
import type { SessionPatch } from '../session/record.ts'
import type { SessionHash } from '../session/session-hash.ts'
import type { Emit } from '../user/events.ts'
import { refuseUnusable, type UserLike } from '../user/user.ts'
import { authenticatedToken } from '../user/user-token.ts'
import type { Guard, LoginOptions, LoginOutcome } from './login-outcome.ts'

/** What the end of a login uses. */
export interface LoginTail<User extends UserLike> {
  readonly guards: readonly Guard<User>[]
  /** Asked after the guards of the configuration and of the login: what the kind of session has to say. */
  readonly lastGuard?: Guard<User> | undefined
  /** What the kind of session keeps of a login. */
  readonly keysOf?: ((context: LoginContext<User>) => SessionPatch) | undefined
  /** Whether this user has a second factor to pass. Missing: no user has. */
  readonly secondFactor?: ((user: User) => MaybePromise<boolean>) | undefined
  readonly keepVisitorData: readonly string[] | undefined
  readonly hideRejectionReason: boolean
  readonly impersonation?: ActiveImpersonation<User> | undefined
  readonly sessionHash: SessionHash
  readonly timeLimitSeconds: number
  readonly now: () => number
  readonly emit: Emit<User>
}

type Rejection<User extends UserLike> = Exclude<LoginOutcome<User>, { readonly ok: true }>

/**
 * The common end of every login. The user has been proven. Whether they may enter is decided here, in this
 * order: disabled and guards, second factor, then the session. Nothing is written before all have agreed.
 *
 * The session id is always regenerated, even if the session was emptied: an id that was known before the
 * login must be worthless after it (session fixation; OWASP Session Management, "Renew the Session ID").
 *
 * @throws LatchkeyError `misuse` unless `method` is a string and `authTime` a finite number, or if `remember` or `lifetime`
 * is invalid.
 */
export async function completeLogin<User extends UserLike>(
  tail: LoginTail<User>,
  context: LoginContext<User>,
  user: User,
  options: LoginOptions<User> & { readonly method: string },
): Promise<LoginOutcome<User>> {
  const { method, authTime = tail.now() } = options
  if (typeof method !== 'string' || !method.isWellFormed() || !Number.isFinite(authTime))
    throw new LatchkeyError('misuse', '`method` must be a string, and `authTime` epoch milliseconds.')
  const { session } = context
  const lifetime = lifetimeOf(tail, context, options)
  const rejection = await rejectionOf(tail, context, user, options)
  if (rejection) return rejection

  const hashing = tail.sessionHash.of(user)
  const hash = typeof hashing === 'string' ? hashing : await hashing
  if (tail.impersonation) await tail.impersonation.tellEnd(context, 'login')
  const previous = await session.get(USER_ID)
  if (previous !== undefined || tail.keepVisitorData) await dropForeignData(tail, context, user, previous)
  const values: SessionPatch = {
    [USER_ID]: user.id,
    [USER_HASH]: hash,
    [AUTH_METHOD]: method,
    [AUTH_TIME]: authTime,
    ...(session.beginLogin ? { [OWN_LIFETIME]: lifetime } : {}),
    // The other keys of an impersonation mean nothing without this one.
    [IMPERSONATED_ID]: undefined,
    ...tail.keysOf?.(context),
  }
  if (session.beginLogin) await session.beginLogin(user.id, values)
  else {
    await session.regenerateId()
    for (const key in values) await session.set(key, values[key])
  }

  const { expiresAt = null, absoluteExpiresAt = null } = session
  const times = { authTime, expiresAt, absoluteExpiresAt }
  const token = authenticatedToken({ user, state: 'fresh', method, ...times })
  context.token = token
  tail.emit(context, { type: 'login', user, method })
  return { ok: true, token }
}

/**
 * How long the session of this login lives, where that differs from the configuration.
 *
 * @throws LatchkeyError `misuse` for what is no lifetime, and for sessions that are not ours.
 */
export function lifetimeOf<User extends UserLike>(
  { now }: Pick<LoginTail<User>, 'now'>,
  { session }: LoginContext<User>,
  options: LoginOptions<User>,
): OwnLifetime | undefined {
  const lifetime = ownLifetime(options, now())
  if (!lifetime || session.beginLogin) return lifetime
  throw new LatchkeyError('misuse', '`remember` and `lifetime` need the sessions of createAuth().')
}

/**
 * Why a proven user may not log in: disabled, a guard, or a second factor that is due. `null` if nothing
 * objects.
 */
export async function rejectionOf<User extends UserLike>(
  tail: LoginTail<User>,
  context: LoginContext<User>,
  user: User,
  options: LoginOptions<User>,
): Promise<Rejection<User> | null> {
  refuseUnusable(user)
  const { guards, lastGuard, timeLimitSeconds } = tail
  let reason = user.disabled ? 'disabled' : null
  for (const guard of [...guards, ...(options.guards ?? []), ...(lastGuard ? [lastGuard] : [])]) {
    if (reason !== null) break
    // A guard's own error reaches the caller as it is. Only a guard that hangs counts as a failed backend.
    const verdict = await withinTime('guard', timeLimitSeconds, guard(context, user))
    if (verdict === undefined || verdict === null || verdict === true) continue
    // Any other value rejects.
    reason = typeof verdict === 'string' && verdict !== '' ? verdict : 'rejected'
  }
  if (reason !== null) {
    tail.emit(context, { type: 'login_rejected', user, reason })
    return tail.hideRejectionReason
      ? { ok: false, code: 'invalid_credentials' }
      : { ok: false, code: 'rejected', reason }
  }
  const { secondFactor } = tail
  if (!secondFactor || options.secondFactorDone || !(await secondFactor(user))) return null
  return { ok: false, code: 'second_factor_required', user }
}

/**
 * Data written as another user, or under another password, must not reach this user. Data of an anonymous
 * session is kept: all of it, or the keys of `keepVisitorData`.
 */
async function dropForeignData<User extends UserLike>(
  { keepVisitorData, sessionHash }: LoginTail<User>,
  { session }: LoginContext<User>,
  user: User,
  previous: unknown,
): Promise<void> {
  const carried: Record<string, unknown> = {}
  if (previous === undefined) {
    for (const key of keepVisitorData ?? []) carried[key] = await session.get(key)
  } else if (previous === user.id && (await session.get(IMPERSONATED_ID)) === undefined) {
    const check = await sessionHash.check(user, await session.get(USER_HASH))
    if (check !== 'different') return
  }
  await (session.reset ? session.reset() : session.clear())
  for (const key in carried) await session.set(key, carried[key])
}
