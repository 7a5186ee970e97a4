import { LatchkeyError } from '../base/errors.ts'
import type { SessionPatch } from './record.ts'

/** Browsers drop a `Set-Cookie` value that is longer than this (RFC 6265bis, section 5.6). */
const MAX_BYTES = 4096

/** Throws `session_too_large` for a session cookie that no browser would keep. */
export function checkCookieSize(cookie: string, data: SessionPatch): void {
  if (cookie.length <= MAX_BYTES) return
  const [largest] = Object.entries(data)
    .map(([key, item]) => [key, JSON.stringify(item).length] as const)
    .sort(([, a], [, b]) => b - a)[0] ?? ['']
  throw new LatchkeyError(
    'session_too_large',
    `The session cookie would take ${cookie.length} bytes of ${MAX_BYTES}. Largest key: "${largest}". ` +
      'Store it elsewhere, or use storedSessions().',
  )
}
