import { LatchkeyError } from 'latchkey'

/** What is used of `await cookies()`. */
export interface CookieJar {
  getAll(): readonly { readonly name: string; readonly value: string }[]
  set(name: string, value: string, attributes: CookieAttributes): unknown
}

/** The attributes of a cookie, as Next calls them. */
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
 * Puts a `Set-Cookie` value into Next's jar, with every attribute that it has.
 *
 * @throws LatchkeyError `misuse` where Next lets no cookie be set, and for an attribute that it has no word for.
 */
export function keepCookie(jar: CookieJar, setCookie: string): void {
  const [pair = '', ...given] = setCookie.split(/;\s*/)
  const attributes: CookieAttributes = {}
  for (const text of given) {
    const [name, value] = halves(text)
    const translate = ATTRIBUTES[name.toLowerCase()]
    if (!translate) throw new LatchkeyError('misuse', `Next sets no cookie with the attribute ${name}.`)
    Object.assign(attributes, translate(value))
  }
  try {
    jar.set(...halves(pair), attributes)
  } catch (cause) {
    throw new LatchkeyError(
      'misuse',
      'Next lets no cookie be set here, so the session could not be saved. Log in, log out and write to the session in a Server Action that was submitted, or in a route handler; never while a page renders.',
      { cause },
    )
  }
}

function halves(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/**
 * The `Cookie` header as it is by now. What an action of this same request has set stands in the jar alone; of a name
 * that came twice the jar knows one value, and the header both.
 */
export function cookieHeader(sent: string | null, jar: CookieJar): string {
  const pairs = (sent ?? '').split(/;\s*/)
  const known = jar.getAll().flatMap(({ name, value }) => {
    // Encoded as Next does it, or a value could bring further cookies along. Ours are the same either way.
    const pair = `${name}=${encodeURIComponent(value)}`
    const same = pairs.filter((other) => other.startsWith(`${name}=`))
    return same.includes(pair) ? same : [pair]
  })
  return known.join('; ')
}
