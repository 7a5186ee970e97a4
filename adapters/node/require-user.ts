import {
  type ErrorHandler,
  errorResponse,
  loginRequired,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import type { NodeMiddleware } from './latchkey.ts'
import { type IncomingLike, sendResponse } from './node-http.ts'

export function requireUser<User extends UserLike>(
  of: (request: IncomingLike) => RequestAuth<User>,
  options: RequireUserOptions,
  onError: ErrorHandler | undefined,
): NodeMiddleware {
  return (incoming, response, next) => {
    const auth = of(incoming)
    refusalOf(auth, options)
      // Never `next(error)`: whoever overlooks the argument would let everybody pass while an engine is broken.
      .catch((error: unknown) => errorResponse(error, auth.request, onError))
      .then((answer) => (answer ? sendResponse(response, answer) : next()))
  }
}

/** The answer to whoever may not pass. */
async function refusalOf<User extends UserLike>(
  auth: RequestAuth<User>,
  options: RequireUserOptions,
): Promise<Response | null> {
  return (await auth.authenticate()).isAuthenticated ? null : loginRequired(auth.request, options)
}
