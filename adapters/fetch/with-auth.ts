import { type ErrorHandler, handleRequest, type RequestAuth, type UserLike } from 'latchkey'
import { type AuthOrFactory, refuseUnknown, resolveAuth } from 'latchkey/adapter'

/** What a handler receives besides the request. */
export interface FetchContext<User extends UserLike, Env, Devices = unknown> {
  /** Login and logout for this request. */
  readonly auth: RequestAuth<User, Devices>
  /** The runtime's second argument: Workers' `env`, Deno's connection info, Bun's server. */
  readonly env: Env
  /** The runtime's third argument: Workers' `ctx`. */
  readonly execution: unknown
}

/**
 * A fetch handler with login and logout. A thrown `Response` is sent like a returned one. If it throws
 * anything else, or responds 5xx, its session changes are discarded, except a logout.
 */
export type FetchHandler<User extends UserLike, Env, Devices = unknown> = (
  request: Request,
  context: FetchContext<User, Env, Devices>,
) => Response | Promise<Response>

/** The options of `withAuth`. */
export interface FetchOptions<Env> {
  /**
   * Returns the client's address as the socket reports it; each runtime keeps it elsewhere. Default: unknown.
   */
  readonly address?: (request: Request, env: Env) => string | undefined
  /**
   * The page that a request is about, if the wrapped framework requests its data by another path; for Remix 2 with
   * single fetch `singleFetchPage` of `latchkey/react-router`. `protectPaths` then treats the data of a page like the
   * page. Default: the request's URL, so that the data of an excluded page requires a user.
   */
  readonly page?: (request: Request) => Pick<URL, 'pathname' | 'search'>
  /**
   * Called with what the handler threw; may return the response. Default: logs to `console.error`, and
   * responds without details: 503 for a broken backend, otherwise 500.
   */
  readonly onError?: ErrorHandler
}

/**
 * Wraps a fetch handler, of any runtime, with login and logout:
 *
 *     export default { fetch: withAuth(auth, async (request, { auth }) => …) }
 *
 * Rejects requests forged by other sites, and saves the session before the response leaves.
 *
 * `source` may be a function instead: it is called with the runtime's `env`, once per environment.
 */
export function withAuth<User extends UserLike, Env = unknown, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  handler: FetchHandler<User, Env, Devices>,
  { address, page, onError, ...unknown }: FetchOptions<Env> = {},
): (request: Request, env?: Env, execution?: unknown) => Promise<Response> {
  refuseUnknown(unknown)
  const authOf = resolveAuth(source)
  return (request, given, execution) => {
    const env = given as Env
    return handleRequest(authOf(env), request, (auth) => handler(request, { auth, env, execution }), {
      address: address?.(request, env),
      page: page?.(request),
      onError,
    })
  }
}
