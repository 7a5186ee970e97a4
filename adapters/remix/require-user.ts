import { loginRequired, type RequestAuth, type RequireUserOptions, type UserLike } from 'latchkey'

/** What is used of `RequestContext`. */
export interface RemixContext {
  readonly request: Request
  readonly url: URL
}

/** The user, or throws the answer, which the middleware sends. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { request, url }: RemixContext,
  options: RequireUserOptions,
): Promise<User> {
  const token = await auth.authenticate()
  if (token.isAuthenticated) return token.user
  throw loginRequired(request, options, url)
}
