import type { LoginContext } from '../login-context.ts'
import type { LoginSettings } from '../login-settings.ts'
import { isPromise, type MaybePromise } from '../maybe-promise.ts'
import { AUTH_METHOD, AUTH_TIME, USER_HASH, USER_ID } from '../session/keys.ts'
import type { SessionHashCheck } from '../session/session-hash.ts'
import { isUsable, type UserLike } from '../user/user.ts'
import { authenticatedToken, type EndReason } from '../user/user-token.ts'
import type { AuthenticatorResult } from './authenticator.ts'

/**
 * Who the session says it is, checked against the user as he is now: he exists, under exactly this id, is not
 * disabled, and the session was made under his present password and epoch. If not, the session is cleared.
 *
 * The hot path of every request. It goes from step to step without a promise as long as the steps do.
 */
export function authenticateSession<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
): MaybePromise<AuthenticatorResult<User>> {
  const id = context.session.get(USER_ID)
  return isPromise(id) ? id.then((known) => byId(settings, context, known)) : byId(settings, context, id)
}

function byId<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  id: unknown,
): MaybePromise<AuthenticatorResult<User>> {
  if (id === undefined) return null
  if (typeof id !== 'string' && typeof id !== 'number') return end(settings, context, 'malformed')
  const user = settings.call('user provider', () => settings.users.findById(id))
  return isPromise(user)
    ? user.then((found) => byUser(settings, context, id, found ?? null))
    : byUser(settings, context, id, user ?? null)
}

function byUser<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  id: User['id'],
  user: User | null,
): MaybePromise<AuthenticatorResult<User>> {
  // A table that compares loosely finds 42 for "042". Those are two users.
  if (user === null || user.id !== id || !isUsable(user)) return end(settings, context, 'user_missing', id)
  if (user.disabled) return end(settings, context, 'user_disabled', id)
  const hash = context.session.get(USER_HASH)
  const check = isPromise(hash)
    ? hash.then((known) => settings.sessionHash.check(user, known))
    : settings.sessionHash.check(user, hash)
  return isPromise(check)
    ? check.then((result) => byHash(settings, context, user, result))
    : byHash(settings, context, user, check)
}

function byHash<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  user: User,
  check: SessionHashCheck,
): MaybePromise<AuthenticatorResult<User>> {
  if (check === 'different') return end(settings, context, 'credentials_changed', user.id)
  if (check === 'older') return restamped(settings, context, user)
  const method = context.session.get(AUTH_METHOD)
  const authTime = context.session.get(AUTH_TIME)
  return isPromise(method) || isPromise(authTime)
    ? Promise.all([method, authTime]).then(([how, when]) => tokenOf(context, user, how, when))
    : tokenOf(context, user, method, authTime)
}

/** The secret was rotated: from now on this session carries the new one's hash. */
async function restamped<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  user: User,
): Promise<AuthenticatorResult<User>> {
  await context.session.set(USER_HASH, await settings.sessionHash.of(user))
  return byHash(settings, context, user, 'current')
}

function tokenOf<User extends UserLike>(
  context: LoginContext<User>,
  user: User,
  method: unknown,
  authTime: unknown,
): AuthenticatorResult<User> {
  return authenticatedToken({
    user,
    state: 'fresh',
    method: typeof method === 'string' ? method : 'unknown',
    authTime: typeof authTime === 'number' ? authTime : 0,
    expiresAt: context.sessionExpiresAt ?? null,
  })
}

async function end<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  reason: EndReason,
  userId?: User['id'],
): Promise<AuthenticatorResult<User>> {
  settings.emit(context, { type: 'session_ended', reason, ...(userId === undefined ? {} : { userId }) })
  await context.session.clear()
  return { isAuthenticated: false, reason }
}
