import { LatchkeyError } from '../base/errors.ts'
import type { SessionPatch } from './record.ts'

/** Browsers keep at most this much of a `Set-Cookie` value (RFC 6265bis, section 5.6), and drop what is longer. */
const MAX_BYTES = 4096

/** Refuses a session that no browser would keep. */
export function checkCookieSize(cookie: string, data: SessionPatch): void {
  if (cookie.length <= MAX_BYTES) return
  const [largest] = Object.entries(data)
    .map(([key, item]) => [key, JSON.stringify(item).length] as const)
    .sort(([, a], [, b]) => b - a)[0] ?? ['']
  throw new LatchkeyError(
    'session_too_large',
    `The session cookie would take ${cookie.length} bytes of ${MAX_BYTES}. Largest key: "${largest}". ` +
      'Keep it elsewhere, or use storedSessions().',
  )
}
