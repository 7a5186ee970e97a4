import type { RequestAuth, RequireUserOptions, UserLike } from 'latchkey'
import { type ErrorResponseOptions, errorResponse } from 'latchkey/adapter'
import type { RouterArgs } from './router-types.ts'

/** Returns the user, or throws the response, which is how a loader ends early in React Router. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { request, url }: RouterArgs,
  options: RequireUserOptions,
  onFailure: ErrorResponseOptions,
): Promise<User> {
  let refused: Response | null
  try {
    refused = await auth.requireUser(options, url)
  } catch (error) {
    // React Router would respond 500 and print the error with its cause.
    throw await errorResponse(error, request, onFailure)
  }
  if (refused) throw refused
  return auth.user as User
}
