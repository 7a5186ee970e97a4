import { cookieValues } from '../http/cookie-values.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthParts } from './auth-parts.ts'

/** Whether two Requests that a framework made of one bring the same session cookies, and so have one session. */
export function bringsSameSession<User extends UserLike, Devices>(
  { cookies, migration }: AuthParts<User, Devices>,
  one: Request,
  other: Request,
): boolean {
  if (one === other) return true
  // An old session makes a visitor of one of them.
  if (migration && migration.isBrought(one) !== migration.isBrought(other)) return false
  const { name } = cookies.formFor(other)
  return isEqual(one, other, ({ headers }) => cookieValues(headers.get('cookie'), name))
}

/**
 * Whether they bring the same other credentials, and so have one identity: an app may send a request of its own inside
 * of another, with a token.
 */
export function bringsSameCredentials<User extends UserLike, Devices>(
  { ofRequest }: AuthParts<User, Devices>,
  one: Request,
  other: Request,
): boolean {
  if (one === other) return true
  return (
    isEqual(one, other, ({ headers }) => headers.get('authorization')) &&
    ofRequest.identity.authenticators.every(({ credentialOf = headersOf }) =>
      isEqual(one, other, credentialOf),
    )
  )
}

/** What an authenticator may look at that does not say what it looks at. */
const headersOf = ({ headers }: Request): unknown => [...headers].filter(([name]) => name !== 'cookie')

function isEqual(one: Request, other: Request, of: (request: Request) => unknown): boolean {
  return JSON.stringify(of(one)) === JSON.stringify(of(other))
}
