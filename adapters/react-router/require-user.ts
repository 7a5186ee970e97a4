import {
  type ErrorHandler,
  errorResponse,
  loginRequired,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
  type UserToken,
} from 'latchkey'
import type { RouterArgs } from './router-types.ts'

/** The user, or throws the answer: React Router's way out of a loader. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { request, url }: RouterArgs,
  options: RequireUserOptions & { readonly onError: ErrorHandler | undefined },
): Promise<User> {
  let token: UserToken<User>
  try {
    token = await auth.authenticate()
  } catch (error) {
    // React Router would make a 500 of it, and print it with its cause.
    throw await errorResponse(error, request, options.onError)
  }
  if (token.isAuthenticated) return token.user
  throw loginRequired(request, options, url)
}
