import { LatchkeyError } from '../base/errors.ts'

/**
 * What the library needs to know about a user. Yours may have more fields; its own type comes back
 * everywhere.
 */
export interface UserLike {
  /** A string or a safe integer (up to 2^53). It keeps its type: `42` and `'42'` are two users. */
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
 * Throws unless a session could identify this user. A row without a usable id, hash or epoch is a failure of the
 * user table, not a wrong password: nobody gets in, and no session ends. Any other malformed field counts as missing.
 *
 * @throws LatchkeyError `backend_failed`. Its message names the field, what is in it, and the fix.
 */
export function refuseUnusable(user: UserLike): void {
  const { id, hashedPassword, sessionEpoch } = user
  if (typeof id === 'string' ? id === '' || !id.isWellFormed() : !Number.isSafeInteger(id)) {
    if (Array.isArray(user)) throw unusable('`users` returned a list. Return one user, or null.')
    throw unusable(
      `The user's \`id\` is ${kindOf(id)}. Return a string, such as \`String(row.id)\`, or a safe integer.`,
    )
  }
  if (hashedPassword != null && typeof hashedPassword !== 'string')
    throw unusable(
      `The user's \`hashedPassword\` is ${kindOf(hashedPassword)}. Return text, such as \`new TextDecoder().decode(bytes)\`, or null.`,
    )
  if (sessionEpoch != null && !Number.isFinite(sessionEpoch))
    throw unusable(
      `The user's \`sessionEpoch\` is ${kindOf(sessionEpoch)}. Return a number, such as \`Number(row.session_epoch)\`.`,
    )
}

function unusable(message: string): LatchkeyError {
  return new LatchkeyError('backend_failed', message)
}

/** What a value is, for a message: never the value itself, which may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined (is the column selected?)'
  if (value === null) return 'null'
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return String(value)
    return Number.isSafeInteger(value)
      ? 'a number'
      : 'a number that is not a safe integer: digits may be lost'
  }
  if (value === '') return 'an empty string'
  if (typeof value === 'string')
    return value.isWellFormed() ? 'a string' : 'a string with half a surrogate pair'
  if (typeof value !== 'object') return `a ${typeof value}`
  return `an object (${value.constructor?.name ?? 'without a class'})`
}
