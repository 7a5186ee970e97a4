/**
 * What can go wrong that is not an expected outcome. The code is stable; the message is for people.
 *
 * - `invalid_configuration` an option is missing, wrong or contradicts another; thrown while building, names the fix
 * - `misuse` a call that cannot be right, such as reading the user before `authenticate()`
 * - `session_closed` the session was changed after the response had left
 * - `session_key_refused` a key that is reserved, empty or dangerous
 * - `session_value_refused` a value that JSON could not give back as it was
 * - `session_too_large` the cookie would pass the 4,096 bytes that browsers keep
 * - `backend_failed` a record store, user provider, limiter or guard threw (`cause` kept) or took too long
 * - `password_queue_full` more password work is waiting than this process may hold
 * - `login_required` a protected path was asked for by nobody, and the strategy is to throw
 * - `cross_origin_refused` another site's page sent this, and there is no response to say so: a Server Action
 */
export type LatchkeyErrorCode =
  | 'invalid_configuration'
  | 'misuse'
  | 'session_closed'
  | 'session_key_refused'
  | 'session_value_refused'
  | 'session_too_large'
  | 'backend_failed'
  | 'password_queue_full'
  | 'login_required'
  | 'cross_origin_refused'

/** The one error class. Its message never holds a secret, a token, a cookie or a password. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError'
  readonly code: LatchkeyErrorCode

  constructor(code: LatchkeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** The HTTP status that says it best: 503 when something behind us is broken, 500 when the code is. */
  get status(): 401 | 403 | 500 | 503 {
    return STATUSES[this.code] ?? 500
  }
}

const STATUSES: Partial<Record<LatchkeyErrorCode, 401 | 403 | 503>> = {
  login_required: 401,
  cross_origin_refused: 403,
  backend_failed: 503,
  password_queue_full: 503,
}
