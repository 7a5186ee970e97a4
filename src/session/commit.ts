import { LatchkeyError } from '../base/errors.ts'
import { serializeCookie } from '../http/cookie.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { SessionRecord } from './record.ts'

/** Browsers drop a `Set-Cookie` value that is longer than this (RFC 6265bis, section 5.6). */
const MAX_BYTES = 4096

/** The session was not asked for: the response does not depend on it. */
export const UNUSED: SessionCommit = { used: false, cookies: [] }
/** The browser's cookie stays as it is. */
export const UNCHANGED: SessionCommit = { used: true, cookies: [] }

/**
 * Sends the cookie that opens a session.
 *
 * @param isPersistent Whether it outlives the browser. Default: as the cookie is configured.
 *
 * @throws LatchkeyError `session_too_large` for a cookie that no browser would keep.
 */
export function setCookie(
  form: CookieForm,
  value: string,
  record: SessionRecord,
  now: number,
  isPersistent?: boolean,
): SessionCommit {
  const cookie = form.set(value, (record.expiresAt - now) / 1000, isPersistent)
  const { length } = serializeCookie(cookie)
  if (length <= MAX_BYTES) return { used: true, cookies: [cookie] }
  const [largest] = Object.entries(record.data)
    .map(([key, item]) => [key, JSON.stringify(item).length] as const)
    .sort(([, a], [, b]) => b - a)[0] ?? ['']
  throw new LatchkeyError(
    'session_too_large',
    `The session cookie would take ${length} bytes of ${MAX_BYTES}. Largest key: "${largest}". ` +
      'Store it elsewhere, or use storedSessions().',
  )
}

/** Removes the browser's cookie. */
export function removeCookie(form: CookieForm): SessionCommit {
  return { used: true, cookies: [form.expire()] }
}
