import type { Context, MiddlewareHandler } from 'hono'
import type { RequestAuth, RequireUserOptions, UserLike } from 'latchkey'

/** Narrows `c.var.auth` behind `requireUser`: `user` is not `null`, and `token.isAuthenticated` is `true`. */
export interface SignedIn {
  /** Narrowed: a user is logged in. */
  // biome-ignore lint/complexity/noBannedTypes: `{}` is "not null" and leaves the app's own user type as it is
  auth: { readonly user: {}; readonly token: { readonly isAuthenticated: true } }
}

type Middleware = MiddlewareHandler<{ Variables: SignedIn }>

/**
 * Middleware that requires a user, and with options certain scopes or authenticators. Otherwise it responds
 * 401 or 403, or, with `redirectTo`, redirects a navigation to the login page (303).
 *
 * @throws Error if `latchkey(auth)` has not run before it.
 */
export function requireUser(options?: RequireUserOptions): Middleware {
  return async (c, next) => {
    const auth = (c as Context).get('auth') as RequestAuth<UserLike> | undefined
    if (!auth)
      throw new Error('requireUser() needs latchkey(auth) before it: call app.use(latchkey(auth)) first.')
    return (await auth.requireUser(options)) ?? next()
  }
}

/** Middleware that requires a user with all of these scopes. It responds 401, or 403 `insufficient_scope`. */
export const requireScopes = (...scopes: readonly string[]): Middleware => requireUser({ scopes })

/** Middleware that requires a user and rejects impersonation. It responds 401, or 403 `impersonating`. */
export const requireNotImpersonating = (): Middleware => requireUser({ notImpersonating: true })
