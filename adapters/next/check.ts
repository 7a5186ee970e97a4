import type { Auth, AuthenticatedToken, RequireUserOptions, UserLike, UserToken } from 'latchkey'
import type { NextOptions } from './next-options.ts'
import { openedForReading, seenRequest } from './seen-request.ts'

/** The subset of the request in `proxy.ts` (`NextRequest`) that we use. */
export interface ProxyRequest extends Request {
  /** The requested URL, with and without the app's `basePath`. */
  readonly nextUrl: ProxyUrl
}

/** A URL whose `href` includes the app's `basePath` and whose `pathname` does not. */
interface ProxyUrl {
  readonly href: string
  pathname: string
  search: string
  clone(): ProxyUrl
}

/** The options of `requireUser`. `redirectTo` is a path of the app, without its `basePath`. */
export type CheckOptions = RequireUserOptions

/**
 * The result of `check`: the token of the user, or the response to send instead and the token that was
 * denied.
 */
export type Check<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  | { readonly ok: false; readonly token: UserToken<User>; readonly response: Response }

export async function check<User extends UserLike, Devices>(
  auth: Auth<User, Devices>,
  request: ProxyRequest,
  options: CheckOptions,
  { address }: NextOptions,
): Promise<Check<User>> {
  const { method, headers, nextUrl } = request
  const path = nextUrl.pathname + nextUrl.search
  // Read only, whatever the method: what changes anything is opened again, and checked, behind the proxy.
  const seen = seenRequest({ method: method === 'OPTIONS' ? method : 'GET', headers, path })
  const visit = await openedForReading(auth, seen, address)
  const isRead = method === 'GET' || method === 'HEAD'
  const response = await visit.auth.requireUser(options, isRead ? nextUrl : NOWHERE)
  const { token } = visit.auth
  if (!response && token.isAuthenticated) return { ok: true, token }
  return { ok: false, token, response: withBasePath(response as Response, nextUrl) }
}

/** After a form that was sent there is no page to come back to. */
const NOWHERE = { pathname: '', search: '' }

/** The headers that lead a client to the login page. */
const LOCATIONS = ['location', 'hx-redirect', 'x-inertia-location']

/** Makes the login page's path the whole address that Next needs, with the app's `basePath`. */
function withBasePath(response: Response, nextUrl: ProxyUrl): Response {
  for (const name of LOCATIONS) {
    const path = response.headers.get(name)
    if (!path?.startsWith('/')) continue
    const target = nextUrl.clone()
    const { pathname, search } = new URL(path, target.href)
    Object.assign(target, { pathname, search })
    response.headers.set(name, target.href)
  }
  return response
}
