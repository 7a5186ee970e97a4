import {
  type ErrorHandler,
  handleRequest,
  LatchkeyError,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import { type AuthOrFactory, resolveAuth } from 'latchkey/adapter'
import { type RemixContext, requireUser } from './require-user.ts'

export interface RemixOptions<Env> {
  /** What `auth` is made from, where it is a function: Workers' `env`, for one. Default: nothing. */
  readonly env?: (context: RemixContext) => Env
  /** The client's address as the socket says. Default: unknown. */
  readonly address?: (context: RemixContext) => string | undefined
  /** Told of what a handler threw. Default: `console.error`, and a page that says nothing. */
  readonly onError?: ErrorHandler
}

/** A middleware of Remix's router; and what the handlers behind it ask. */
export interface RemixAuth<User extends UserLike, Devices = unknown> {
  (context: RemixContext, next: () => Promise<Response>): Promise<Response>
  /** Login and logout for a request that has passed the middleware. */
  of(context: RemixContext): RequestAuth<User, Devices>
  /**
   * The user. Where there is none, throws the answer: 401, or a redirect to the login page where one is named and
   * JSON is not asked for.
   */
  requireUser(context: RemixContext, options?: RequireUserOptions): Promise<User>
}

/**
 * Login and logout for the router of Remix 3:
 *
 *     const login = latchkey(auth)
 *     const router = createRouter({ middleware: [login] })
 *     router.get('/app', async (context) => {
 *       const user = await login.requireUser(context, { redirectTo: '/login' })
 *
 * Refuses requests forged by other sites, and saves the session before the response leaves. A thrown response is an
 * answer; of a handler that throws anything else, or answers 5xx, only a logout is kept.
 *
 * With a function in place of `auth`, it is called with what the option `env` gives, once per environment.
 */
export function latchkey<User extends UserLike, Env = undefined, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  { env, address, onError }: RemixOptions<Env> = {},
): RemixAuth<User, Devices> {
  const authOf = resolveAuth(source)
  const known = new WeakMap<RemixContext, RequestAuth<User, Devices>>()

  const of = (context: RemixContext): RequestAuth<User, Devices> => {
    const current = known.get(context)
    if (current) return current
    throw new LatchkeyError(
      'misuse',
      'latchkey() has not seen this request: `createRouter({ middleware: [login] })`.',
    )
  }
  const middleware = async (context: RemixContext, next: () => Promise<Response>): Promise<Response> => {
    // On a route as well as on the router: one session per request all the same.
    if (known.has(context)) return next()
    const handle = (current: RequestAuth<User, Devices>): Promise<Response> => {
      known.set(context, current)
      return next()
    }
    return handleRequest(authOf(env?.(context) as Env), context.request, handle, {
      address: address?.(context),
      onError,
    })
  }
  return Object.assign(middleware, {
    of,
    requireUser: (context: RemixContext, options: RequireUserOptions = {}) =>
      requireUser(of(context), context, options),
  })
}
