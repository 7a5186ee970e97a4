import { LatchkeyError } from 'latchkey'
import type { Cookie } from 'latchkey/adapter'

/** The subset of `await cookies()` that we call. Its cookies have the members of ours, and more. */
export interface CookieJar {
  getAll(): readonly { readonly name: string; readonly value: string }[]
  set(cookie: Cookie & { readonly expires?: Date }): unknown
}

/**
 * Puts a cookie into Next's jar.
 *
 * @throws LatchkeyError `misuse` where Next does not allow cookies to be set.
 */
export function keepCookie(jar: CookieJar, cookie: Cookie): void {
  try {
    // For clients that do not know `Max-Age`.
    jar.set(cookie.maxAge === 0 ? { ...cookie, expires: new Date(0) } : cookie)
  } catch (cause) {
    throw new LatchkeyError(
      'misuse',
      'Next does not allow cookies to be set here, so the session could not be saved. Log in, log out and write to the session in a submitted Server Action or in a route handler, never while a page renders.',
      { cause },
    )
  }
}

/**
 * The current `Cookie` header. Only the jar has what an action of this same request has set; if a name was
 * sent twice, the jar has one value and the header has both.
 */
export function cookieHeader(sent: string | null, jar: CookieJar): string {
  const sentPairs = pairsByName(sent ?? '')
  const known = jar.getAll().flatMap(({ name, value }) => {
    // Encoded as Next encodes it: otherwise a value could inject further cookies. Ours are the same either
    // way.
    const pair = `${name}=${encodeURIComponent(value)}`
    const same = sentPairs.get(name) ?? []
    return same.includes(pair) ? same : [pair]
  })
  return known.join('; ')
}

function pairsByName(header: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const pair of header.split(/;\s*/)) {
    const end = pair.indexOf('=')
    if (end < 0) continue
    const name = pair.slice(0, end)
    const same = found.get(name)
    if (same) same.push(pair)
    else found.set(name, [pair])
  }
  return found
}
