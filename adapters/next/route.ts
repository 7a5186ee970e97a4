import { type Auth, handleRequest, type MaybePromise, type RequestAuth, type UserLike } from 'latchkey'
import type { NextOptions } from './next-options.ts'
import { isByRouter, requestKey, seenRequest } from './seen-request.ts'
import { thrownResponse } from './thrown-answer.ts'

/** What a route handler receives besides the request. */
export interface RouteContext<User extends UserLike, Params = unknown, Devices = unknown> {
  /**
   * Login and logout for this request. `auth.request` has no body: read it from the handler's own request.
   */
  readonly auth: RequestAuth<User, Devices>
  /** The parameters of the path: `const { id } = await params`. */
  readonly params: Promise<Params>
}

/**
 * A route handler with login and logout. It may throw a `Response`, `redirect()` or `notFound()`. If it
 * throws anything else, or responds 5xx, its session changes are discarded, except a logout.
 */
export type RouteHandler<User extends UserLike, Params, Devices, Incoming extends Request> = (
  request: Incoming,
  context: RouteContext<User, Params, Devices>,
) => MaybePromise<Response>

/** Handles one request to a route handler. What `redirect()` and `notFound()` throw counts as a response. */
export async function route<User extends UserLike, Params, Devices, Incoming extends Request>(
  auth: Auth<User, Devices>,
  handler: RouteHandler<User, Params, Devices, Incoming>,
  { address, onError }: NextOptions,
  request: Incoming,
  params: Promise<Params>,
): Promise<Response> {
  const { method, headers } = request
  const { pathname, search } = new URL(request.url)
  const seen = seenRequest({ method, headers, path: pathname + search })
  const handle = async (current: RequestAuth<User, Devices>): Promise<Response> => {
    try {
      return await handler(request, { auth: current, params })
    } catch (thrown) {
      throw thrownResponse(thrown, method) ?? thrown
    }
  }
  const options = { address: address?.(seen), key: await requestKey(), navigation: isByRouter(seen), onError }
  return handleRequest(auth, seen, handle, options)
}
