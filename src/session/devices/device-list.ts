import type { UserLike } from '../../user/user.ts'
import type { LoginMethod } from '../../user/user-token.ts'

/** One place where a user is logged in. All times are epoch milliseconds. */
export interface DeviceSession {
  /** The session's public name: says which one to revoke, and opens nothing. Changes when the session's id does. */
  readonly handle: string
  /** Whether it is the session of this request. */
  readonly current: boolean
  /** When the user logged in. */
  readonly createdAt: number
  /** When it was last used, to within `touchSeconds`. */
  readonly lastSeenAt: number
  /** When it ends unless it is used again. */
  readonly expiresAt: number
  readonly method: LoginMethod
  /** Where the login came from; only with `keepAddress`. */
  readonly address?: string
  /** What the browser called itself at the login, as it was sent; only with `keepUserAgent`. Escape it. */
  readonly userAgent?: string
}

/** The sessions of one user. */
export interface UserDevices {
  /** Where the user is logged in, the latest used first. */
  listSessions(): Promise<readonly DeviceSession[]>
  /** Ends one session of this user, at once. Any value may be handed in; `false` when it names none of them. */
  revokeSession(handle: unknown): Promise<boolean>
  /** Ends all sessions of this user, at once; how many. */
  revokeAll(): Promise<number>
}

/**
 * `auth.devices`, over a store that can find a user's records. For the user of this request; for a visitor it is an
 * empty list. `revokeAll` logs this request out too.
 */
export interface DeviceList extends UserDevices {
  /** Ends all sessions of the user of this request but this one; how many. */
  revokeOthers(): Promise<number>
  /** The sessions of another user, for an administrator. Whether the caller may is yours to check before. */
  of(userId: UserLike['id']): UserDevices
}
