import { withinTime } from '../base/backend.ts'
import { LatchkeyError } from '../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import { IMPERSONATED_ID, IMPERSONATION_ENDS, IMPERSONATOR_ID, USER_ID } from '../session/keys.ts'
import type { ImpersonationEnd } from '../user/events.ts'
import { exactUser, findUser } from '../user/find-user.ts'
import type { UserLike } from '../user/user.ts'
import { type AuthenticatedToken, anonymousToken, authenticatedToken } from '../user/user-token.ts'
import { authenticate } from './authenticate.ts'
import type { AnyUser } from './authenticators/authenticator.ts'
import type { IdentitySettings, Impersonation } from './identity-settings.ts'
import type { LoginContext } from './login-context.ts'

/** Who may act as whom, and from where. Only `true`, or a promise of it, is a yes. What it throws reaches the caller. */
export type ImpersonationGuard<User extends UserLike> = (
  actor: User,
  target: User,
  context: Pick<LoginContext<User>, 'request' | 'address'>,
) => MaybePromise<boolean>

export interface ImpersonationOptions<User extends UserLike> {
  /** The scope of who may act as others. Default `auth:impersonate_others`. */
  readonly scope?: string
  /** Decides in place of the scope. Asked on entering, and at each request while it lasts. */
  readonly guard?: ImpersonationGuard<User>
  /** `true`: also as somebody who has the scope himself. Default false, or one such user would be as good as all. */
  readonly allowPeers?: boolean
  /** How long it lasts at most, seconds. Default 3600 (one hour). */
  readonly maxSeconds?: number
}

const REFUSED = { ok: false, code: 'impersonation_refused' } as const

/**
 * Lets users with the right to it act as others: support, for one. Off without this option.
 *
 * Who acts, as whom, and until when stands in the session; both are looked up, and the right asked for, at each
 * request, so that losing it ends it. Nobody acts as himself, through a second one, or as a peer with the same right.
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
  if (guard !== undefined && typeof guard !== 'function') misconfigured('`guard` is a function.')
  if (guard && options.scope !== undefined) misconfigured('`guard` decides in place of `scope`: give one.')
  if (typeof scope !== 'string' || scope === '') misconfigured('`scope` is the name of a scope.')
  checkSeconds('maxSeconds', maxSeconds)

  const may = async (
    { timeLimitSeconds }: IdentitySettings<User>,
    context: LoginContext<User>,
    actor: User,
    target: User,
  ): Promise<boolean> => {
    if (!allowPeers && hasScope(target, scope)) return false
    if (!guard) return hasScope(actor, scope)
    const answer = guard(actor, target, context)
    return (isPromise(answer) ? await withinTime('guard', timeLimitSeconds, answer) : answer) === true
  }

  const goOn = async (
    settings: IdentitySettings<User>,
    context: LoginContext<User>,
    actor: AuthenticatedToken<User>,
    id: unknown,
  ): Promise<AuthenticatedToken<User>> => {
    const by = await context.session.get(IMPERSONATOR_ID)
    const endsAt = await context.session.get(IMPERSONATION_ENDS)
    const isOver = typeof endsAt !== 'number' || settings.now() >= endsAt || by !== actor.userId
    const user = isOver ? null : await exactUser(settings, id)
    if (user && !user.disabled && (await may(settings, context, actor.user, user)))
      return actingAs(user, actor, endsAt as number)
    const reason = isOver
      ? 'expired'
      : !user
        ? 'user_missing'
        : user.disabled
          ? 'user_disabled'
          : 'not_allowed'
    await end(settings, context, reason)
    return actor
  }

  return {
    async enter(settings, context, target, once) {
      const actor = await authenticate(settings, context)
      if (!actor.isAuthenticated || actor.originalToken) return REFUSED
      const { session } = context
      // Of who came by a token there is nothing in the session: it is not his to write into.
      if (!once && (await session.get(USER_ID)) !== actor.userId) return REFUSED
      const user = await findUser(settings, target)
      if (
        !user ||
        user.disabled ||
        user.id === actor.userId ||
        !(await may(settings, context, actor.user, user))
      )
        return REFUSED
      const endsAt = settings.now() + maxSeconds * 1000
      if (!once) {
        await session.regenerateId()
        await session.set(IMPERSONATED_ID, user.id)
        await session.set(IMPERSONATOR_ID, actor.userId)
        await session.set(IMPERSONATION_ENDS, endsAt)
      }
      const token = actingAs(user, actor, once ? actor.expiresAt : endsAt)
      context.token = token
      settings.emit(context, { type: 'impersonation_started', user, actor: actor.userId })
      return { ok: true, token }
    },

    resume: (settings, context, actor) =>
      andThen(context.session.get(IMPERSONATED_ID), (id) =>
        id === undefined ? actor : goOn(settings, context, actor, id),
      ),

    async exit(settings, context) {
      const acting = context.token?.originalToken
      if (await end(settings, context, 'exit')) delete context.token
      // For one request alone: there is nothing in the session.
      else if (acting) context.token = acting
      try {
        return await authenticate(settings, context)
      } catch (error) {
        if (!(error instanceof LatchkeyError)) throw error
        // The way out does not wait for a table of users that is down: nobody for this request, and out of it.
        context.token = anonymousToken()
        return context.token
      }
    },

    tellEnd,
  }
}

/** A list of names: a text of the table's that holds the name by chance is none. */
function hasScope({ scopes }: UserLike, scope: string): boolean {
  return Array.isArray(scopes) && scopes.includes(scope)
}

/** Whether there is one to end, and says so. */
async function tellEnd<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  reason: ImpersonationEnd,
): Promise<boolean> {
  const userId = (await context.session.get(IMPERSONATED_ID)) as User['id'] | undefined
  if (userId === undefined) return false
  const actor = (await context.session.get(USER_ID)) as User['id']
  settings.emit(context, { type: 'impersonation_ended', userId, actor, reason })
  return true
}

async function end<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  reason: ImpersonationEnd,
): Promise<boolean> {
  if (!(await tellEnd(settings, context, reason))) return false
  const { session } = context
  await session.regenerateId()
  for (const key of [IMPERSONATED_ID, IMPERSONATOR_ID, IMPERSONATION_ENDS]) await session.set(key, undefined)
  return true
}

/** The end of it is the end of what the token says, if the session does not end before. */
function actingAs<User extends UserLike>(
  user: User,
  actor: AuthenticatedToken<User>,
  endsAt: number | null,
): AuthenticatedToken<User> {
  const { method, authTime, expiresAt: sessionEnds } = actor
  const expiresAt =
    endsAt === null || sessionEnds === null ? (endsAt ?? sessionEnds) : Math.min(endsAt, sessionEnds)
  return authenticatedToken({
    user,
    state: 'impersonator',
    method,
    authTime,
    expiresAt,
    originalToken: actor,
  })
}
