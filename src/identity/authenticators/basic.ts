import { flatCopy } from '../../base/flat-copy.ts'
import { refuseUnknown } from '../../base/options.ts'
import { bytesOfBase64 } from '../../crypto/base64.ts'
import type { UserLike } from '../../user/user.ts'
import { authenticatedToken } from '../../user/user-token.ts'
import type { AnyUser, Authenticator } from './authenticator.ts'
import { authorizationOf, challengeOf, checkRealm, credentialsOf } from './authorization.ts'
import type { AuthenticationFailure } from './challenge.ts'

const REFUSED: AuthenticationFailure = { isAuthenticated: false, reason: 'invalid_credentials' }

/** The options of `basicAuthenticator`. */
export interface BasicOptions {
  /** What the browser's dialogue names. Default: the `realm` of `createAuth`. */
  readonly realm?: string
}

/**
 * HTTP Basic (RFC 7617): name and password with every request, for scripts and internal tools. Makes no session and no
 * cookie. Throttled, guarded and as slow for unknown users as the form. Users with a second factor to pass are refused. Each request costs a verification of the password, some 30 ms: for anything busier use tokens.
 */
export function basicAuthenticator<User extends UserLike = AnyUser>({
  realm: given,
  ...unknown
}: BasicOptions = {}): Authenticator<User> {
  refuseUnknown(unknown)
  const own = given === undefined ? undefined : checkRealm(given)
  return {
    credentialOf: authorizationOf,
    async authenticate(context, { prove, now }) {
      const credentials = credentialsOf(context.request, 'Basic')
      if (credentials === null) return null
      const pair = namePasswordOf(credentials)
      if (!pair) return REFUSED
      const proof = await prove(context, ...pair)
      if (!('ok' in proof)) return proof
      const { user } = proof
      return authenticatedToken({ user, state: 'fresh', method: 'basic', authTime: now(), expiresAt: null })
    },
    challenge: (realm) => challengeOf('Basic', { realm: own ?? realm, charset: 'UTF-8' }),
  }
}

/** Section 2: UTF-8, no control characters, divided at the first colon. An empty password is refused. */
function namePasswordOf(credentials: string): [name: string, password: string] | null {
  const bytes = bytesOfBase64(credentials)
  if (!bytes) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const colon = text.indexOf(':')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
    if (colon < 0 || colon === text.length - 1 || /[\0-\x1f\x7f]/.test(text)) return null
    // The name goes into events. A view of this text would keep the password with it.
    return [flatCopy(text.slice(0, colon)), text.slice(colon + 1)]
  } catch {
    return null
  }
}
