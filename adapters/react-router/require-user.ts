import type { ErrorHandler, RequestAuth, RequireUserOptions, UserLike } from 'latchkey'
import { errorResponse } from 'latchkey/adapter'
import type { RouterArgs } from './router-types.ts'

/** The user, or throws the answer: React Router's way out of a loader. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { request, url }: RouterArgs,
  options: RequireUserOptions & { readonly onError: ErrorHandler | undefined },
): Promise<User> {
  let refused: Response | null
  try {
    refused = await auth.requireUser(options, url)
  } catch (error) {
    // React Router would make a 500 of it, and print it with its cause.
    throw await errorResponse(error, request, options.onError)
  }
  if (refused) throw refused
  return auth.user as User
}
