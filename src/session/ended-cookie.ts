import type { Cookie } from '../http/cookie.ts'
import { cookieValues } from '../http/cookie-values.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import { CLOCK_SKEW_MS } from './lifetime.ts'

/** `1.` is the version of the format; then epoch milliseconds. */
const VALUE = /^1\.(\d{1,15})$/

/**
 * When a session of this browser last ended, epoch milliseconds, by its `…-ended` cookie; 0 if it has none. A sealed
 * session that began then or earlier is over, even if a late response brings it back.
 *
 * The number is not signed: an attacker who can plant it could also remove the session cookie. One that is a minute ahead or
 * more is ignored, so that it cannot lock the browser out.
 */
export function endedAt(header: string | null, form: CookieForm, now: () => number): number {
  // Most browsers have none: no list is made then.
  if (!header?.includes(form.endedName)) return 0
  const limit = now() + CLOCK_SKEW_MS
  let latest = 0
  for (const value of cookieValues(header, form.endedName)) {
    const at = Number(VALUE.exec(value)?.[1] ?? 0)
    if (at < limit && at > latest) latest = at
  }
  return latest
}

/** The cookie that says so. It is kept for as long as a session may live. */
export function endedCookie(form: CookieForm, at: number, seconds: number): Cookie {
  return form.ended(`1.${at}`, seconds)
}
