import { misconfigured, refuseUnknown } from '../../base/options.ts'
import type { UserLike } from '../../user/user.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'
import { challengeOf } from './authorization.ts'
import { INVALID_TOKEN, userOfToken } from './find-by-token.ts'

/** Options of {@link apiKeyAuthenticator}. */
export interface ApiKeyOptions {
  /** The header that carries the key. Default `X-Api-Key`. */
  readonly header?: string
  /**
   * A query parameter that may carry the key as well, for clients that cannot set a header. Keys in queries
   * end up in logs, histories and `Referer`. Default: queries are not read.
   */
  readonly query?: string
}

/**
 * Headers that have a meaning already, that browsers set by themselves, or that a page of another site can set without being
 * allowed to (Fetch, CORS-safelisted request-header).
 */
const NOT_OWN =
  /^(?:accept(?:-.*)?|authorization|content-.*|cookie|dnt|host|origin|proxy-.*|range|referer|sec-.*|user-agent)$/i

/**
 * Authenticates by an API key in a header or, if configured, in the query. Makes no session and no cookie.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function apiKeyAuthenticator<User extends UserLike = AnyUser>(
  options: ApiKeyOptions = {},
): Authenticator<User> {
  const { header = 'X-Api-Key', query, ...unknown } = options
  refuseUnknown(unknown)
  if (!/^[\w-]+$/.test(header) || NOT_OWN.test(header))
    misconfigured('`header` must be a header of its own, such as "X-Api-Key".')
  if (query === '') misconfigured('`query` must be the name of a parameter.')
  const keyOf = (request: Request): string | null =>
    request.headers.get(header) || (queryValue(request, query) ?? null)
  return {
    needs: 'findByToken',
    credentialOf: keyOf,
    // Not by the query: every site can make a browser send one.
    hasExplicitCredential: ({ headers }) => Boolean(headers.get(header)),
    authenticate({ request }, environment) {
      const key = keyOf(request)
      if (!key) return null
      return key.length <= 8192 && !key.includes('\0')
        ? userOfToken(environment, key, 'api_key')
        : INVALID_TOKEN
    },
    challenge: (realm) => challengeOf('ApiKey', { realm, header }),
  }
}

/** The last value counts, as in most frameworks: what a proxy appended, not what the client smuggled in. */
function queryValue({ url }: Request, name: string | undefined): string | undefined {
  return name === undefined ? undefined : new URL(url).searchParams.getAll(name).at(-1)
}
