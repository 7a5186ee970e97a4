import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { misconfigured, refuseUnknown } from '../base/options.ts'
import { deniedResponse } from '../http/denied-response.ts'
import { isSamePath, type PathRuleOptions, PathRules, pageOf } from '../http/path-rules.ts'
import type { UserLike } from '../user/user.ts'
import type { AnonymousToken } from '../user/user-token.ts'
import type { AnyUser } from './authenticators/authenticator.ts'
import type { IdentitySettings } from './identity-settings.ts'
import type { LoginContext } from './login-context.ts'
import { requireUser } from './require-user.ts'

/** What becomes of a request for a protected path by nobody. `null`: it goes on, as nobody. */
export type FailureStrategy =
  | 'challenge'
  | 'redirect'
  | 'throw'
  | 'continue'
  | ((request: Request, token: AnonymousToken) => MaybePromise<Response | null | undefined>)

export interface ProtectPathsOptions extends PathRuleOptions {
  /**
   * - `challenge` 401 with every challenge; the default
   * - `redirect` a browser to `redirectTo` by 303, who asks for JSON is told 401; the default with `redirectTo`
   * - `throw` a LatchkeyError `login_required`, for the app's own handler of errors
   * - `continue` as nobody: the handler asks
   * - a function that answers, or not
   */
  readonly onFailure?: FailureStrategy
  /** The login page, a path, exempt itself; or a page elsewhere. */
  readonly redirectTo?: string
}

/** What an adapter knows of a path beyond the request. */
export interface RoutedPath {
  /** The path as it came over the wire, where the router is given that. Default: that of the request. */
  readonly target?: string | undefined
  /** What the framework puts behind a path to ask for the page's data: `.data`. Default: it does not. */
  readonly dataSuffix?: string | undefined
}

/** The `protect` option of `createAuth`: `null` for a request that may go on, otherwise the answer. */
export type PathProtection<User extends UserLike> = (
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  routed?: RoutedPath,
) => MaybePromise<Response | null>

const STRATEGIES: readonly unknown[] = ['challenge', 'redirect', 'throw', 'continue']

/**
 * Requires a user by path, before any handler is asked: a net below `requireUser`, which belongs into the handler.
 * With no `include` everything is protected, and `exclude` names what is public. It lifts the requirement alone: a
 * user who is known is known there as well. Paths that have no one meaning are answered 400.
 *
 * @throws LatchkeyError `invalid_configuration` for rules and strategies that contradict each other.
 */
export function protectPaths<User extends UserLike = AnyUser>(
  options: ProtectPathsOptions = {},
): PathProtection<User> {
  const { include, exclude, ignoreCase, redirectTo, ...rest } = options
  const { onFailure = redirectTo === undefined ? 'challenge' : 'redirect', ...unknown } = rest
  refuseUnknown(unknown)
  if (!STRATEGIES.includes(onFailure) && typeof onFailure !== 'function')
    misconfigured('`onFailure` is "challenge", "redirect", "throw", "continue" or a function.')
  if ((onFailure === 'redirect') !== (redirectTo !== undefined))
    misconfigured('`onFailure: "redirect"` and `redirectTo` go together.')
  if (redirectTo !== undefined && !/^(\/(?![/\\])|https?:\/\/)[^#]*$/.test(redirectTo))
    misconfigured(
      '`redirectTo` is a path such as "/login", or an address that begins with https://; without "#".',
    )
  const rules = new PathRules({
    ...(include ? { include } : {}),
    ...(exclude ? { exclude } : {}),
    ...(ignoreCase ? { ignoreCase } : {}),
  })
  return (settings, context, { target, dataSuffix } = {}) => {
    const { request } = context
    const { pathname, host, searchParams, search } = new URL(request.url)
    const page = pageOf(pathname, dataSuffix)
    const login = redirectTo === undefined ? undefined : new URL(redirectTo, request.url)
    // Not every server resolves a target, nor every router: of `/admin/../x` the rules would judge one path, and the
    // other one be served.
    const asked = target ?? /^[a-z][^:]*:\/\/[^/?#]*([^?#]*)/i.exec(request.url)?.[1] ?? ''
    const isProtected = isSamePath(asked || '/', pathname) ? rules.isProtected(pathname, page) : null
    if (isProtected === null) return deniedResponse(request, 400, 'bad_request')
    if (!isProtected || onFailure === 'continue') return null
    // The login page itself, or a browser would be sent there for ever.
    if (page === login?.pathname && host === login.host) return null
    return andThen(
      requireUser(
        settings,
        context,
        { redirectTo },
        { pathname: page, search: page === pathname ? search : pageSearch(searchParams) },
      ),
      (answer) => {
        if (answer === null || onFailure === 'challenge' || onFailure === 'redirect') return answer
        if (onFailure === 'throw') throw new LatchkeyError('login_required', 'This page is for users alone.')
        return andThen(onFailure(request, context.token as AnonymousToken), (own) => own ?? null)
      },
    )
  }
}

/** The query of a page, without what the framework adds to it when it asks for the page's data. */
function pageSearch(parameters: URLSearchParams): string {
  parameters.delete('_routes')
  return parameters.size === 0 ? '' : `?${parameters}`
}
