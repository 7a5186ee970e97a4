import { misconfigured } from '../errors.ts'
import { isLoopbackHttp } from './loopback.ts'

/** How our cookies look. The default is `__Host-session; Path=/; HttpOnly; Secure; SameSite=Lax`. */
export interface CookieOptions {
  /** The name without its prefix. Default `session`. */
  readonly name?: string
  /** Default `/`. Any other path costs the `__Host-` prefix. */
  readonly path?: string
  /** Default: this host alone. Naming a domain shares the session with all its hosts, and costs `__Host-`. */
  readonly domain?: string
  /** Default `lax`. `none` sends the session with every cross-site request. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Keeps one session per top-level site that embeds us (CHIPS). Default false. */
  readonly partitioned?: boolean
  /** Seconds for which the browser keeps the cookie. Default: until the browser is closed. */
  readonly maxAgeSeconds?: number
  /** `true`: Secure and prefixed on loopback http too. Default: there the name is bare and Secure is left out. */
  readonly secure?: true
  /** `true`: never Secure, no prefix. Whoever is on the network can read the session. */
  readonly insecure?: true
}

/** Our cookie as it goes to one kind of origin. */
export interface CookieForm {
  readonly name: string
  /** A `Set-Cookie` value. `remainingSeconds` bounds `Max-Age`. */
  set(value: string, remainingSeconds: number): string
  /** The `Set-Cookie` value that removes it. */
  expire(): string
}

/** Browsers keep at most this much of a `Set-Cookie` value (RFC 6265bis, section 5.6). */
export const MAX_COOKIE_BYTES = 4096
/** Browsers keep no cookie for longer (RFC 6265bis, section 5.5). */
const MAX_AGE_SECONDS = 34_560_000

const PREFIX = /^(__Host-|__Secure-)(.*)$/i

/** The session cookie. Its options are checked when built; which form a request gets is decided by its origin. */
export class SessionCookie {
  /** The name without prefix: the same in every form. */
  readonly baseName: string
  readonly isPersistent: boolean
  readonly #secure: CookieForm
  readonly #plain: CookieForm
  readonly #fixed: CookieForm | undefined

  constructor(options: CookieOptions, origin: string | undefined) {
    const { sameSite = 'lax', path = '/', domain, partitioned = false, maxAgeSeconds } = options
    const given = options.name ?? 'session'
    const [, wanted, rest] = PREFIX.exec(given) ?? []
    this.baseName = rest ?? given
    this.isPersistent = maxAgeSeconds !== undefined
    check(options, this.baseName, wanted, origin)

    const hostOnly = path === '/' && domain === undefined && wanted?.toLowerCase() !== '__secure-'
    const scope = `; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}`
    const site = `; SameSite=${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}${partitioned ? '; Partitioned' : ''}`
    this.#secure = form(
      (hostOnly ? '__Host-' : '__Secure-') + this.baseName,
      `${scope}; HttpOnly; Secure${site}`,
      maxAgeSeconds,
    )
    this.#plain = form(this.baseName, `${scope}; HttpOnly${site}`, maxAgeSeconds)

    const secureOnly = options.secure === true || wanted !== undefined || sameSite === 'none' || partitioned
    if (options.insecure) this.#fixed = this.#plain
    else if (secureOnly) this.#fixed = this.#secure
    else if (origin !== undefined) this.#fixed = isLoopbackHttp(origin) ? this.#plain : this.#secure
  }

  /** The form for a request. Without a configured origin, plain http on loopback alone gets the bare form. */
  formFor(request: Request): CookieForm {
    return this.#fixed ?? (isLoopbackHttp(request.url) ? this.#plain : this.#secure)
  }
}

function form(name: string, attributes: string, maxAgeSeconds: number | undefined): CookieForm {
  return {
    name,
    set(value, remainingSeconds) {
      const age =
        maxAgeSeconds === undefined
          ? ''
          : `; Max-Age=${Math.floor(Math.min(maxAgeSeconds, remainingSeconds))}`
      return `${name}=${value}${attributes}${age}`
    },
    expire: () => `${name}=${attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
  }
}

function check(
  options: CookieOptions,
  baseName: string,
  prefix: string | undefined,
  origin: string | undefined,
): void {
  const { path = '/', domain, sameSite = 'lax', partitioned, maxAgeSeconds, insecure } = options
  if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(baseName))
    misconfigured('`cookie.name` is 1 to 64 characters of a token (RFC 9110).')
  if (!/^\/[^;,\s\p{Cc}\P{ASCII}]*$/u.test(path))
    misconfigured('`cookie.path` begins with "/" and has no blanks, commas or semicolons.')
  if (!['strict', 'lax', 'none'].includes(sameSite))
    misconfigured('`cookie.sameSite` is "strict", "lax" or "none".')
  if (domain !== undefined) checkDomain(domain, origin)
  if (prefix?.toLowerCase() === '__host-' && (path !== '/' || domain !== undefined)) {
    misconfigured(
      'A `__Host-` cookie has the path "/" and no domain. Leave them out, or name it `__Secure-…`.',
    )
  }
  if (insecure) {
    if (options.secure)
      misconfigured('`cookie.secure` and `cookie.insecure` contradict each other. Keep one.')
    if (prefix !== undefined)
      misconfigured(`A \`${prefix}\` cookie must be Secure. Remove \`cookie.insecure\` or the prefix.`)
    if (sameSite === 'none' || partitioned) {
      misconfigured('`sameSite: "none"` and `partitioned` need a Secure cookie. Remove `cookie.insecure`.')
    }
  }
  const inRange =
    maxAgeSeconds === undefined ||
    (Number.isInteger(maxAgeSeconds) && maxAgeSeconds > 0 && maxAgeSeconds <= MAX_AGE_SECONDS)
  if (!inRange) misconfigured('`cookie.maxAgeSeconds` is a whole number from 1 to 34,560,000 (400 days).')
}

function checkDomain(domain: string, origin: string | undefined): void {
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain))
    misconfigured('`cookie.domain` is a host name such as "example.com", without a leading dot.')
  const host = origin === undefined ? domain : new URL(origin).hostname
  if (host !== domain && !host.endsWith(`.${domain}`)) {
    misconfigured(
      `\`cookie.domain\` "${domain}" does not cover the app's own host "${host}": browsers would drop the cookie.`,
    )
  }
}
