import { type Auth, handleRequest, type MaybePromise, type RequestAuth, type UserLike } from 'latchkey'
import type { NextOptions } from './next-options.ts'
import { seenRequest } from './seen-request.ts'
import { thrownResponse } from './thrown-answer.ts'

/** What a route handler gets beside the request. */
export interface RouteContext<User extends UserLike, Params = unknown, Devices = unknown> {
  /** Login and logout for this request. Its `auth.request` has no body: that of the handler's request does. */
  readonly auth: RequestAuth<User, Devices>
  /** Of the path: `const { id } = await params`. */
  readonly params: Promise<Params>
}

export type RouteHandler<User extends UserLike, Params, Devices, Incoming extends Request> = (
  request: Incoming,
  context: RouteContext<User, Params, Devices>,
) => MaybePromise<Response>

/** One request to a route handler. What `redirect()` and `notFound()` throw is a response like any other. */
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
  return handleRequest(auth, seen, handle, { address: address?.(seen), onError })
}
