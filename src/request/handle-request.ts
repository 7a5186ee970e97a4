import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { deniedResponse } from '../http/denied-response.ts'
import { withSession } from '../http/response-headers.ts'
import type { Page } from '../identity/protect-paths.ts'
import type { UserLike } from '../user/user.ts'
import type { Auth } from './auth.ts'
import type { RequestAuth } from './request-auth.ts'

/**
 * Called with an error that a handler threw. A response that it returns is sent; otherwise the client gets a
 * page that says nothing about the error.
 */
export type ErrorHandler = (error: unknown, request: Request) => MaybePromise<Response | undefined>

/** Options of {@link handleRequest}. */
export interface HandleRequestOptions {
  /** The client's address, as the socket says. Default: unknown. */
  readonly address?: string | undefined
  /** The page, if the framework requests its data by another path, for `protectPaths`. Default: the request's URL. */
  readonly page?: Page | undefined
  /**
   * Called with errors of the handler. Default: `console.error` (of a failed backend without its cause), and
   * a page that says nothing about the error.
   */
  readonly onError?: ErrorHandler | undefined
}

/**
 * Handles one request: refuses it if another site forged it, calls `handle` with the request's `auth`, and
 * saves the session before the response is sent. Returns the response.
 *
 * A thrown `Response` counts like a returned one. If `handle` throws any other error, or responds with 5xx,
 * its session changes are discarded, except a logout.
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
  { page }: HandleRequestOptions,
): Promise<Response> {
  try {
    return (await current.protect({ page })) ?? (await handle(current))
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    throw thrown
  }
}

/**
 * Returns the response to a request that failed: that of `onError`, or ours. Ours has the status of a
 * LatchkeyError (503 for a failed backend), and 500 for any other error.
 */
export async function errorResponse(
  error: unknown,
  request: Request,
  onError: ErrorHandler = report,
): Promise<Response> {
  try {
    const own = await onError(error, request)
    if (own) return own
  } catch (second) {
    // An error handler that fails must not keep a logout from being sent.
    report(second)
  }
  return error instanceof LatchkeyError
    ? deniedResponse(request, error.status, error.code)
    : deniedResponse(request, 500, 'internal_error')
}

/**
 * Of our own errors, prints only our own text: the message of a failed backend may quote a query or a
 * password.
 */
function report(error: unknown): undefined {
  console.error(error instanceof LatchkeyError ? `latchkey: ${error.code}: ${error.message}` : error)
}
