import type { RequestAuth, RequireUserOptions, UserLike } from 'latchkey'

/** The subset of Remix's `RequestContext` that we read. */
export interface RemixContext {
  /** The request as it arrived. */
  readonly request: Request
  /** The request's URL, parsed. */
  readonly url: URL
}

/** Returns the user, or throws the response, which the middleware sends. */
export async function requireUser<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
  { url }: RemixContext,
  options: RequireUserOptions,
): Promise<User> {
  const refused = await auth.requireUser(options, url)
  if (refused) throw refused
  return auth.user as User
}
