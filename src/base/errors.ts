/**
 * What went wrong that is not an expected outcome. The code is stable; the message is for people.
 *
 * - `invalid_configuration` an option is missing, wrong or contradicts another; thrown at construction, names
 *   the fix
 * - `misuse` a call that cannot be right, such as reading the user before `authenticate()`
 * - `session_closed` the session was changed after the response was sent
 * - `session_key_refused` a session key is reserved, empty or dangerous
 * - `session_value_refused` JSON could not give the value back unchanged
 * - `session_too_large` the cookie would exceed the 4,096 bytes that browsers keep
 * - `backend_failed` a record store, user provider or limiter threw (see `cause`), one of them or a guard
 *   took too long, or a user has no usable id, hash or epoch
 * - `password_refused` a text that cannot be hashed as a password: empty, over 4,096 bytes, with NUL or a lone surrogate
 * - `password_queue_full` more password work is under way or waiting than this process may hold, or the line is full
 *   and this network has the most waiting
 * - `login_required` an unauthenticated request for a protected path, where `onFailure` is `throw`
 * - `impersonating` not available while impersonating: the device list and `passwordChanged()`
 * - `cross_origin_refused` another site's page called a Server Action, where no response can say so
 */
export type LatchkeyErrorCode =
  | 'invalid_configuration'
  | 'misuse'
  | 'session_closed'
  | 'session_key_refused'
  | 'session_value_refused'
  | 'session_too_large'
  | 'backend_failed'
  | 'password_refused'
  | 'password_queue_full'
  | 'login_required'
  | 'impersonating'
  | 'cross_origin_refused'

/**
 * The only error class of this library. Its message never contains a secret, a token, a cookie or a password.
 */
export class LatchkeyError extends Error {
  /** Always `LatchkeyError`. */
  override readonly name = 'LatchkeyError'
  /** What went wrong. Stable: your code can depend on it. */
  readonly code: LatchkeyErrorCode

  constructor(code: LatchkeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /**
   * The HTTP status for this error: 400 for a text that is no password, 401 or 403 for a request that was denied, 503
   * when a backend failed or the password queue is full, otherwise 500: the code is wrong.
   */
  get status(): 400 | 401 | 403 | 500 | 503 {
    return STATUSES[this.code] ?? 500
  }
}

const STATUSES: Partial<Record<LatchkeyErrorCode, 400 | 401 | 403 | 503>> = {
  password_refused: 400,
  login_required: 401,
  impersonating: 403,
  cross_origin_refused: 403,
  backend_failed: 503,
  password_queue_full: 503,
}

/** Throws `impersonating`: for actions that only the user themself may take. */
export function refuseImpersonating(what: string): never {
  throw new LatchkeyError(
    'impersonating',
    `${what} is not available while impersonating. Guard the route with requireNotImpersonating().`,
  )
}
