import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { type Deny, deniedResponse } from '../http/denied-response.ts'
import { removalsOf, type SessionCommit, withSession } from '../http/response-headers.ts'
import type { UserLike } from '../user/user.ts'
import type { Auth, OpenOptions } from './auth.ts'
import type { RequestAuth } from './request-auth.ts'
import type { Visit } from './visit.ts'

/**
 * Called with an error that a handler threw. A response that it returns is sent; otherwise the client gets a
 * page that says nothing about the error.
 */
export type ErrorHandler = (error: unknown, request: Request) => MaybePromise<Response | undefined>

/** Options of {@link handleRequest}. */
export interface HandleRequestOptions extends Omit<OpenOptions, 'readOnly'> {
  /**
   * Whether a response stands for a request that has failed, for frameworks that answer errors with 200. Default: its
   * status is 500 or above.
   */
  readonly isFailed?: ((response: Response) => boolean) | undefined
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
 * A thrown `Response` counts like a returned one. If `handle` throws any other error, or `isFailed(response)`
 * is true, its session changes are discarded, except a logout. Inside of another handler of the same request the outer
 * one decides that.
 */
export async function handleRequest<User extends UserLike, Devices = unknown>(
  auth: Auth<User, Devices>,
  request: Request,
  handle: (auth: RequestAuth<User, Devices>) => MaybePromise<Response>,
  { onError, isFailed = ({ status }) => status >= 500, ...options }: HandleRequestOptions = {},
): Promise<Response> {
  let visit: Visit<User, Devices> | undefined
  let commit: SessionCommit | undefined
  try {
    const opened = await auth.open(request, options)
    if (!('auth' in opened)) return opened
    visit = opened
    const response = await answerOf(handle, opened.auth)
    commit = await opened.close({ failed: isFailed(response) })
    return withSession(response, commit)
  } catch (error) {
    const response = await errorResponse(error, request, { onError, auth })
    if (!visit) return response
    return withSession(response, commit ? removalsOf(commit) : await visit.close({ failed: true }))
  }
}

async function answerOf<User extends UserLike, Devices>(
  handle: (auth: RequestAuth<User, Devices>) => MaybePromise<Response>,
  auth: RequestAuth<User, Devices>,
): Promise<Response> {
  try {
    return await handle(auth)
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    throw thrown
  }
}

/** Options of {@link errorResponse}. */
export interface ErrorResponseOptions {
  /** Called with the error; a response that it returns is sent. Default: `console.error`. */
  readonly onError?: ErrorHandler | undefined
  /** The auth, whose option `deniedResponse` shapes our response. Default: the default response. */
  readonly auth?: { readonly deny: Deny } | undefined
}

/**
 * Returns the response to a request that failed: that of `onError`, or ours. Ours has the status of a
 * LatchkeyError (503 for a failed backend), and 500 for any other error.
 */
export async function errorResponse(
  error: unknown,
  request: Request,
  { onError = report, auth }: ErrorResponseOptions = {},
): Promise<Response> {
  try {
    const own = await onError(error, request)
    if (own) return own
  } catch (second) {
    // An error handler that fails must not keep a logout from being sent.
    report(second)
  }
  const [status, code] = error instanceof LatchkeyError ? [error.status, error.code] : [500, 'internal_error']
  return auth ? auth.deny(request, status, code) : deniedResponse(request, status, code)
}

/**
 * Of our own errors, prints only our own text: the message of a failed backend may quote a query or a
 * password.
 */
function report(error: unknown): undefined {
  console.error(error instanceof LatchkeyError ? `latchkey: ${error.code}: ${error.message}` : error)
}
