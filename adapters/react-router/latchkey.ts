import {
  type ErrorHandler,
  handleRequest,
  LatchkeyError,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import { type AuthOrFactory, refuseUnknown, resolveAuth } from 'latchkey/adapter'
import { requireUser } from './require-user.ts'
import type { RouterArgs, RouterContext, RouterContextKey } from './router-types.ts'

/** The options of `latchkey`. */
export interface ReactRouterOptions<Env> {
  /**
   * Returns the argument for `source`, if that is a function: Workers' `env`, from the context. Default:
   * `undefined`.
   */
  readonly env?: (args: RouterArgs) => Env
  /** Returns the client's address, which your server has put into the context. Default: unknown. */
  readonly address?: (args: RouterArgs) => string | undefined
  /**
   * Called if a backend fails in the middleware or in `requireUser`; may return the response. Default: logs
   * to `console.error`, without the cause, and responds 503.
   */
  readonly onError?: ErrorHandler
}

/** The middleware for `root.tsx` that `latchkey(auth)` returns, with what loaders and actions call. */
export interface ReactRouterAuth<User extends UserLike, Devices = unknown> {
  (args: RouterArgs, next: () => Promise<Response>): Promise<Response>
  /**
   * Login and logout for the request, in a loader, an action or a middleware further down.
   *
   * @throws LatchkeyError `misuse` if the middleware has not run on this request.
   */
  of(context: Readonly<RouterContext>): RequestAuth<User, Devices>
  /**
   * Returns the user. For a request that is denied it throws the response: 401, 403, or, with `redirectTo` and for a
   * navigation, a redirect to the login page; 503 if a backend fails. A request for the data of a page is a navigation.
   */
  requireUser(args: RouterArgs, options?: RequireUserOptions): Promise<User>
}

/**
 * Login and logout for React Router in framework mode:
 *
 *     export const auth = latchkey(createAuth({ … }))                      // app/auth.server.ts
 *     export const middleware = [auth]                                     // app/root.tsx
 *     const user = await auth.requireUser(args, { redirectTo: '/login' })  // a loader or an action
 *
 * Rejects requests forged by other sites, and saves the session before the response leaves: a document, its
 * data, a redirect or a resource. If the request ends in an error page (5xx), its session changes are
 * discarded, except a logout.
 *
 * `source` may be a function instead: it is called with what the option `env` returns, once per environment.
 */
export function latchkey<User extends UserLike, Env = undefined, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  { env, address, onError, ...unknown }: ReactRouterOptions<Env> = {},
): ReactRouterAuth<User, Devices> {
  refuseUnknown(unknown)
  const authOf = resolveAuth(source)
  const key: RouterContextKey<RequestAuth<User, Devices> | null> = { defaultValue: null }

  const of = (context: Readonly<RouterContext>): RequestAuth<User, Devices> => {
    const current = context.get(key)
    if (current) return current
    throw new LatchkeyError(
      'misuse',
      'latchkey() has not run on this request: put `export const middleware = [auth]` into app/root.tsx.',
    )
  }
  const middleware = (args: RouterArgs, next: () => Promise<Response>): Promise<Response> => {
    const { context, request } = args
    const handle = (auth: RequestAuth<User, Devices>): Promise<Response> => {
      context.set(key, auth)
      return next()
    }
    // The context stands for the request, also where the middleware runs on a route below the root as well.
    const options = { address: address?.(args), page: args.url, key: context, onError }
    return handleRequest(authOf(env?.(args) as Env), request, handle, options)
  }
  return Object.assign(middleware, {
    of,
    requireUser: (args: RouterArgs, options: RequireUserOptions = {}) =>
      requireUser(of(args.context), args, options, { onError, auth: authOf(env?.(args) as Env) }),
  })
}
