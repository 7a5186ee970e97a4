/**
 * What the library needs to know about a user. Yours may have more fields; its own type comes back
 * everywhere.
 */
export interface UserLike {
  /** A string or an integer. It keeps its type: `42` and `'42'` are two users. */
  readonly id: string | number
  /** The stored password hash; `null` if the user has no password. Default `null`. */
  readonly hashedPassword?: string | null
  /** The name to show. Default: the id. */
  readonly displayName?: string
  /** What the user may do, such as `admin`. Others call these roles or permissions. Default none. */
  readonly scopes?: readonly string[]
  /** Raise it to end all of the user's sessions, with any kind of sessions. Default 0. */
  readonly sessionEpoch?: number
  /** `true`: the user cannot log in, and their sessions end at the next request. Default false. */
  readonly disabled?: boolean
}

/**
 * Whether a session could identify this user. A row without a usable id, hash or epoch is a failure of the
 * user table, not a wrong password. Any other malformed field counts as missing.
 */
export function isUsable(user: UserLike): boolean {
  const { id, hashedPassword, sessionEpoch } = user
  return (
    ((typeof id === 'string' && id !== '' && id.isWellFormed()) || Number.isSafeInteger(id)) &&
    (hashedPassword == null || typeof hashedPassword === 'string') &&
    (sessionEpoch == null || Number.isFinite(sessionEpoch))
  )
}
