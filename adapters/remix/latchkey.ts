import {
  type ErrorHandler,
  handleRequest,
  LatchkeyError,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import { type AuthOrFactory, refuseUnknown, resolveAuth } from 'latchkey/adapter'
import { type RemixContext, requireUser } from './require-user.ts'

/** The options of `latchkey`. */
export interface RemixOptions<Env> {
  /**
   * Returns the argument for `source`, if that is a function, such as Workers' `env`. Default: `undefined`.
   */
  readonly env?: (context: RemixContext) => Env
  /** Returns the client's address as the socket reports it. Default: unknown. */
  readonly address?: (context: RemixContext) => string | undefined
  /**
   * Called with what a handler threw; may return the response. Default: logs to `console.error`, and responds
   * without details: 503 for a broken backend, otherwise 500.
   */
  readonly onError?: ErrorHandler
}

/** The middleware for Remix's router that `latchkey(auth)` returns, with what handlers call. */
export interface RemixAuth<User extends UserLike, Devices = unknown> {
  (context: RemixContext, next: () => Promise<Response>): Promise<Response>
  /**
   * Login and logout for a request that has passed the middleware.
   *
   * @throws LatchkeyError `misuse` if the middleware has not run on this request.
   */
  of(context: RemixContext): RequestAuth<User, Devices>
  /**
   * Returns the user. For a request that is denied it throws the response, which the middleware sends: 401,
   * 403, or, with `redirectTo` and for a navigation, a redirect to the login page.
   */
  requireUser(context: RemixContext, options?: RequireUserOptions): Promise<User>
}

/**
 * Login and logout for the router of Remix 3:
 *
 *     const auth = latchkey(createAuth({ … }))
 *     const router = createRouter({ middleware: [auth] })
 *     router.get('/app', async (context) => {
 *       const user = await auth.requireUser(context, { redirectTo: '/login' })
 *
 * Rejects requests forged by other sites, and saves the session before the response leaves. A thrown
 * `Response` is sent like a returned one. If a handler throws anything else, or responds 5xx, its session
 * changes are discarded, except a logout.
 *
 * `source` may be a function instead: it is called with what the option `env` returns, once per environment.
 */
export function latchkey<User extends UserLike, Env = undefined, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  { env, address, onError, ...unknown }: RemixOptions<Env> = {},
): RemixAuth<User, Devices> {
  refuseUnknown(unknown)
  const authOf = resolveAuth(source)
  const known = new WeakMap<RemixContext, RequestAuth<User, Devices>>()

  const of = (context: RemixContext): RequestAuth<User, Devices> => {
    const current = known.get(context)
    if (current) return current
    throw new LatchkeyError(
      'misuse',
      'latchkey() has not run on this request: call `createRouter({ middleware: [auth] })`.',
    )
  }
  const middleware = (context: RemixContext, next: () => Promise<Response>): Promise<Response> => {
    const handle = (auth: RequestAuth<User, Devices>): Promise<Response> => {
      known.set(context, auth)
      return next()
    }
    const options = { address: address?.(context), onError }
    return handleRequest(authOf(env?.(context) as Env), context.request, handle, options)
  }
  return Object.assign(middleware, {
    of,
    requireUser: (context: RemixContext, options: RequireUserOptions = {}) =>
      requireUser(of(context), context, options),
  })
}
