import { andThen, isPromise, type MaybePromise } from '../../base/maybe-promise.ts'
import { AUTH_METHOD, AUTH_TIME, USER_HASH, USER_ID } from '../../session/keys.ts'
import { isUsable, type UserLike } from '../../user/user.ts'
import { type AuthenticatedToken, authenticatedToken, type EndReason } from '../../user/user-token.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { LoginContext } from '../login-context.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'

/** Who the session says it is. The default, and alone in the chain unless you say otherwise. */
export function sessionAuthenticator<User extends UserLike = AnyUser>(): Authenticator<User> {
  return SESSION
}

/** One for all, so that it can be told from those that a credential was shown to. */
export const SESSION: Authenticator<AnyUser> = {
  authenticate: (context, environment) => environment.session(context),
}

type SessionResult<User extends UserLike> = AuthenticatedToken<User> | null

/**
 * Who the session says it is, checked against the user as he is now: he exists, under exactly this id, is not
 * disabled, and the session was made under his present password and epoch. If not, the session is cleared, and it is
 * as if none had come: a cookie that has outlived its user is no credential that somebody chose to show.
 *
 * The hot path of every request: from step to step without a promise, as long as the steps need none.
 */
export function authenticateSession<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
): MaybePromise<SessionResult<User>> {
  return andThen(context.session.get(USER_ID), (id) => {
    if (id === undefined) return null
    if (typeof id !== 'string' && typeof id !== 'number') return end(settings, context, 'malformed')
    return andThen(
      settings.call('user provider', () => settings.users.findById(id)),
      (user) => judge(settings, context, id, user),
    )
  })
}

function judge<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  id: User['id'],
  user: User | null | undefined,
): MaybePromise<SessionResult<User>> {
  // A table that compares loosely finds 42 for "042". Those are two users.
  if (!user || user.id !== id || !isUsable(user)) return end(settings, context, 'user_missing', id)
  if (user.disabled) return end(settings, context, 'user_disabled', id)
  const hash = context.session.get(USER_HASH)
  const check = isPromise(hash)
    ? hash.then((known) => settings.sessionHash.check(user, known))
    : settings.sessionHash.check(user, hash)
  if (check === 'current') return tokenOf(context, user)
  return andThen(check, (result) => {
    if (result === 'different') return end(settings, context, 'credentials_changed', id)
    return result === 'older' ? restamped(settings, context, user) : tokenOf(context, user)
  })
}

/** The secret was rotated: from now on this session carries the new one's hash. */
async function restamped<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  user: User,
): Promise<SessionResult<User>> {
  await context.session.set(USER_HASH, await settings.sessionHash.of(user))
  return tokenOf(context, user)
}

function tokenOf<User extends UserLike>(
  context: LoginContext<User>,
  user: User,
): MaybePromise<SessionResult<User>> {
  const method = context.session.get(AUTH_METHOD)
  const authTime = context.session.get(AUTH_TIME)
  return isPromise(method) || isPromise(authTime)
    ? Promise.all([method, authTime]).then(([how, when]) => made(context, user, how, when))
    : made(context, user, method, authTime)
}

function made<User extends UserLike>(
  { sessionExpiresAt = null }: LoginContext<User>,
  user: User,
  how: unknown,
  when: unknown,
): AuthenticatedToken<User> {
  const method = typeof how === 'string' ? how : 'unknown'
  const authTime = typeof when === 'number' ? when : 0
  return authenticatedToken({ user, state: 'fresh', method, authTime, expiresAt: sessionExpiresAt })
}

async function end<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  reason: EndReason,
  userId?: User['id'],
): Promise<null> {
  await settings.impersonation?.tellEnd(settings, context, 'session_ended')
  settings.emit(context, { type: 'session_ended', reason, userId })
  context.endReason = reason
  await context.session.clear()
  return null
}
