import { withinTime } from '../base/backend.ts'
import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import { ImpersonatedSession } from '../session/impersonated-session.ts'
import { IMPERSONATED_ID, IMPERSONATION_ENDS, IMPERSONATOR_ID, USER_ID } from '../session/keys.ts'
import type { RequestSession } from '../session/request-session.ts'
import type { Session } from '../session/session.ts'
import type { ImpersonationEnd } from '../user/events.ts'
import { exactUser, findUser } from '../user/find-user.ts'
import type { UserLike } from '../user/user.ts'
import {
  type AuthenticatedToken,
  anonymousToken,
  authenticatedToken,
  type UserToken,
} from '../user/user-token.ts'
import type {
  ActiveImpersonation,
  Impersonation,
  ImpersonationOutcome,
  ImpersonationParts,
} from './active-impersonation.ts'
import type { AnyUser } from './authenticators/authenticator.ts'
import { removeFrom, writeInto } from './impersonation-keys.ts'
import type { LoginContext } from './login-context.ts'

/**
 * Decides which user may impersonate which, and from where. Only `true`, or a promise of it, allows it. An
 * error that it throws reaches the caller.
 */
export type ImpersonationGuard<User extends UserLike> = (
  actor: User,
  target: User,
  context: Pick<LoginContext<User>, 'request' | 'address'>,
) => MaybePromise<boolean>

/** Options of {@link impersonation}. */
export interface ImpersonationOptions<User extends UserLike> {
  /** The scope that allows a user to impersonate others. Default `auth:impersonate_others`. */
  readonly scope?: string
  /**
   * Decides instead of the scope, and may allow to act as a user who has scopes that the actor lacks. Called when an
   * impersonation starts and on each request while it lasts. Default: the actor must have `scope`, and every scope of the
   * other user.
   */
  readonly guard?: ImpersonationGuard<User>
  /**
   * `true`: users who have the scope themselves can be impersonated too. Default false: otherwise one
   * compromised support account controls the others.
   */
  readonly allowPeers?: boolean
  /** How long an impersonation lasts at most, in seconds. Default 3600 (one hour). */
  readonly maxSeconds?: number
}

const REFUSED = { ok: false, code: 'impersonation_refused' } as const
/** Methods for which the cross-origin check lets every site pass: a link or an image can send them. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Lets users with the permission act as others, such as support staff. Without this option, impersonation is
 * off.
 *
 * The session holds the acting user, the impersonated user, and when it ends. On each request both users are
 * looked up and the permission is checked, so that losing it ends the impersonation.
 *
 * You cannot impersonate yourself, or anyone while you are already impersonating. You cannot impersonate
 * someone who may impersonate too, unless `allowPeers` is true, nor someone with a scope that you lack, unless a
 * `guard` allows it. A user who is given such a scope meanwhile ends the impersonation.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function impersonation<User extends UserLike = AnyUser>(
  options: ImpersonationOptions<User> = {},
): Impersonation<User> {
  const {
    scope = 'auth:impersonate_others',
    guard,
    allowPeers = false,
    maxSeconds = 3600,
    ...unknown
  } = options
  refuseUnknown(unknown)
  if (guard !== undefined && typeof guard !== 'function') misconfigured('`guard` must be a function.')
  if (guard && options.scope !== undefined) misconfigured('`guard` replaces `scope`.')
  if (typeof scope !== 'string' || scope === '') misconfigured('`scope` must be the name of a scope.')
  checkSeconds('maxSeconds', maxSeconds)

  return (parts) =>
    new Impersonating(parts, maxSeconds, async (context, actor, target) => {
      if (!allowPeers && hasScope(target, scope)) return false
      if (!guard) return hasScope(actor, scope) && isNotAbove(target, actor)
      return (await withinTime('guard', parts.timeLimitSeconds, guard(actor, target, context))) === true
    })
}

class Impersonating<User extends UserLike> implements ActiveImpersonation<User> {
  readonly #parts: ImpersonationParts<User>
  readonly #maxMs: number
  readonly #may: (context: LoginContext<User>, actor: User, target: User) => Promise<boolean>

  constructor(
    parts: ImpersonationParts<User>,
    maxSeconds: number,
    may: (context: LoginContext<User>, actor: User, target: User) => Promise<boolean>,
  ) {
    this.#parts = parts
    this.#maxMs = maxSeconds * 1000
    this.#may = may
  }

  async enter(
    context: LoginContext<User>,
    target: unknown,
    once: boolean,
  ): Promise<ImpersonationOutcome<User>> {
    if (!once) refuseSafe(context)
    const actor = await this.#parts.authenticate(context)
    if (!actor.isAuthenticated || actor.originalToken) return REFUSED
    const { session } = context
    // A user who was authenticated by a token has nothing in the session, and must not write into it.
    if (!once && (await session.get(USER_ID)) !== actor.userId) return REFUSED
    const user = await findUser(this.#parts.users, target)
    if (!user || user.disabled || user.id === actor.userId) return REFUSED
    if (!(await this.#may(context, actor.user, user))) return REFUSED
    const endsAt = this.#parts.now() + this.#maxMs
    if (!once) await writeInto(session, user.id, actor.userId, endsAt)
    const token = actingAs(user, actor, once ? undefined : endsAt)
    context.token = token
    if (once) context.impersonationOnce = token
    this.#parts.emit(context, { type: 'impersonation_started', user, actor: actor.userId })
    return { ok: true, token }
  }

  resume(
    context: LoginContext<User>,
    actor: AuthenticatedToken<User>,
  ): MaybePromise<AuthenticatedToken<User>> {
    return andThen(context.session.get(IMPERSONATED_ID), (id) =>
      id === undefined ? actor : this.#goOn(context, actor, id),
    )
  }

  async exit(context: LoginContext<User>): Promise<UserToken<User>> {
    const once = context.impersonationOnce
    // Impersonated for this request only: the session holds nothing of it.
    if (once?.originalToken && context.token === once) {
      context.token = once.originalToken
      return context.token
    }
    refuseSafe(context)
    if (await this.#end(context, 'exit')) delete context.token
    try {
      return await this.#parts.authenticate(context)
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error
      // Exiting works even if the user provider is down: the request is anonymous then.
      context.token = anonymousToken()
      return context.token
    }
  }

  sessionOf(context: LoginContext<User>, inner: RequestSession, ended: () => void): Session {
    return new ImpersonatedSession(inner, ended, {
      authenticate: () => this.#parts.authenticate(context),
      impersonationOnce: () => (context.token === context.impersonationOnce ? context.token : undefined),
    })
  }

  async tellEnd(context: LoginContext<User>, reason: ImpersonationEnd): Promise<boolean> {
    const userId = (await context.session.get(IMPERSONATED_ID)) as User['id'] | undefined
    if (userId === undefined) return false
    const actor = (await context.session.get(USER_ID)) as User['id']
    this.#parts.emit(context, { type: 'impersonation_ended', userId, actor, reason })
    return true
  }

  async #goOn(
    context: LoginContext<User>,
    actor: AuthenticatedToken<User>,
    id: unknown,
  ): Promise<AuthenticatedToken<User>> {
    const by = await context.session.get(IMPERSONATOR_ID)
    const endsAt = await context.session.get(IMPERSONATION_ENDS)
    const isOver = typeof endsAt !== 'number' || this.#parts.now() >= endsAt || by !== actor.userId
    const user = isOver ? null : await exactUser(this.#parts.users, id)
    if (user && !user.disabled && (await this.#may(context, actor.user, user)))
      return actingAs(user, actor, endsAt as number)
    await this.#end(context, isOver ? 'expired' : whyNot(user))
    return actor
  }

  async #end(context: LoginContext<User>, reason: ImpersonationEnd): Promise<boolean> {
    if (!(await this.tellEnd(context, reason))) return false
    await removeFrom(context.session)
    return true
  }
}

function refuseSafe({ request }: LoginContext<UserLike>): void {
  if (!SAFE_METHODS.includes(request.method)) return
  throw new LatchkeyError(
    'misuse',
    `An impersonation cannot begin or end by ${request.method}, which a link or an image on another site can send. Use a form with POST.`,
  )
}

function whyNot(user: UserLike | null): ImpersonationEnd {
  if (!user) return 'user_missing'
  return user.disabled ? 'user_disabled' : 'not_allowed'
}

/** Must be an array: `'admin'.includes('adm')` would match a string column. */
function scopesOf({ scopes }: UserLike): readonly string[] {
  return Array.isArray(scopes) ? scopes : []
}

function hasScope(user: UserLike, scope: string): boolean {
  return scopesOf(user).includes(scope)
}

/** Whether the actor has every scope of the target. Scopes that cannot be read may be any. */
function isNotAbove(target: UserLike, actor: UserLike): boolean {
  return Array.isArray(target.scopes ?? []) && scopesOf(target).every((scope) => hasScope(actor, scope))
}

/** The token expires when the impersonation ends, or when the session does if that is earlier. */
function actingAs<User extends UserLike>(
  user: User,
  actor: AuthenticatedToken<User>,
  endsAt?: number,
): AuthenticatedToken<User> {
  const atMost = (time: number | null): number | null =>
    endsAt === undefined ? time : Math.min(endsAt, time ?? endsAt)
  const [expiresAt, absoluteExpiresAt] = [atMost(actor.expiresAt), atMost(actor.absoluteExpiresAt)]
  const times = { expiresAt, absoluteExpiresAt }
  return authenticatedToken({ ...actor, user, state: 'impersonator', ...times, originalToken: actor })
}
