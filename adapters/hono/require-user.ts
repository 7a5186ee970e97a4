import type { Context, MiddlewareHandler } from 'hono'
import { loginRequired, type RequestAuth, type RequireUserOptions, type UserLike } from 'latchkey'

/** After `requireUser` there is a user, and the compiler knows. */
export interface SignedIn {
  // biome-ignore lint/complexity/noBannedTypes: `{}` is "not null" and leaves the app's own user type as it is
  auth: { readonly user: {}; readonly token: { readonly isAuthenticated: true } }
}

/** Lets users pass. Others are answered 401, or sent to the login page by 303 where one is named and JSON is not asked for. */
export function requireUser(options?: RequireUserOptions): MiddlewareHandler<{ Variables: SignedIn }> {
  return async (c, next) => {
    const auth = (c as Context).get('auth') as RequestAuth<UserLike> | undefined
    if (!auth) throw new Error('requireUser() needs latchkey(auth) before it: app.use(latchkey(auth)).')
    const token = await auth.authenticate()
    return token.isAuthenticated ? next() : loginRequired(c.req.raw, options)
  }
}
