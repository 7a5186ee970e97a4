import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { deniedResponse, loginRequired } from '../http/denied-response.ts'
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
   * The login page that browsers are redirected to, with the wanted page as `next`. Default: no redirect, the
   * response is 401.
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

/** The requested path, if a framework knows it better than the request. */
type Wanted = Pick<URL, 'pathname' | 'search'>

/**
 * Returns `null` if the request may pass, otherwise the response: 401 with every challenge, 303 to the login
 * page, or 403.
 */
export function requireUser<User extends UserLike>(
  identity: Identity<User>,
  context: LoginContext<User>,
  options: RequireUserOptions = {},
  wanted?: Wanted,
  request: Request = context.request,
): MaybePromise<Response | null> {
  const { by, scopes, notImpersonating } = options
  const authenticators = by ?? identity.authenticators
  return andThen(by ? tokenBy(identity, context, by, request) : authenticate(identity, context), (token) => {
    if (!token.isAuthenticated) {
      // A WebSocket client does not follow redirects.
      const redirectTo = request.headers.has('upgrade') ? undefined : options.redirectTo
      return unauthenticated(identity.realm, request, context, authenticators, redirectTo, wanted)
    }
    if (notImpersonating && token.state === 'impersonator')
      return deniedResponse(request, 403, 'impersonating')
    if (!scopes || scopes.every((scope) => token.has(scope))) return null
    const problem = { error: 'insufficient_scope', scopes: scopes.filter(isScope) } as const
    // Only if a credential was sent: a challenge means nothing to a session.
    const header = context.decidedBy?.challenge?.(identity.realm, problem)
    return deniedResponse(request, 403, 'insufficient_scope', header ? { 'www-authenticate': header } : {})
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

function unauthenticated<User extends UserLike>(
  realm: string,
  request: Request,
  { decidedBy, failure }: LoginContext<User>,
  authenticators: readonly Authenticator<User>[],
  redirectTo: string | undefined,
  wanted: Wanted | undefined,
): Response {
  const error = failure?.reason
  const problem: ChallengeProblem | undefined =
    error === 'invalid_request' || error === 'invalid_token' ? { error } : undefined
  const challenges = authenticators.flatMap(
    (authenticator) =>
      authenticator.challenge?.(realm, authenticator === decidedBy ? problem : undefined) ?? [],
  )
  const headers: Record<string, string> = {}
  if (challenges.length > 0) headers['www-authenticate'] = challenges.join(', ')
  if (failure?.retryAfterSeconds) headers['retry-after'] = String(failure.retryAfterSeconds)
  const answer = { status: failure?.status ?? 401, code: error ?? 'login_required', headers }
  return loginRequired(request, { redirectTo, ...answer }, wanted)
}
