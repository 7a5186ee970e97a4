import type { Cookie } from '../http/cookie.ts'
import { cookieValues } from '../http/cookie-values.ts'

/** The session cookie of the library before, as it was set. */
export interface PreviousCookie {
  /** The full name. */
  readonly name: string
  /** The path that it was set for. Default `/`. */
  readonly path?: string
  /** The domain that it was set for. Default: the app's host only. */
  readonly domain?: string
}

/** iron-session and Auth.js make at most four for a session that fits into a request. */
const MAX_CHUNKS = 4

/** Returns every value of the cookie, percent-decoded, and its chunks (`name.0`, `name.1`) in one piece. */
export function previousValues(header: string | null, { name }: PreviousCookie): string[] {
  if (!header?.includes(name)) return []
  const values = cookieValues(header, name)
  const chunks = chunksOf(name).map((chunk) => cookieValues(header, chunk)[0] ?? '')
  return [...values, chunks.join('')].filter((value) => value !== '').map(decoded)
}

/** Returns the cookies that remove those of the request. */
export function previousRemoved({ headers, url }: Request, cookie: PreviousCookie): Cookie[] {
  const { name, path = '/', domain } = cookie
  const secure = name.startsWith('__') || new URL(url).protocol === 'https:'
  const attributes = { value: '', path, domain, httpOnly: true, secure, sameSite: 'lax', maxAge: 0 } as const
  return [name, ...chunksOf(name)]
    .filter((sent) => cookieValues(headers.get('cookie'), sent).length > 0)
    .map((sent) => ({ name: sent, ...attributes }))
}

function chunksOf(name: string): string[] {
  return Array.from({ length: MAX_CHUNKS }, (_, i) => `${name}.${i}`)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
