import { type ErrorHandler, handleRequest, type RequestAuth, type UserLike } from 'latchkey'
import { type AuthOrFactory, resolveAuth } from 'latchkey/adapter'

/** What a handler gets beside the request. */
export interface FetchContext<User extends UserLike, Env, Devices = unknown> {
  /** Login and logout for this request. */
  readonly auth: RequestAuth<User, Devices>
  /** What the runtime hands over: Workers' `env`, Deno's connection info, Bun's server. */
  readonly env: Env
  /** What it hands over after that: Workers' `ctx`. */
  readonly execution: unknown
}

export type FetchHandler<User extends UserLike, Env, Devices = unknown> = (
  request: Request,
  context: FetchContext<User, Env, Devices>,
) => Response | Promise<Response>

export interface FetchOptions<Env> {
  /** The client's address as the socket says; runtimes differ in where they keep it. Default: unknown. */
  readonly address?: (request: Request, env: Env) => string | undefined
  /**
   * What the framework behind puts behind a path to ask for the page's data: `.data` for Remix 2 with single fetch.
   * `protectPaths` then treats the data of a page like the page. Default: the data of an excluded page needs a user.
   */
  readonly dataSuffix?: string
  /** Told of what a handler threw. Default: `console.error`, and a page that says nothing. */
  readonly onError?: ErrorHandler
}

/**
 * Wraps a fetch handler, of any runtime, with login and logout:
 *
 *     export default { fetch: withAuth(auth, async (request, { auth }) => …) }
 *
 * With a function in place of `auth`, it is called with the runtime's `env`, once per environment.
 */
export function withAuth<User extends UserLike, Env = unknown, Devices = unknown>(
  source: AuthOrFactory<User, Env, Devices>,
  handler: FetchHandler<User, Env, Devices>,
  { address, dataSuffix, onError }: FetchOptions<Env> = {},
): (request: Request, env?: Env, execution?: unknown) => Promise<Response> {
  const authOf = resolveAuth(source)
  return (request, given, execution) => {
    const env = given as Env
    return handleRequest(authOf(env), request, (auth) => handler(request, { auth, env, execution }), {
      address: address?.(request, env),
      dataSuffix,
      onError,
    })
  }
}
