import {
  type AnonymousToken,
  type Auth,
  type AuthenticatedToken,
  refusal,
  type UserLike,
  wantsJson,
} from 'latchkey'
import type { NextOptions } from './latchkey.ts'
import { seenRequest } from './seen-request.ts'

/** What is used of the request that a proxy gets. */
export interface ProxyRequest extends Request {
  readonly nextUrl: ProxyUrl
}

/** A URL without the app's `basePath` in its `pathname`, and with it in its `href`. */
interface ProxyUrl {
  readonly href: string
  pathname: string
  search: string
  clone(): ProxyUrl
}

export interface CheckOptions {
  /** Where a browser is sent to log in, with the page it wanted as `next`. Default: nowhere, it is told 401. */
  readonly redirectTo?: string
}

/** Who it is; or the response for whoever is nobody. */
export type Check<User extends UserLike> =
  | { readonly ok: true; readonly token: AuthenticatedToken<User> }
  | { readonly ok: false; readonly token: AnonymousToken; readonly response: Response }

export async function check<User extends UserLike, Devices>(
  auth: Auth<User, Devices>,
  request: ProxyRequest,
  { redirectTo }: CheckOptions,
  { address }: NextOptions,
): Promise<Check<User>> {
  const { method, headers } = request
  const seen = seenRequest({ method, headers })
  const token = await auth.begin(seen, address?.(seen)).authenticate()
  if (token.isAuthenticated) return { ok: true, token }
  const response =
    redirectTo === undefined || wantsJson(seen)
      ? refusal(seen, 401, 'login_required')
      : toLogin(redirectTo, method, request.nextUrl)
  return { ok: false, token, response }
}

function toLogin(redirectTo: string, method: string, wanted: ProxyUrl): Response {
  const target = wanted.clone()
  target.pathname = redirectTo
  const next = wanted.pathname + wanted.search
  target.search = method === 'GET' ? new URLSearchParams({ next }).toString() : ''
  return new Response(null, { status: 303, headers: { location: target.href } })
}
