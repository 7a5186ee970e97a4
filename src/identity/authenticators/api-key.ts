import { misconfigured, refuseUnknown } from '../../base/options.ts'
import type { UserLike } from '../../user/user.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'
import { challengeOf } from './authorization.ts'
import { userOfToken } from './find-by-token.ts'

export interface ApiKeyOptions {
  /** Default `X-Api-Key`. */
  readonly header?: string
  /**
   * Also read the key from this parameter of the query, where a header cannot be set. Keys in queries end up in logs,
   * histories and `Referer`. Default: it is not read.
   */
  readonly query?: string
}

/** An API key in a header, or where it is asked for in the query. Makes no session and no cookie. */
export function apiKeyAuthenticator<User extends UserLike = AnyUser>(
  options: ApiKeyOptions = {},
): Authenticator<User> {
  const { header = 'X-Api-Key', query, ...unknown } = options
  refuseUnknown(unknown)
  if (!/^[\w-]+$/.test(header) || /^(authorization|cookie)$/i.test(header))
    misconfigured('`header` is a header of its own, such as "X-Api-Key".')
  if (query === '') misconfigured('`query` is the name of a parameter.')
  return {
    needs: 'findByToken',
    authenticate({ request }, environment) {
      const key = request.headers.get(header) || queryValue(request, query)
      if (!key) return null
      return key.length <= 8192 && !key.includes('\0')
        ? userOfToken(environment, key, 'api_key')
        : { isAuthenticated: false, reason: 'invalid_token' }
    },
    challenge: (realm) => challengeOf('ApiKey', { realm, header }),
  }
}

/** Of several the last one counts, as in most frameworks: what a proxy appended, and not what the client smuggled in. */
function queryValue({ url }: Request, name: string | undefined): string | undefined {
  return name === undefined ? undefined : new URL(url).searchParams.getAll(name).at(-1)
}
