import type { UserLike } from '../../user/user.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'
import {
  authorizationOf,
  challengeOf,
  checkScheme,
  credentialsOf,
  hasToken68,
  isToken68,
} from './authorization.ts'
import type { AuthenticationFailure } from './challenge.ts'
import { INVALID_TOKEN, userOfToken } from './find-by-token.ts'

/**
 * Authenticates by an API token in `Authorization`, under a scheme of any name: `Authorization: Token …`. It
 * must be a token68 (RFC 9110, 11.2), as `createApiToken` makes them; anything else never reaches the user
 * provider. Makes no session and no cookie.
 *
 * @throws LatchkeyError `invalid_configuration` for a scheme that no header can carry.
 */
export function tokenAuthenticator<User extends UserLike = AnyUser>(scheme: string): Authenticator<User> {
  checkScheme(scheme)
  return {
    needs: 'findByToken',
    credentialOf: authorizationOf,
    hasExplicitCredential: (request) => hasToken68(request, scheme),
    authenticate(context, environment) {
      const token = credentialsOf(context.request, scheme)
      if (token === null) return null
      return isToken68(token) ? userOfToken(environment, token, scheme.toLowerCase()) : INVALID_TOKEN
    },
    challenge: (realm) => challengeOf(scheme, { realm }),
  }
}

/** RFC 6750, 3.1: "is otherwise malformed", such as no token at all, or two. */
const MALFORMED: AuthenticationFailure = { isAuthenticated: false, reason: 'invalid_request', status: 400 }

/**
 * Authenticates by a bearer token (RFC 6750) in the header only: in a form or a query it would end up in logs
 * (section 2.3). Makes no session and no cookie.
 *
 * Errors are those of the RFC: `invalid_request` 400, `invalid_token` 401, `insufficient_scope` 403. A
 * request without a token gets a challenge without an error.
 */
export function bearerAuthenticator<User extends UserLike = AnyUser>(): Authenticator<User> {
  return {
    needs: 'findByToken',
    credentialOf: authorizationOf,
    hasExplicitCredential: (request) => hasToken68(request, 'Bearer'),
    authenticate(context, environment) {
      const token = credentialsOf(context.request, 'Bearer')
      if (token === null) return null
      return isToken68(token) ? userOfToken(environment, token, 'bearer') : MALFORMED
    },
    challenge: (realm, problem) =>
      challengeOf('Bearer', { realm, error: problem?.error, scope: problem?.scopes?.join(' ') || undefined }),
  }
}
