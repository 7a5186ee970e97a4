import { misconfigured, refuseUnknown } from '../base/options.ts'
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
  /** Whether the browser keeps it beyond its own end. */
  readonly isPersistent: boolean
  /** A `Set-Cookie` value. `remainingSeconds` bounds `Max-Age`. */
  set(value: string, remainingSeconds: number): string
  /** The `Set-Cookie` value that removes it. */
  expire(): string
}

/** Browsers keep no cookie for longer (RFC 6265bis, section 5.5). */
const MAX_AGE_SECONDS = 34_560_000

const PREFIX = /^(__Host-|__Secure-)(.*)$/i
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i

/** The session cookie. Its options are checked when built; which form a request gets is decided by its origin. */
export class SessionCookie {
  /** The name without prefix: the same in every form. */
  readonly baseName: string
  readonly #secure: CookieForm
  readonly #plain: CookieForm
  readonly #fixed: CookieForm | undefined

  constructor(options: CookieOptions, origin: string | undefined) {
    const {
      name = 'session',
      path = '/',
      domain,
      sameSite = 'lax',
      partitioned = false,
      maxAgeSeconds,
      secure = false,
      insecure = false,
      ...unknown
    } = options
    refuseUnknown(unknown)
    for (const flag of [partitioned, secure, insecure] as unknown[]) {
      if (typeof flag !== 'boolean')
        misconfigured('`cookie.partitioned`, `secure` and `insecure` are true or left out.')
    }
    const [, prefix = '', rest = name] = PREFIX.exec(name) ?? []
    const isHost = path === '/' && domain === undefined
    const needsSecure = prefix !== '' || sameSite === 'none' || partitioned
    demand(/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(rest), 'name', 'is 1 to 64 characters of a token (RFC 9110)')
    demand(
      /^\/[^;,\s\p{Cc}\P{ASCII}]*$/u.test(path),
      'path',
      'begins with "/", without blanks, commas, semicolons',
    )
    demand(['strict', 'lax', 'none'].includes(sameSite), 'sameSite', 'is "strict", "lax" or "none"')
    demand(
      domain === undefined || HOST.test(domain),
      'domain',
      'is a host such as "app.example", without a leading dot',
    )
    demand(covers(domain, origin), 'domain', `does not cover the app's own origin ${origin}`)
    demand(isHost || !/^__host-$/i.test(prefix), 'name', 'with `__Host-` needs the path "/" and no domain')
    demand(!(secure && insecure), 'secure', 'and `cookie.insecure` contradict each other')
    demand(
      !(insecure && needsSecure),
      'insecure',
      'is not for a prefix, `sameSite: "none"` or `partitioned`, which must be Secure',
    )
    demand(isAge(maxAgeSeconds), 'maxAgeSeconds', `is a whole number from 1 to ${MAX_AGE_SECONDS} (400 days)`)

    this.baseName = rest
    const scope = `; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}; HttpOnly`
    const site = `; SameSite=${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}${partitioned ? '; Partitioned' : ''}`
    const usesHost = isHost && !/^__secure-$/i.test(prefix)
    this.#secure = form((usesHost ? '__Host-' : '__Secure-') + rest, `${scope}; Secure${site}`, maxAgeSeconds)
    this.#plain = form(rest, scope + site, maxAgeSeconds)

    if (insecure) this.#fixed = this.#plain
    else if (secure || needsSecure) this.#fixed = this.#secure
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
    isPersistent: maxAgeSeconds !== undefined,
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

function demand(isMet: boolean, option: keyof CookieOptions, what: string): void {
  if (!isMet) misconfigured(`\`cookie.${option}\` ${what}.`)
}

function isAge(seconds: number | undefined): boolean {
  return seconds === undefined || (Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_AGE_SECONDS)
}

/** Browsers drop a cookie for a domain that the app's host is not in. */
function covers(domain: string | undefined, origin: string | undefined): boolean {
  if (domain === undefined || origin === undefined) return true
  return `.${new URL(origin).hostname}`.endsWith(`.${domain}`)
}
