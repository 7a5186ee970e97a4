/**
 * What the library needs to know of a user; yours may have more, and its own type comes back everywhere.
 *
 * An id is a string or an integer, and keeps its type: `42` and `'42'` are two users.
 */
export interface UserLike {
  readonly id: string | number
  /** The stored password hash; `null` for a user who has no password. */
  readonly hashedPassword?: string | null
  /** What to call the user. Default: the id. */
  readonly displayName?: string
  /** What the user may do, such as `admin`. Default: nothing. */
  readonly scopes?: readonly string[]
  /** Raise it, and all of the user's sessions end, in every session mode. Default 0. */
  readonly sessionEpoch?: number
  /** `true`: nobody logs in as this user, and sessions that live end at their next request. */
  readonly disabled?: boolean
}

/**
 * Refuses a user that no session could name: such a row is a fault behind us, not a wrong password.
 * Anything else that is malformed reads as absent.
 */
export function isUsable(user: UserLike): boolean {
  const { id, hashedPassword, sessionEpoch } = user
  return (
    ((typeof id === 'string' && id !== '' && id.isWellFormed()) || Number.isSafeInteger(id)) &&
    (hashedPassword == null || typeof hashedPassword === 'string') &&
    (sessionEpoch == null || Number.isFinite(sessionEpoch))
  )
}
