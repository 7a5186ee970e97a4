import {
  type AuthSource,
  authBy,
  type ErrorHandler,
  exchange,
  type RequestAuth,
  type UserLike,
} from 'latchkey'

/** What a handler gets beside the request: its `auth`, and whatever the runtime handed over (`env`, `ctx`, …). */
export interface FetchContext<User extends UserLike, Rest extends readonly unknown[]> {
  readonly auth: RequestAuth<User>
  readonly rest: Rest
}

export type FetchHandler<User extends UserLike, Rest extends readonly unknown[]> = (
  request: Request,
  context: FetchContext<User, Rest>,
) => Response | Promise<Response>

export interface FetchOptions<Rest extends readonly unknown[]> {
  /** The client's address as the socket says; runtimes differ in where they keep it. Default: unknown. */
  readonly address?: (request: Request, ...rest: Rest) => string | undefined
  /** Told of what a handler threw. Default: `console.error`, and a page that says nothing. */
  readonly onError?: ErrorHandler
}

/**
 * Wraps a fetch handler, of any runtime, with login and logout:
 *
 *     export default { fetch: withAuth(auth, async (request, { auth }) => …) }
 *
 * With a function in place of `auth`, it is called with the first argument after the request (Workers' `env`), once
 * per environment.
 */
export function withAuth<User extends UserLike, Rest extends readonly unknown[]>(
  source: AuthSource<User, Rest[0]>,
  handler: FetchHandler<User, Rest>,
  options: FetchOptions<Rest> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const authOf = authBy(source)
  return (request, ...rest) =>
    exchange(authOf(rest[0]), request, (auth) => handler(request, { auth, rest }), {
      address: options.address?.(request, ...rest),
      onError: options.onError,
    })
}
