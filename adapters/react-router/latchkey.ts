import {
  type ErrorHandler,
  handleRequest,
  LatchkeyError,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import { type AuthOrFactory, resolveAuth } from 'latchkey/adapter'
import { requireUser } from './require-user.ts'
import type { RouterArgs, RouterContext, RouterContextKey } from './router-types.ts'

export interface ReactRouterOptions<Env> {
  /** What `auth` is made from, where it is a function: Workers' `env`, out of the context. Default: nothing. */
  readonly env?: (args: RouterArgs) => Env
  /** The client's address as the socket says, which your server has put into the context. Default: unknown. */
  readonly address?: (args: RouterArgs) => string | undefined
  /** Told of an engine that broke. Default: `console.error`, without the cause. */
  readonly onError?: ErrorHandler
}

/** A middleware of React Router, for `root.tsx`; and what loaders and actions ask. */
export interface ReactRouterAuth<User extends UserLike, Devices = unknown> {
  (args: RouterArgs, next: () => Promise<Response>): Promise<Response>
  /** Login and logout for the request of a loader, an action or a middleware further down. */
  of(context: Readonly<RouterContext>): RequestAuth<User, Devices>
  /**
   * The user. Where there is none, throws the answer: 401, or a redirect to the login page where one is named and
   * JSON is not asked for; with a broken engine behind it 503.
   */
  requireUser(args: RouterArgs, options?: RequireUserOptions): Promise<User>
}

/**
 * Login and logout for React Router in framework mode:
 *
 *     const login = latchkey(auth)
 *     export const middleware = [login]                                     // app/root.tsx
 *     const user = await login.requireUser(args, { redirectTo: '/login' })  // a loader or an action
 *
 * Refuses requests forged by other sites, and saves the session before the response leaves: a document, its data, a
 * redirect or a resource. Of a request that ends in an error page (5xx) only a logout is kept.
 *
 * With a function in place of `auth`, it is called with what the option `env` gives, once per environment.
 */
export function latchkey<User extends UserLike, Env = undefined, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  { env, address, onError }: ReactRouterOptions<Env> = {},
): ReactRouterAuth<User, Devices> {
  const authOf = resolveAuth(source)
  const key: RouterContextKey<RequestAuth<User, Devices> | null> = { defaultValue: null }

  const of = (context: Readonly<RouterContext>): RequestAuth<User, Devices> => {
    const current = context.get(key)
    if (current) return current
    throw new LatchkeyError(
      'misuse',
      'latchkey() has not seen this request: `export const middleware = [login]` in app/root.tsx.',
    )
  }
  const middleware = async (args: RouterArgs, next: () => Promise<Response>): Promise<Response> => {
    const { context, request } = args
    // On a route below the root as well: one session per request all the same.
    if (context.get(key)) return next()
    const handle = (current: RequestAuth<User, Devices>): Promise<Response> => {
      context.set(key, current)
      return next()
    }
    const options = { address: address?.(args), dataSuffix: '.data', onError }
    return handleRequest(authOf(env?.(args) as Env), request, handle, options)
  }
  return Object.assign(middleware, {
    of,
    requireUser: (args: RouterArgs, options: RequireUserOptions = {}) =>
      requireUser(of(args.context), args, { ...options, onError }),
  })
}
