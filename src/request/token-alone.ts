import { cookieValues } from '../http/cookie-values.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthParts } from './auth-parts.ts'

/** Schemes of `Authorization` that browsers send by themselves, anywhere in a header that is several. */
const AMBIENT = /(?:^|,)[ \t]*(?:basic|digest|negotiate|ntlm)\b/i

/**
 * Whether a request shows a token or an API key that an authenticator of this auth reads, and nothing that a browser adds by
 * itself: no session and no remember-me cookie of ours, no old session that would be migrated, no HTTP Basic. Then there is
 * no visitor in whose name another site could act, and it is not refused for its origin: an app in a web view, an extension,
 * a page of another site. A page needs a CORS preflight to send such a header, so it cannot log a visitor in as somebody
 * else either.
 */
export function actsByTokenAlone<User extends UserLike, Devices>(
  { cookies, migration, ofRequest }: Pick<AuthParts<User, Devices>, 'cookies' | 'migration' | 'ofRequest'>,
  request: Request,
): boolean {
  const { headers } = request
  if (!ofRequest.identity.authenticators.some((one) => one.hasExplicitCredential?.(request))) return false
  // What a page's script sends with a header of its own is `cors`: a form behind a proxy that adds a token is not.
  if ((headers.get('sec-fetch-mode') ?? 'cors') !== 'cors') return false
  if (AMBIENT.test(headers.get('authorization') ?? '')) return false
  if (migration?.isBrought(request)) return false
  const { name } = cookies.formFor(request)
  const cookie = headers.get('cookie')
  return [name, `${name}-remember`].every((ours) => cookieValues(cookie, ours).length === 0)
}
