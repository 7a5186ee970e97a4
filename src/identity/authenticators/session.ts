import { isPromise, type MaybePromise } from '../../base/maybe-promise.ts'
import { AUTH_METHOD, AUTH_TIME, USER_HASH, USER_ID } from '../../session/keys.ts'
import type { SessionHash } from '../../session/session-hash.ts'
import type { Emit } from '../../user/events.ts'
import { refuseUnusable, type UserLike } from '../../user/user.ts'
import type { UserProvider } from '../../user/user-provider.ts'
import { type AuthenticatedToken, authenticatedToken, type EndReason } from '../../user/user-token.ts'
import type { ActiveImpersonation } from '../active-impersonation.ts'
import type { LoginContext } from '../login-context.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'

/** Authenticates by the session. The default, and the only authenticator unless you configure others. */
export function sessionAuthenticator<User extends UserLike = AnyUser>(): Authenticator<User> {
  return SESSION
}

/** A single instance, to tell it from authenticators that read another credential. */
export const SESSION: Authenticator<AnyUser> = {
  authenticate: (context, environment) => environment.session(context),
  // Session cookies are compared by themselves.
  credentialOf: () => null,
}

/** What a session is checked against. */
export interface SessionCheck<User extends UserLike> {
  readonly users: Pick<UserProvider<User>, 'findById'>
  readonly sessionHash: SessionHash
  readonly emit: Emit<User>
  /** Missing without the option `impersonation`. */
  readonly impersonation?: ActiveImpersonation<User> | undefined
}

type SessionResult<User extends UserLike> = AuthenticatedToken<User> | null

/** Returns what asks the session. */
export function sessionIdentity<User extends UserLike>(
  parts: SessionCheck<User>,
): (context: LoginContext<User>) => MaybePromise<SessionResult<User>> {
  return (context) => authenticateSession(parts, context)
}

/**
 * Authenticates by the session, and checks it against the user as they are now: they exist under exactly this
 * id, are not disabled, and the session was made under their current password and epoch. If not, the session
 * is suspended or cleared, and the request counts as one without a session: a cookie that has outlived its user is not
 * a credential that was sent on purpose.
 *
 * This is the hot path of every request: it goes from step to step without a promise as long as no step needs
 * one.
 */
function authenticateSession<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
): MaybePromise<SessionResult<User>> {
  const userId = context.session.get(USER_ID)
  return isPromise(userId)
    ? Promise.resolve(userId).then((later) => withUser(parts, context, later))
    : withUser(parts, context, userId)
}

function withUser<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
  id: unknown,
): MaybePromise<SessionResult<User>> {
  if (id === undefined) return null
  if (id === '' || (typeof id !== 'string' && typeof id !== 'number')) return end(parts, context, 'unknown')
  const { session } = context
  const kept = [session.get(USER_HASH), session.get(AUTH_METHOD), session.get(AUTH_TIME)]
  return kept.some(isPromise)
    ? Promise.all(kept).then((later) => withLogin(parts, context, id, later))
    : withLogin(parts, context, id, kept)
}

function withLogin<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
  id: User['id'],
  [hash, how, when]: readonly unknown[],
): MaybePromise<SessionResult<User>> {
  const method = typeof how === 'string' ? how : 'unknown'
  const authTime = typeof when === 'number' ? when : 0
  const login: KeptLogin = { id, hash, method, authTime }
  const user = parts.users.findById(id)
  return user instanceof Promise
    ? user.then((later) => checkUser(parts, context, login, later))
    : checkUser(parts, context, login, user as User | null | undefined)
}

/** What a login has left in a session. */
interface KeptLogin extends Pick<AuthenticatedToken<UserLike>, 'method' | 'authTime'> {
  readonly id: UserLike['id']
  readonly hash: unknown
}

function checkUser<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
  { id, hash, method, authTime }: KeptLogin,
  user: User | null | undefined,
): MaybePromise<SessionResult<User>> {
  if (user) refuseUnusable(user)
  // A table that compares loosely finds 42 for "042". Those are two different users.
  if (user?.id !== id) return refuse(parts, context, 'user_missing', id)
  if (user.disabled) return refuse(parts, context, 'user_disabled', id)
  const { expiresAt = null, absoluteExpiresAt = null } = context.session
  const actor = authenticatedToken({ user, state: 'fresh', method, authTime, expiresAt, absoluteExpiresAt })
  const check = parts.sessionHash.check(user, hash)
  if (check !== 'current') return settled(parts, context, actor, check)
  context.session.vouch?.()
  return parts.impersonation ? parts.impersonation.resume(context, actor) : actor
}

/** The session hash had to be computed, or was not made with the first secret. */
async function settled<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
  actor: AuthenticatedToken<User>,
  checking: ReturnType<SessionHash['check']>,
): Promise<SessionResult<User>> {
  const check = await checking
  if (check === 'different') return refuse(parts, context, 'credentials_changed', actor.userId)
  if (check === 'unknown_key') return refuse(parts, context, 'credentials_changed', actor.userId, false)
  context.session.vouch?.()
  // The secret was rotated: from now on this session carries a hash made with the new one.
  if (check === 'older') await context.session.set(USER_HASH, await parts.sessionHash.of(actor.user))
  return parts.impersonation ? parts.impersonation.resume(context, actor) : actor
}

/** What the user's row says against a session suspends it, and ends it only if it has not been in use. */
function refuse<User extends UserLike>(
  parts: SessionCheck<User>,
  context: LoginContext<User>,
  reason: EndReason,
  userId: User['id'],
  isCertain = true,
): MaybePromise<null> {
  if (!context.session.suspend?.(isCertain)) return end(parts, context, reason, userId)
  context.endReason = reason
  return null
}

async function end<User extends UserLike>(
  { emit, impersonation }: SessionCheck<User>,
  context: LoginContext<User>,
  reason: EndReason,
  userId?: User['id'],
): Promise<null> {
  await impersonation?.tellEnd(context, 'session_ended')
  emit(context, { type: 'session_ended', reason, userId })
  context.endReason = reason
  await context.session.clear(reason)
  return null
}
