import type { UserLike } from './user.ts'

/** How a session came to be authenticated: `password`, `sso`, or whatever `loginUser` was told. */
export type LoginMethod = string

/**
 * - `fresh` logged in, in this session; keeps the name when the login has outlived its fresh window
 * - `remembered` let in by a remember-me cookie
 * - `impersonator` acting as somebody else
 */
export type AuthenticatedState = 'fresh' | 'remembered' | 'impersonator'

/** Why a session ended, or why there is none although a cookie came. */
export type EndReason =
  | 'malformed'
  | 'unknown'
  | 'expired'
  | 'revoked'
  | 'user_missing'
  | 'user_disabled'
  | 'credentials_changed'

/** Who this request is: nobody we know. */
export interface AnonymousToken {
  readonly isAuthenticated: false
  readonly isAnonymous: true
  readonly state: 'anonymous'
  readonly user: null
  readonly userId: null
  readonly displayName: string
  readonly scopes: readonly string[]
  readonly method: null
  readonly authTime: null
  readonly expiresAt: null
  /** Why the visitor's session ended, if one did. */
  readonly reason: EndReason | null
  has(scope: string): boolean
}

/** Who this request is: this user. */
export interface AuthenticatedToken<User extends UserLike> {
  readonly isAuthenticated: true
  readonly isAnonymous: false
  readonly state: AuthenticatedState
  readonly user: User
  readonly userId: User['id']
  readonly displayName: string
  readonly scopes: readonly string[]
  readonly method: LoginMethod
  /** When the user proved who he is, epoch milliseconds. */
  readonly authTime: number
  /** When the session ends unless it is used again, epoch milliseconds; `null` where the session cannot tell. */
  readonly expiresAt: number | null
  readonly reason: null
  has(scope: string): boolean
}

/** Who this request is. `if (token.isAuthenticated)` narrows it. Immutable. */
export type UserToken<User extends UserLike> = AnonymousToken | AuthenticatedToken<User>

const NO_SCOPES: readonly string[] = /* @__PURE__ */ Object.freeze([])

class Anonymous implements AnonymousToken {
  readonly isAuthenticated = false
  readonly isAnonymous = true
  readonly state = 'anonymous'
  readonly user = null
  readonly userId = null
  readonly displayName = 'Anonymous'
  readonly scopes = NO_SCOPES
  readonly method = null
  readonly authTime = null
  readonly expiresAt = null
  readonly reason: EndReason | null

  constructor(reason: EndReason | null) {
    this.reason = reason
    Object.freeze(this)
  }

  has(): false {
    return false
  }
}

const NOBODY = /* @__PURE__ */ new Anonymous(null)

export function anonymousToken(reason: EndReason | null = null): AnonymousToken {
  return reason === null ? NOBODY : new Anonymous(reason)
}

export interface AuthenticatedTokenInit<User extends UserLike> {
  readonly user: User
  readonly state: AuthenticatedState
  readonly method: LoginMethod
  readonly authTime: number
  readonly expiresAt: number | null
}

/** Getters rather than fields: immutable without a freeze, which would cost more than the rest of the token. */
class Authenticated<User extends UserLike> implements AuthenticatedToken<User> {
  readonly #init: AuthenticatedTokenInit<User>

  constructor(init: AuthenticatedTokenInit<User>) {
    this.#init = init
  }

  get isAuthenticated(): true {
    return true
  }
  get isAnonymous(): false {
    return false
  }
  get state(): AuthenticatedState {
    return this.#init.state
  }
  get user(): User {
    return this.#init.user
  }
  get userId(): User['id'] {
    return this.#init.user.id
  }
  get displayName(): string {
    return this.#init.user.displayName ?? String(this.#init.user.id)
  }
  get scopes(): readonly string[] {
    const { scopes } = this.#init.user
    return Array.isArray(scopes) ? Object.freeze([...scopes]) : NO_SCOPES
  }
  get method(): LoginMethod {
    return this.#init.method
  }
  get authTime(): number {
    return this.#init.authTime
  }
  get expiresAt(): number | null {
    return this.#init.expiresAt
  }
  get reason(): null {
    return null
  }
  has(scope: string): boolean {
    return this.scopes.includes(scope)
  }
}

export function authenticatedToken<User extends UserLike>(
  init: AuthenticatedTokenInit<User>,
): AuthenticatedToken<User> {
  return new Authenticated(init)
}
