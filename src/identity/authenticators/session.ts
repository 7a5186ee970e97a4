import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { AUTH_METHOD, AUTH_TIME, USER_HASH, USER_ID } from '../../session/keys.ts'
import { isUsable, type UserLike } from '../../user/user.ts'
import { type AuthenticatedToken, authenticatedToken, type EndReason } from '../../user/user-token.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { LoginContext } from '../login-context.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'

/** Authenticates by the session. The default, and the only authenticator unless you configure others. */
export function sessionAuthenticator<User extends UserLike = AnyUser>(): Authenticator<User> {
  return SESSION
}

/** A single instance, to tell it from authenticators that read another credential. */
export const SESSION: Authenticator<AnyUser> = {
  authenticate: (context, environment) => environment.session(context),
}

type SessionResult<User extends UserLike> = AuthenticatedToken<User> | null

/**
 * Authenticates by the session, and checks it against the user as they are now: they exist under exactly this
 * id, are not disabled, and the session was made under their current password and epoch. If not, the session
 * is cleared, and the request counts as one without a session: a cookie that has outlived its user is not a
 * credential that was sent on purpose.
 *
 * This is the hot path of every request: it goes from step to step without a promise as long as no step needs
 * one.
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
  // A table that compares loosely finds 42 for "042". Those are two different users.
  if (!user || user.id !== id || !isUsable(user)) return end(settings, context, 'user_missing', id)
  if (user.disabled) return end(settings, context, 'user_disabled', id)
  return andThen(context.session.get(USER_HASH), (hash) =>
    andThen(settings.sessionHash.check(user, hash), (check) => {
      if (check === 'different') return end(settings, context, 'credentials_changed', id)
      return check === 'older' ? restamped(settings, context, user) : tokenOf(context, user)
    }),
  )
}

/** The secret was rotated: from now on this session carries a hash made with the new one. */
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
  const { session, sessionExpiresAt: expiresAt = null } = context
  return andThen(session.get(AUTH_METHOD), (how) =>
    andThen(session.get(AUTH_TIME), (when) => {
      const method = typeof how === 'string' ? how : 'unknown'
      const authTime = typeof when === 'number' ? when : 0
      return authenticatedToken({ user, state: 'fresh', method, authTime, expiresAt })
    }),
  )
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
