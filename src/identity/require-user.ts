import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import type { Deny } from '../http/denied-response.ts'
import { wayToLogin } from '../http/login-page.ts'
import { type Asked, isNavigation, isPreflight, type Page } from '../http/navigation.ts'
import type { UserLike } from '../user/user.ts'
import type { UserToken } from '../user/user-token.ts'
import { authenticate, authenticateBy } from './authenticate.ts'
import type { AnyUser, Authenticator } from './authenticators/authenticator.ts'
import { isScope } from './authenticators/authorization.ts'
import type { ChallengeProblem } from './authenticators/challenge.ts'
import type { Identity } from './identity.ts'
import type { LoginContext } from './login-context.ts'

/** What a route requires. */
export interface RequireUserOptions {
  /**
   * The login page that navigations are redirected to, with the wanted page as `next`; htmx and Inertia are told to show it.
   * Everything else that a browser or a program requests gets 401, and so does the login page itself. Default: no
   * redirect, always 401.
   */
  readonly redirectTo?: string | undefined
  /** The user must have all of these scopes; otherwise 403 `insufficient_scope`. Default none. */
  readonly scopes?: readonly string[] | undefined
  /** `true`: refuses users who are impersonating, with 403 `impersonating`. Default false. */
  readonly notImpersonating?: boolean | undefined
  /**
   * Authenticators to use instead of the configured ones. The session counts only if it is among them.
   * Default: the configured ones.
   */
  readonly by?: readonly Authenticator<AnyUser>[] | undefined
}

/** What a requirement is checked with. */
export interface RequirementParts<User extends UserLike> {
  readonly identity: Identity<User>
  readonly deny: Deny
  /** The app's public origin, where it is configured. */
  readonly origin: string | undefined
}

/**
 * Returns `null` if the request may pass, otherwise the response: 401 with every challenge, 303 to the login
 * page, or 403; for a CORS preflight 204, which allows nothing.
 */
export function requireUser<User extends UserLike>(
  parts: RequirementParts<User>,
  context: LoginContext<User>,
  asked: Asked,
  options: RequireUserOptions = {},
  wanted?: Page,
): MaybePromise<Response | null> {
  const { identity, deny } = parts
  const { request } = asked
  const { by, scopes, notImpersonating, redirectTo } = options
  const authenticators = by ?? identity.authenticators
  return andThen(by ? tokenBy(identity, context, by, request) : authenticate(identity, context), (token) => {
    if (!token.isAuthenticated) {
      if (isPreflight(request)) return new Response(null, { status: 204, headers: NO_STORE })
      const denied = unauthenticated(identity.realm, context, authenticators)
      return toLogin(parts, asked, denied, redirectTo, wanted)
    }
    if (notImpersonating && token.state === 'impersonator') return deny(request, 403, 'impersonating')
    if (!scopes || scopes.every((scope) => token.has(scope))) return null
    const problem = { error: 'insufficient_scope', scopes: scopes.filter(isScope) } as const
    // Only if a credential was sent: a challenge means nothing to a session.
    const challenge = context.decidedBy?.challenge?.(identity.realm, problem)
    return deny(request, 403, 'insufficient_scope', {}, challenge ? [challenge] : [])
  })
}

/** Re-authenticates with these authenticators and replaces the request's identity. */
async function tokenBy<User extends UserLike>(
  identity: Identity<User>,
  context: LoginContext<User>,
  by: readonly Authenticator<User>[],
  request: Request,
): Promise<UserToken<User>> {
  const { token, decidedBy, failure } = await authenticateBy(identity, context, by, request)
  Object.assign(context, { token, decidedBy, failure })
  return token
}

/** What an anonymous request is told. */
interface Unauthenticated {
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>
  readonly challenges: readonly string[]
}

function unauthenticated<User extends UserLike>(
  realm: string,
  { decidedBy, failure }: LoginContext<User>,
  authenticators: readonly Authenticator<User>[],
): Unauthenticated {
  const error = failure?.reason
  const problem: ChallengeProblem | undefined =
    error === 'invalid_request' || error === 'invalid_token' ? { error } : undefined
  const challenges = authenticators.flatMap(
    (authenticator) =>
      authenticator.challenge?.(realm, authenticator === decidedBy ? problem : undefined) ?? [],
  )
  const { status = 401, retryAfterSeconds } = failure ?? {}
  const headers: Record<string, string> = retryAfterSeconds
    ? { 'retry-after': String(retryAfterSeconds) }
    : {}
  return { status, code: error ?? 'login_required', headers, challenges }
}

/** The response to an anonymous request: the way to the login page, if there is one for this client, otherwise a denial. */
function toLogin(
  { deny, origin }: Pick<RequirementParts<UserLike>, 'deny' | 'origin'>,
  asked: Asked,
  { status, code, headers, challenges }: Unauthenticated,
  redirectTo: string | undefined,
  wanted: Page | undefined,
): MaybePromise<Response> {
  const { request, page } = asked
  if (redirectTo === undefined) return deny(request, status, code, headers, challenges)
  const found = { request, wanted: wanted ?? page ?? new URL(request.url), origin }
  const way = wayToLogin(redirectTo, { ...found, isNavigation: isNavigation(asked) })
  if (way?.status === 303)
    return new Response(null, { status: 303, headers: { ...NO_STORE, ...way.headers } })
  return deny(request, way?.status ?? status, code, { ...headers, ...way?.headers }, challenges)
}

const NO_STORE = { 'cache-control': 'no-store' }
