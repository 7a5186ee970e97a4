import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { misconfigured, refuseUnknown } from '../base/options.ts'
import { deniedResponse } from '../http/denied-response.ts'
import { isSamePath, type PathRuleOptions, PathRules } from '../http/path-rules.ts'
import type { AnonymousToken, UserToken } from '../user/user-token.ts'
import type { AnyUser } from './authenticators/authenticator.ts'
import type { RequireUserOptions } from './require-user.ts'

/**
 * What to do with an unauthenticated request for a protected path; see `onFailure` of
 * {@link ProtectPathsOptions}.
 */
export type FailureStrategy =
  | 'challenge'
  | 'redirect'
  | 'throw'
  | 'continue'
  | ((request: Request, token: AnonymousToken) => MaybePromise<Response | null | undefined>)

/** Options of {@link protectPaths}. */
export interface ProtectPathsOptions extends PathRuleOptions {
  /**
   * What to do with an unauthenticated request for a protected path. Default `challenge`, or `redirect` if
   * `redirectTo` is set.
   *
   * - `challenge` responds with 401 and every challenge
   * - `redirect` sends browsers to `redirectTo` (303), and responds with 401 to clients that ask for JSON
   * - `throw` throws a LatchkeyError `login_required`, for the app's own error handler
   * - `continue` lets the request through as anonymous: the handler must check
   * - a function returns the response, or `null` to let the request through as anonymous
   */
  readonly onFailure?: FailureStrategy
  /** The login page: a path, which is never protected itself, or a page elsewhere. Default none. */
  readonly redirectTo?: string
}

/** A page by its path and query. */
export type Page = Pick<URL, 'pathname' | 'search'>

/** The request whose path is judged. */
export interface PathRequest {
  /** The request itself. */
  readonly request: Request
  /** The path as it came over the wire, if the router sees that. Default: the path of the request. */
  readonly target?: string | undefined
  /** The page that the framework's router takes the request for, if it requests the data of one. Default: its URL. */
  readonly page?: Page | undefined
}

/** The request's `auth`, as a path rule sees it. */
export interface PathVisitor {
  /** The identity, once `requireUser` has determined it. */
  readonly token: UserToken<AnyUser>
  /** Returns `null` if the request may pass, otherwise the response. */
  requireUser(options?: RequireUserOptions, wanted?: Page): MaybePromise<Response | null>
}

/**
 * The `protect` option of `createAuth`, as `protectPaths()` returns it. Returns `null` if the request may go
 * on, otherwise the response.
 */
export type PathProtection = (visitor: PathVisitor, path: PathRequest) => MaybePromise<Response | null>

const STRATEGIES: readonly unknown[] = ['challenge', 'redirect', 'throw', 'continue']

/**
 * Requires a user by path, before any handler runs. It is a safety net below `requireUser`, which belongs in
 * the handler.
 *
 * Without `include` everything is protected, and `exclude` names what is public. `exclude` only lifts the
 * requirement: a logged-in user is known there as well. Ambiguous paths get a 400.
 *
 * @throws LatchkeyError `invalid_configuration` for rules and strategies that contradict each other.
 */
export function protectPaths(options: ProtectPathsOptions = {}): PathProtection {
  const { include, exclude, ignoreCase, redirectTo, ...rest } = options
  const { onFailure = redirectTo === undefined ? 'challenge' : 'redirect', ...unknown } = rest
  refuseUnknown(unknown)
  if (!STRATEGIES.includes(onFailure) && typeof onFailure !== 'function')
    misconfigured(`\`onFailure\` must be a function or one of ${STRATEGIES}.`)
  if ((onFailure === 'redirect') !== (redirectTo !== undefined))
    misconfigured('`onFailure: "redirect"` and `redirectTo` go together.')
  if (redirectTo !== undefined && !/^(\/(?![/\\])|https?:\/\/)[^#]*$/.test(redirectTo))
    misconfigured('`redirectTo` must be a path such as "/login", or an https:// URL, without "#".')
  const rules = new PathRules({ include, exclude, ignoreCase })
  return (visitor, { request, target, page }) => {
    const url = new URL(request.url)
    const { pathname, host } = url
    const wanted = page ?? url
    const login = redirectTo === undefined ? undefined : new URL(redirectTo, request.url)
    // Not every server or router resolves dots: of `/admin/../x` the rules would judge one path, and the
    // other one would be served.
    const asked = target ?? /^[a-z][^:]*:\/\/[^/?#]*([^?#]*)/i.exec(request.url)?.[1] ?? ''
    const isProtected = isSamePath(asked || '/', pathname)
      ? rules.isProtected(pathname, wanted.pathname)
      : null
    if (isProtected === null) return deniedResponse(request, 400, 'bad_request')
    if (!isProtected || onFailure === 'continue') return null
    // The login page itself is exempt, or browsers would be redirected to it forever.
    if (wanted.pathname === login?.pathname && host === login.host) return null
    return andThen(visitor.requireUser({ redirectTo }, wanted), (answer) => {
      if (answer && onFailure === 'throw')
        throw new LatchkeyError('login_required', 'This path requires a user.')
      if (!answer || typeof onFailure !== 'function') return answer
      return andThen(onFailure(request, visitor.token as AnonymousToken), (own) => own ?? null)
    })
  }
}
