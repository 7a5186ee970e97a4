import type { CredentialReason } from '../../user/user-token.ts'

/** A credential of this kind came, and is bad: nobody else is asked, and nobody else is let in by it. */
export interface AuthenticationFailure {
  readonly isAuthenticated: false
  readonly reason: CredentialReason
  /** The status of the answer where a user is required. Default 401. */
  readonly status?: 400 | 401 | 429
  /** Of `throttled`. */
  readonly retryAfterSeconds?: number
}

/** What is wrong with a credential, for a challenge (RFC 6750, section 3.1). */
export interface ChallengeProblem {
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  /** What the resource asks for, with `insufficient_scope`. */
  readonly scopes?: readonly string[]
}

/** What a 401 can say to a client. */
export interface Challenger {
  /** What a 401 offers to do about it: one challenge (RFC 9110, section 11.6.1). Left out: nothing. */
  challenge?(realm: string, problem?: ChallengeProblem): string
}
