import type { UserLike } from '../../user/user.ts'
import type { LoginMethod } from '../../user/user-token.ts'

/** One session of a user: a place where they are logged in. All times are epoch milliseconds. */
export interface DeviceSession {
  /**
   * The session's public name. It tells `revokeSession` which session to end, and is not a credential. It
   * changes when the session's id does.
   */
  readonly handle: string
  /** Whether this is the session of the current request. */
  readonly current: boolean
  /** When the user logged in. */
  readonly createdAt: number
  /** When the session was last used, accurate to `touchSeconds`. */
  readonly lastSeenAt: number
  /** When the session ends unless it is used again. */
  readonly expiresAt: number
  /** How the user logged in, such as `password`. `unknown` if the session does not say. */
  readonly method: LoginMethod
  /** The client's address at the login. Only with `keepAddress`. */
  readonly address?: string
  /** The browser's `User-Agent` at the login, as it was sent: escape it. Only with `keepUserAgent`. */
  readonly userAgent?: string
}

/** The sessions of one user. While impersonating, every method throws LatchkeyError `impersonating`. */
export interface UserDevices {
  /** The user's live sessions, most recently used first. */
  listSessions(): Promise<readonly DeviceSession[]>
  /**
   * Ends one session of this user at once. Takes any value, straight from a form. Returns `false` if it is
   * not the handle of one of their sessions.
   */
  revokeSession(handle: unknown): Promise<boolean>
  /** Ends all sessions of this user at once. Returns how many. */
  revokeAll(): Promise<number>
}

/**
 * `auth.devices`: the sessions of this request's user, over a store that can list a user's records. Empty for
 * an anonymous request. `revokeAll` logs this request out too.
 */
export interface DeviceList extends UserDevices {
  /** Ends all sessions of this request's user except the current one. Returns how many. */
  revokeOthers(): Promise<number>
  /**
   * The sessions of another user, for administrators. It does not check whether the caller may do this: check
   * that first.
   */
  of(userId: UserLike['id']): UserDevices
}
