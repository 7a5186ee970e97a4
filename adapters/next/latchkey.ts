import type { Auth, MaybePromise, RequestAuth, UserLike } from 'latchkey'
import { action } from './action.ts'
import { type Check, type CheckOptions, check, type ProxyRequest } from './check.ts'
import type { CookieJar } from './cookie-jar.ts'
import type { NextOptions } from './next-options.ts'
import { type RouteHandler, route } from './route.ts'
import { currentRequest } from './seen-request.ts'
import { type Visitor, visitorOf } from './visitor.ts'

export interface NextAuth<User extends UserLike, Devices = unknown> {
  /**
   * A route handler with login and logout:
   *
   *     export const POST = login.route(async (request, { auth, params }) => …)
   *
   * Refuses requests forged by other sites, and saves the session before the response leaves.
   */
  route<Params = unknown, Incoming extends Request = Request>(
    handler: RouteHandler<User, Params, Devices, Incoming>,
  ): (request: Incoming, context: { readonly params: Promise<Params> }) => Promise<Response>

  /**
   * A Server Action with login and logout, for a file with `'use server'`:
   *
   *     export const logIn = login.action(async (auth, form: FormData) => …)
   *
   * After `redirect()` or `notFound()` the session is saved as after a return; of an action that throws anything else
   * only a logout survives. A call from another site is refused by a LatchkeyError `cross_origin_refused`.
   */
  action<Args extends unknown[], Result>(
    run: (auth: RequestAuth<User, Devices>, ...args: Args) => MaybePromise<Result>,
  ): (...args: Args) => Promise<Result>

  /**
   * Who a page is rendered for, in a Server Component: reads alone, and never renews the session. Asked once per
   * request, however many components ask. The page is then made anew for each request.
   */
  current(): Promise<Visitor<User>>

  /**
   * An early look in `proxy.ts`: who it is, or the response for whoever is nobody. Never the only check, since a proxy
   * can be left out by a matcher; ask again where the data is. Neither saves nor renews the session.
   */
  check(request: ProxyRequest, options?: CheckOptions): Promise<Check<User>>
}

/**
 * Login and logout for the App Router of Next:
 *
 *     export const login = latchkey(auth)
 *
 * With a function in place of `auth`, it is called at each request, and not while `next build` loads the app.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: Auth<User, Devices> | (() => Auth<User, Devices>),
  options: NextOptions = {},
): NextAuth<User, Devices> {
  const authOf = typeof source === 'function' ? source : () => source
  /** By the cookies of a request, which Next keeps for as long as nothing sets one. */
  const visitors = new WeakMap<CookieJar, Promise<Visitor<User>>>()
  return {
    route: (handler) => (request, context) => route(authOf(), handler, options, request, context.params),
    action:
      (run) =>
      (...args) =>
        action(authOf(), (auth) => run(auth, ...args), options),
    check: (request, given = {}) => check(authOf(), request, given, options),
    async current() {
      const { request, jar } = await currentRequest('GET')
      let visitor = visitors.get(jar)
      if (!visitor) {
        visitor = visitorOf(authOf().begin(request, options.address?.(request)))
        visitors.set(jar, visitor)
      }
      return visitor
    },
  }
}
