import type { Context, MiddlewareHandler } from 'hono'
import type { RequestAuth, RequireUserOptions, UserLike } from 'latchkey'

/** After `requireUser` there is a user, and the compiler knows. */
export interface SignedIn {
  // biome-ignore lint/complexity/noBannedTypes: `{}` is "not null" and leaves the app's own user type as it is
  auth: { readonly user: {}; readonly token: { readonly isAuthenticated: true } }
}

type Middleware = MiddlewareHandler<{ Variables: SignedIn }>

/**
 * Lets users pass, with the scopes that are asked for, or by the authenticators that are named. Others are answered
 * 401 or 403, or sent to the login page by 303 where one is named and JSON is not asked for.
 */
export function requireUser(options?: RequireUserOptions): Middleware {
  return async (c, next) => {
    const auth = (c as Context).get('auth') as RequestAuth<UserLike> | undefined
    if (!auth) throw new Error('requireUser() needs latchkey(auth) before it: app.use(latchkey(auth)).')
    return (await auth.requireUser(options)) ?? next()
  }
}

/** Lets users pass who have all of these scopes; others are answered 403 `insufficient_scope`. */
export const requireScopes = (...scopes: readonly string[]): Middleware => requireUser({ scopes })

/** Lets users pass who are themselves; who acts as somebody else is answered 403 `impersonating`. */
export const requireNotImpersonating = (): Middleware => requireUser({ notImpersonating: true })
