import { cookieValues } from '../http/cookie-values.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthParts } from './auth-parts.ts'

/**
 * Whether two Requests that a framework made of one carry the same credentials. Otherwise they are those of two
 * visitors: an app may send a request of its own inside of another, without the visitor's cookie, or with a token.
 */
export function carriesSame<User extends UserLike, Devices>(
  { cookies, ofRequest }: AuthParts<User, Devices>,
  one: Request,
  other: Request,
): boolean {
  if (one === other) return true
  const { name } = cookies.formFor(other)
  const credentialsOf = ({ headers }: Request): string =>
    JSON.stringify([headers.get('authorization'), ...cookieValues(headers.get('cookie'), name)])
  return (
    credentialsOf(one) === credentialsOf(other) &&
    ofRequest.identity.authenticators.every(
      ({ credentialOf }) => credentialOf && credentialOf(one) === credentialOf(other),
    )
  )
}
