import type { RequestAuth, RequireUserOptions, UserLike } from 'latchkey'

/** What is used of `RequestContext`. */
export interface RemixContext {
  readonly request: Request
  readonly url: URL
}

/** The user, or throws the answer, which the middleware sends. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { url }: RemixContext,
  options: RequireUserOptions,
): Promise<User> {
  const refused = await auth.requireUser(options, url)
  if (refused) throw refused
  return auth.user as User
}
