import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { deniedResponse } from '../http/denied-response.ts'
import { withSession } from '../http/response-headers.ts'
import type { UserLike } from '../user/user.ts'
import type { Auth } from './auth.ts'
import type { RequestAuth } from './request-auth.ts'

/** Told of what a handler threw. A response is sent as it is; without one, a page that says nothing of the error. */
export type ErrorHandler = (error: unknown, request: Request) => MaybePromise<Response | undefined>

export interface HandleRequestOptions {
  /** The client's address as the socket says. */
  readonly address?: string | undefined
  /** What the framework puts behind a path to ask for the page's data, such as `.data`. Default: it does not. */
  readonly dataSuffix?: string | undefined
  /** Default: `console.error`, of a broken engine without its cause; and a page that says nothing. */
  readonly onError?: ErrorHandler | undefined
}

/**
 * One request and its response, with login and logout between: refuses requests forged by other sites, hands the
 * handler its `auth`, and saves the session before the response leaves. A thrown response is an answer like any
 * other; of a handler that throws anything else, or answers 5xx, only a logout survives.
 */
export async function handleRequest<User extends UserLike, Devices = unknown>(
  auth: Auth<User, Devices>,
  request: Request,
  handle: (auth: RequestAuth<User, Devices>) => MaybePromise<Response>,
  options: HandleRequestOptions = {},
): Promise<Response> {
  if (auth.checkCrossOrigin(request)) return deniedResponse(request, 403, 'cross_origin_refused')
  const current = auth.begin(request, options.address)
  try {
    const response = await answerOf(handle, current, options)
    return withSession(response, await current.commit({ failed: response.status >= 500 }))
  } catch (error) {
    const response = await errorResponse(error, request, options.onError)
    return withSession(response, await current.commit({ failed: true }))
  }
}

async function answerOf<User extends UserLike, Devices>(
  handle: (auth: RequestAuth<User, Devices>) => MaybePromise<Response>,
  current: RequestAuth<User, Devices>,
  { dataSuffix }: HandleRequestOptions,
): Promise<Response> {
  try {
    return (await current.protect({ dataSuffix })) ?? (await handle(current))
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    throw thrown
  }
}

/** The answer to a request that failed: the app's, or ours: 503 for a broken engine, otherwise 500. */
export async function errorResponse(
  error: unknown,
  request: Request,
  onError: ErrorHandler = report,
): Promise<Response> {
  try {
    const own = await onError(error, request)
    if (own) return own
  } catch (second) {
    // A handler of errors that fails must not keep a logout from being sent.
    report(second)
  }
  return error instanceof LatchkeyError
    ? deniedResponse(request, error.status, error.code)
    : deniedResponse(request, 500, 'internal_error')
}

/** Of our own errors no more than we wrote ourselves: a broken engine's message may quote a query or a password. */
function report(error: unknown): undefined {
  console.error(error instanceof LatchkeyError ? `latchkey: ${error.code}: ${error.message}` : error)
}
