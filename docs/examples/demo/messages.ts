import type { LoginOutcome, RequestAuth } from 'latchkey'
import type { Problem } from './fields.ts'
import type { User } from './users.ts'

/** What is told on the next page: why a session ended (latchkey's reasons), or what was just done. */
const NOTICES = new Map<unknown, string>([
  ['credentials_changed', 'Your password was changed on another device. Please log in again.'],
  ['idle', 'Your session has expired. Please log in again.'],
  ['absolute', 'Your session has expired. Please log in again.'],
  ['revoked', 'Your session has ended, here or on another device. Please log in again.'],
  ['too_many_sessions', 'Your session has ended, here or on another device. Please log in again.'],
  // Not in the store (any more): it cannot be told why.
  ['unknown', 'Your session has ended, here or on another device. Please log in again.'],
  ['user_disabled', 'Your account has been disabled, so you were logged out.'],
  ['user_missing', 'Your account no longer exists.'],
  ['logged_out', 'You are logged out.'],
  [
    'password_changed',
    'Your password is changed. You are still logged in here, and logged out everywhere else.',
  ],
  ['device_ended', 'That device is logged out.'],
  ['device_unknown', 'That device was logged out already.'],
  ['others_ended', 'You are logged out everywhere else.'],
])

export const noticeText = (code: unknown): string | undefined => NOTICES.get(code)

/** What the last request wanted to be told, once. */
export async function takeNotice({ session }: RequestAuth<User>): Promise<string | undefined> {
  const notice = await session.get('notice')
  if (notice !== undefined) session.set('notice', undefined)
  return noticeText(notice)
}

type Refused = Extract<LoginOutcome<User>, { ok: false }>

export interface Refusal {
  readonly status: 401 | 403 | 429
  readonly message: string
}

/** An unknown user and a wrong password are one and the same, here as in the outcome. */
export function loginRefusal(outcome: Refused): Refusal {
  switch (outcome.code) {
    case 'throttled':
      return tooManyAttempts(outcome.retryAfterSeconds)
    case 'rejected':
      return { status: 403, message: 'This account is disabled. Please ask us to open it again.' }
    default:
      return { status: 401, message: 'That e-mail address and password do not belong together.' }
  }
}

export function tooManyAttempts(retryAfterSeconds: number): Refusal {
  const minutes = Math.ceil(retryAfterSeconds / 60)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return { status: 429, message: `Too many attempts. Please try again in ${wait}.` }
}

/** Why a text cannot be a new password; the library takes any up to 4,096 bytes without NUL. */
export function passwordProblem(password: string): Problem | undefined {
  const refused = (message: string): Problem => ({ field: 'password', message })
  if (password.length < 8) return refused('Please choose a password of at least 8 characters.')
  if (password.length > 1000 || password.includes('\0')) return refused('Please choose another password.')
  return undefined
}
