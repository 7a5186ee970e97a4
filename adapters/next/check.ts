import type { Auth, AuthenticatedToken, RequireUserOptions, UserLike, UserToken } from 'latchkey'
import { wantsJson } from 'latchkey/adapter'
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
  { redirectTo, ...options }: CheckOptions,
  { address }: NextOptions,
): Promise<Check<User>> {
  const { method, headers } = request
  // Read only, whatever the method: what changes anything is opened again, and checked, behind the proxy.
  const visit = await openedForReading(auth, seenRequest({ method: 'GET', headers }), address)
  const refused = await visit.auth.requireUser(options)
  const { token } = visit.auth
  if (token.isAuthenticated) return refused ? { ok: false, token, response: refused } : { ok: true, token }
  const isSent = redirectTo !== undefined && !wantsJson(request)
  const response = isSent ? toLogin(redirectTo, method, request.nextUrl) : (refused as Response)
  return { ok: false, token, response }
}

function toLogin(redirectTo: string, method: string, wanted: ProxyUrl): Response {
  const target = wanted.clone()
  target.pathname = redirectTo
  const next = wanted.pathname + wanted.search
  const isRead = method === 'GET' || method === 'HEAD'
  target.search = isRead ? new URLSearchParams({ next }).toString() : ''
  return new Response(null, { status: 303, headers: { location: target.href } })
}
