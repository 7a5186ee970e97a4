import type { Context, MiddlewareHandler } from 'hono'
import { type RequestAuth, refusal, type UserLike, wantsJson } from 'latchkey'

/** After `requireUser` there is a user, and the compiler knows. */
export interface SignedIn {
  // biome-ignore lint/complexity/noBannedTypes: `{}` is "not null" and leaves the app's own user type as it is
  auth: { readonly user: {}; readonly token: { readonly isAuthenticated: true } }
}

export interface RequireUserOptions {
  /** Where a browser is sent to log in, with the page it wanted as `next`. Default: nowhere, it is told 401. */
  readonly redirectTo?: string
}

/** Lets users pass. Others are answered 401, or sent to the login page by 303 where one is named and JSON is not asked for. */
export function requireUser({
  redirectTo,
}: RequireUserOptions = {}): MiddlewareHandler<{ Variables: SignedIn }> {
  return async (c, next) => {
    const auth = (c as Context).get('auth') as RequestAuth<UserLike> | undefined
    if (!auth) throw new Error('requireUser() needs latchkey(auth) before it: app.use(latchkey(auth)).')
    const token = await auth.authenticate()
    if (token.isAuthenticated) return next()
    if (redirectTo === undefined || wantsJson(c.req.raw)) return refusal(c.req.raw, 401, 'login_required')
    const { pathname, search } = new URL(c.req.url)
    const wayBack = c.req.method === 'GET' ? `?${new URLSearchParams({ next: pathname + search })}` : ''
    return c.redirect(redirectTo + wayBack, 303)
  }
}
