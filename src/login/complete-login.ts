import { withinTime } from '../base/backend.ts'
import { LatchkeyError } from '../base/errors.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { AUTH_METHOD, AUTH_TIME, IMPERSONATED_ID, OWN_KEYS, USER_HASH, USER_ID } from '../session/keys.ts'
import { isUsable, type UserLike } from '../user/user.ts'
import { authenticatedToken } from '../user/user-token.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import type { LoginSettings } from './login-settings.ts'

type Rejection<User extends UserLike> = Exclude<LoginOutcome<User>, { readonly ok: true }>

/**
 * The common end of every login. The user has been proven. Whether they may enter is decided here, in this
 * order: disabled and guards, second factor, then the session. Nothing is written before all have agreed.
 *
 * The session id is always regenerated, even if the session was emptied: an id that was known before the
 * login must be worthless after it (session fixation; OWASP Session Management, "Renew the Session ID").
 */
export async function completeLogin<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  user: User,
  options: LoginOptions<User> & { readonly method: string },
): Promise<LoginOutcome<User>> {
  const rejection = await rejectionOf(settings, context, user, options)
  if (rejection) return rejection

  const { session } = context
  const hash = await settings.sessionHash.of(user)
  await settings.impersonation?.tellEnd(settings, context, 'login')
  await dropForeignData(settings, context, user)
  await session.regenerateId()
  const { method, authTime = settings.now() } = options
  const own: Record<string, unknown> = {
    [USER_ID]: user.id,
    [USER_HASH]: hash,
    [AUTH_METHOD]: method,
    [AUTH_TIME]: authTime,
  }
  for (const key of OWN_KEYS) await session.set(key, own[key])

  const expiresAt = context.sessionExpiresAt ?? null
  const token = authenticatedToken({ user, state: 'fresh', method, authTime, expiresAt })
  context.token = token
  settings.emit(context, { type: 'login', user, method })
  return { ok: true, token }
}

/**
 * Why a proven user may not log in: disabled, a guard, or a second factor that is due. `null` if nothing
 * objects.
 */
export async function rejectionOf<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  user: User,
  options: LoginOptions<User>,
): Promise<Rejection<User> | null> {
  if (!isUsable(user)) {
    throw new LatchkeyError('backend_failed', 'The user has no valid id, hash or epoch.')
  }
  const reason = await reasonToReject(settings, context, user, options)
  if (reason !== null) {
    settings.emit(context, { type: 'login_rejected', user, reason })
    return settings.hideRejectionReason
      ? { ok: false, code: 'invalid_credentials' }
      : { ok: false, code: 'rejected', reason }
  }
  const { secondFactor } = settings
  if (!secondFactor || options.secondFactorDone) return null
  return (await settings.call('user provider', () => secondFactor(user)))
    ? { ok: false, code: 'second_factor_required', user }
    : null
}

/** The first rejection counts; `null` if there is none. Any other value than `true` or nothing rejects. */
async function reasonToReject<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  user: User,
  options: LoginOptions<User>,
): Promise<string | null> {
  if (user.disabled) return 'disabled'
  for (const guard of [...settings.guards, ...(options.guards ?? [])]) {
    // A guard's own error reaches the caller as it is. Only a guard that hangs counts as a failed backend.
    const verdict = await withinTime('guard', settings.timeLimitSeconds, guard(context, user))
    if (verdict === undefined || verdict === null || verdict === true) continue
    return typeof verdict === 'string' && verdict !== '' ? verdict : 'rejected'
  }
  return null
}

/**
 * Data written as another user, or under another password, must not reach this user. Data of an anonymous
 * session is kept: all of it, or the keys of `keepVisitorData`.
 */
async function dropForeignData<User extends UserLike>(
  settings: LoginSettings<User>,
  { session }: LoginContext<User>,
  user: User,
): Promise<void> {
  const previous = await session.get(USER_ID)
  if (previous === undefined && !settings.keepVisitorData) return
  const carried: Record<string, unknown> = {}
  if (previous === undefined) {
    for (const key of settings.keepVisitorData ?? []) carried[key] = await session.get(key)
  } else if (previous === user.id && (await session.get(IMPERSONATED_ID)) === undefined) {
    const check = await settings.sessionHash.check(user, await session.get(USER_HASH))
    if (check !== 'different') return
  }
  await (session.reset ? session.reset() : session.clear())
  for (const key in carried) await session.set(key, carried[key])
}
