import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { misconfigured, refuseUnknown } from '../base/options.ts'
import { isPreflight, type Page } from '../http/navigation.ts'
import { isDataOf, type PathRuleOptions, PathRules } from '../http/path-rules.ts'
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
   * - `redirect` sends navigations to `redirectTo` (303), and responds with 401 to everything else
   * - `throw` throws a LatchkeyError `login_required`, for the app's own error handler
   * - `continue` lets the request through as anonymous: the handler must check
   * - a function returns the response, or `null` to let the request through as anonymous
   *
   * A CORS preflight never carries a credential. It gets 204 without any CORS header, which allows nothing, unless
   * `continue` lets it through: mount `cors()` in front of latchkey.
   */
  readonly onFailure?: FailureStrategy
  /**
   * The login page: a path, which no rule of this auth protects if it is spelled just so, or a page elsewhere. (A whole
   * address is one of ours if it begins with the `origin` of `createAuth`.) Default none.
   */
  readonly redirectTo?: string
  /**
   * The user must have all of these scopes (others call them roles or permissions); otherwise 403
   * `insufficient_scope`. Default none.
   */
  readonly scopes?: readonly string[]
}

/** The request whose path is judged. */
export interface PathRequest {
  /** The request itself. */
  readonly request: Request
  /** The path as it came over the wire, if the router sees that. Default: the path of the request. */
  readonly target?: string | undefined
  /** The path that the router matches, if the app has rewritten the one that came. Default: it has not. */
  readonly rewritten?: string | undefined
  /** The page that the framework's router takes the request for, if it requests the data of one. Default: its URL. */
  readonly page?: Page | undefined
  /** The paths of the login pages that the rules of this auth redirect to, which no rule protects. Default none. */
  readonly loginPages?: readonly string[] | undefined
}

/** The request's `auth`, as a path rule sees it. */
export interface PathVisitor {
  /** The identity, once `requireUser` has determined it. */
  readonly token: UserToken<AnyUser>
  /** Returns `null` if the request may pass, otherwise the response. */
  requireUser(options?: RequireUserOptions, wanted?: Page): MaybePromise<Response | null>
  /** Returns the response to a denied request, as the option `deniedResponse` shapes it. */
  deny(status: number, code: string): MaybePromise<Response>
}

/** The `protect` option of `createAuth`, as `protectPaths()` returns it. */
export interface PathProtection {
  /** Returns `null` if the request may go on, otherwise the response. */
  (visitor: PathVisitor, path: PathRequest): MaybePromise<Response | null>
  /** The login page that it redirects to. No rule of the same auth protects that page. */
  readonly redirectTo?: string | undefined
}

/** Stands for the app's own origin in `redirectTo`. */
const HERE = 'http://here.invalid'
const STRATEGIES: readonly unknown[] = ['challenge', 'redirect', 'throw', 'continue']

/**
 * Requires a user by path, before any handler runs. It is a safety net below `requireUser`, which belongs in
 * the handler.
 *
 * Without `include` everything is protected, and `exclude` names what is public. `exclude` only lifts the
 * requirement: a logged-in user is known there as well. `include` is a convenience, and fails closed: what a router might
 * take for an included path is protected. Ambiguous paths get a 400.
 *
 * `createAuth` takes a list as well: `protect: [protectPaths({ … }), protectPaths({ … })]`. The rules are asked in order,
 * and the first one that responds wins.
 *
 * @throws LatchkeyError `invalid_configuration` for rules and strategies that contradict each other.
 */
export function protectPaths(options: ProtectPathsOptions = {}): PathProtection {
  const { include, exclude, redirectTo, scopes, ...rest } = options
  const { onFailure = redirectTo === undefined ? 'challenge' : 'redirect', ...unknown } = rest
  refuseUnknown(unknown)
  if (!STRATEGIES.includes(onFailure) && typeof onFailure !== 'function')
    misconfigured(`\`onFailure\` must be a function or one of ${STRATEGIES}.`)
  if ((onFailure === 'redirect') !== (redirectTo !== undefined))
    misconfigured('`onFailure: "redirect"` and `redirectTo` go together.')
  if (redirectTo !== undefined && !/^(\/(?![/\\])|https?:\/\/)[^#]*$/.test(redirectTo))
    misconfigured('`redirectTo` must be a path such as "/login", or an https:// URL, without "#".')
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.length > 0 && scopes.every(isName)))
    misconfigured('`scopes` must be a list of scopes, such as ["admin"].')
  if (scopes && onFailure === 'continue')
    misconfigured('`scopes` require a user, but `onFailure: "continue"` lets anonymous requests pass.')
  const rules = new PathRules({ include, exclude })
  // Also where the app has wrapped this rule in a function of its own.
  const ownPages = loginPagesOf([{ redirectTo }])
  const rule = (visitor: PathVisitor, path: PathRequest): ReturnType<PathProtection> => {
    const { request, page, loginPages = [] } = path
    const url = new URL(request.url)
    // A login page is exempt, or browsers would be redirected to it forever.
    const isExempt = (routed: string): boolean => [...ownPages, ...loginPages].includes(withoutSlash(routed))
    const verdicts = textsOf(path, url).map(
      ([text, routed]) => rules.isProtected(text, routed) && !isExempt(routed),
    )
    if (verdicts.includes(null)) return visitor.deny(400, 'bad_request')
    if (!verdicts.includes(true) || onFailure === 'continue') return null
    return andThen(visitor.requireUser({ redirectTo, scopes }, page ?? url), (answer) => {
      // The user is known but lacks a scope: 403. A preflight is answered whatever becomes of the request after it.
      if (!answer || visitor.token.isAuthenticated || isPreflight(request)) return answer
      if (onFailure === 'throw') throw new LatchkeyError('login_required', 'This path requires a user.')
      if (typeof onFailure !== 'function') return answer
      return andThen(onFailure(request, visitor.token as AnonymousToken), (own) => own ?? null)
    })
  }
  return Object.assign(rule, { redirectTo })
}

/**
 * The paths of the login pages that these rules redirect to, without a slash at the end. `Host` is the client's: only the
 * configured origin says that a whole address is one of ours.
 */
export function loginPagesOf(
  rules: readonly Pick<PathProtection, 'redirectTo'>[],
  origin?: string,
): readonly string[] {
  return rules.flatMap(({ redirectTo }) => {
    if (redirectTo === undefined) return []
    const login = new URL(redirectTo, HERE)
    return login.origin === HERE || login.origin === origin ? [withoutSlash(login.pathname)] : []
  })
}

/** To every router a slash at the end is the path itself, or a page below it. */
const withoutSlash = (path: string): string => path.replace(/([^/])\/$/, '$1')

const isName = (scope: unknown): boolean => typeof scope === 'string' && scope !== ''

/**
 * The texts that a router may match, each with the page that it takes it for: the one that came, since not every server or
 * router resolves dots (of `/admin/../x` one would judge one path, and the other serve another); the one of the address;
 * the page's own; and the one after a rewrite.
 */
function textsOf(
  { request, target, rewritten, page }: PathRequest,
  { pathname }: URL,
): readonly (readonly [text: string, page: string])[] {
  const came = target ?? /^[a-z][^:]*:\/\/[^/?#]*([^?#]*)/i.exec(request.url)?.[1]
  const texts = new Set([came || '/', pathname, page?.pathname ?? pathname, rewritten ?? pathname])
  return Array.from(texts, (text) => [text, page && isDataOf(text, page.pathname) ? page.pathname : text])
}
