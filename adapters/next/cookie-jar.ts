import { LatchkeyError } from 'latchkey'

/** The subset of `await cookies()` that we call. */
export interface CookieJar {
  getAll(): readonly { readonly name: string; readonly value: string }[]
  set(name: string, value: string, attributes: CookieAttributes): unknown
}

/** The attributes of a cookie under Next's names. */
export interface CookieAttributes {
  path?: string
  domain?: string
  maxAge?: number
  expires?: Date
  sameSite?: 'strict' | 'lax' | 'none'
  httpOnly?: true
  secure?: true
  partitioned?: true
}

const ATTRIBUTES: Readonly<Record<string, (value: string) => CookieAttributes>> = {
  path: (path) => ({ path }),
  domain: (domain) => ({ domain }),
  'max-age': (seconds) => ({ maxAge: Number(seconds) }),
  expires: (date) => ({ expires: new Date(date) }),
  samesite: (site) => ({ sameSite: site.toLowerCase() as 'strict' | 'lax' | 'none' }),
  httponly: () => ({ httpOnly: true }),
  secure: () => ({ secure: true }),
  partitioned: () => ({ partitioned: true }),
}

/**
 * Puts a `Set-Cookie` value into Next's jar, with all its attributes.
 *
 * @throws LatchkeyError `misuse` where Next does not allow cookies to be set, and for an attribute that Next
 * lacks.
 */
export function keepCookie(jar: CookieJar, setCookie: string): void {
  const [pair = '', ...given] = setCookie.split(/;\s*/)
  const attributes: CookieAttributes = {}
  for (const text of given) {
    const [name, value] = halves(text)
    const translate = ATTRIBUTES[name.toLowerCase()]
    if (!translate) throw new LatchkeyError('misuse', `Next cannot set a cookie with the attribute ${name}.`)
    Object.assign(attributes, translate(value))
  }
  try {
    jar.set(...halves(pair), attributes)
  } catch (cause) {
    throw new LatchkeyError(
      'misuse',
      'Next does not allow cookies to be set here, so the session could not be saved. Log in, log out and write to the session in a submitted Server Action or in a route handler, never while a page renders.',
      { cause },
    )
  }
}

function halves(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/**
 * The current `Cookie` header. Only the jar has what an action of this same request has set; if a name was
 * sent twice, the jar has one value and the header has both.
 */
export function cookieHeader(sent: string | null, jar: CookieJar): string {
  const pairs = (sent ?? '').split(/;\s*/)
  const known = jar.getAll().flatMap(({ name, value }) => {
    // Encoded as Next encodes it: otherwise a value could inject further cookies. Ours are the same either
    // way.
    const pair = `${name}=${encodeURIComponent(value)}`
    const same = pairs.filter((other) => other.startsWith(`${name}=`))
    return same.includes(pair) ? same : [pair]
  })
  return known.join('; ')
}
