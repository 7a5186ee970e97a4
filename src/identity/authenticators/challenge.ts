import type { CredentialReason } from '../../user/user-token.ts'

/** A bad credential. No other authenticator is asked, and the request is anonymous. */
export interface AuthenticationFailure {
  /** Always `false`. It tells a failure from a token. */
  readonly isAuthenticated: false
  /** Why the credential was refused. */
  readonly reason: CredentialReason
  /** The status of the response where a user is required. Default 401. */
  readonly status?: 400 | 401 | 429
  /** Seconds to wait before the next attempt. Only with `throttled`. */
  readonly retryAfterSeconds?: number
}

/** What is wrong with a credential, for a challenge (RFC 6750, section 3.1). */
export interface ChallengeProblem {
  /** The error code for the client. */
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  /** The scopes that the resource requires. Only with `insufficient_scope`. */
  readonly scopes?: readonly string[]
}

/** How a 401 response tells a client to authenticate. */
export interface Challenger {
  /** Returns one challenge for `WWW-Authenticate` (RFC 9110, section 11.6.1). Default: none is sent. */
  challenge?(realm: string, problem?: ChallengeProblem): string
}
