import type { Auth, MaybePromise, RequestAuth, UserLike } from 'latchkey'
import { refuseUnknown, resolveAuth } from 'latchkey/adapter'
import { action } from './action.ts'
import { type Check, type CheckOptions, check, type ProxyRequest } from './check.ts'
import type { NextOptions } from './next-options.ts'
import { type RouteHandler, route } from './route.ts'
import { currentRequest, openedForReading } from './seen-request.ts'
import { type Visitor, visitorOf } from './visitor.ts'

/** Login and logout for each place where Next runs your code: what `latchkey(auth)` returns. */
export interface NextAuth<User extends UserLike, Devices = unknown> {
  /**
   * Wraps a route handler with login and logout:
   *
   *     export const POST = auth.route(async (request, { auth: current, params }) => …)
   *
   * Rejects requests forged by other sites, and saves the session before the response leaves.
   */
  route<Params = unknown, Incoming extends Request = Request>(
    handler: RouteHandler<User, Params, Devices, Incoming>,
  ): (request: Incoming, context: { readonly params: Promise<Params> }) => Promise<Response>

  /**
   * Wraps a Server Action with login and logout, for a file with `'use server'`:
   *
   *     export const logIn = auth.action(async (current, form: FormData) => …)
   *
   * `redirect()` and `notFound()` save the session as a return does. If an action throws any other error, its
   * session changes are discarded, except a logout.
   *
   * @throws LatchkeyError `cross_origin_refused` from the action, if another site called it.
   */
  action<Args extends unknown[], Result>(
    run: (auth: RequestAuth<User, Devices>, ...args: Args) => MaybePromise<Result>,
  ): (...args: Args) => Promise<Result>

  /**
   * The user and session that a page is rendered for, in a Server Component. It is read only and never renews
   * the session. The user is looked up once per request, however many components call this. The page is then
   * rendered for each request.
   *
   * @throws LatchkeyError `misuse` where Next renders one response for all visitors.
   */
  current(): Promise<Visitor<User, Devices>>

  /**
   * An early check in `proxy.ts`: returns the user's token, or the response to send instead. It neither saves
   * nor renews the session. Never make it the only check, since a matcher can skip the proxy: check again
   * where the data is read.
   */
  check(request: ProxyRequest, options?: CheckOptions): Promise<Check<User>>
}

/**
 * Login and logout for the App Router of Next:
 *
 *     export const auth = latchkey(createAuth({ … }))
 *
 * `source` may be a function instead: it is called once, at the first request, and not while `next
 * build` loads the app.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: Auth<User, Devices> | (() => Auth<User, Devices>),
  options: NextOptions = {},
): NextAuth<User, Devices> {
  const { address: _, onError: __, ...unknown } = options
  refuseUnknown(unknown)
  const authOf = resolveAuth<User, void, Devices>(source)
  return {
    route: (handler) => (request, context) => route(authOf(), handler, options, request, context.params),
    action:
      (run) =>
      (...args) =>
        action(authOf(), (auth) => run(auth, ...args), options),
    check: (request, given = {}) => check(authOf(), request, given, options),
    async current() {
      const { request, key } = await currentRequest('GET')
      return visitorOf((await openedForReading(authOf(), request, options.address, key)).auth)
    },
  }
}
