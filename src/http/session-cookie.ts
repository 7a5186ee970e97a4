import { misconfigured, refuseUnknown } from '../base/options.ts'
import type { Cookie } from './cookie.ts'

/** How the session cookie looks. The default is `__Host-session; Path=/; HttpOnly; Secure; SameSite=Lax`. */
export interface CookieOptions {
  /** The name without its prefix. Default `session`. */
  readonly name?: string
  /** The path that the cookie is sent to. Default `/`. Any other path turns `__Host-` into `__Secure-`. */
  readonly path?: string
  /**
   * The domain that the cookie is sent to. Default: this host only. A domain shares the session with all its
   * hosts, and turns `__Host-` into `__Secure-`.
   */
  readonly domain?: string
  /** Whether cross-site requests send the cookie. Default `lax`. `none` sends it with all of them. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Keeps one session per top-level site that embeds the app (CHIPS). Default false. */
  readonly partitioned?: boolean
  /**
   * How long the browser keeps the cookie, in seconds, at most until the session's idle end. Default: until the browser is
   * closed. A login with `remember: true` ignores it.
   */
  readonly maxAgeSeconds?: number
  /** `true`: Secure and prefixed on loopback http too. Default: there it has no prefix and is not Secure. */
  readonly secure?: true
  /** `true`: never Secure, no prefix. Anyone on the network can read the session. Default: not set. */
  readonly insecure?: true
}

/** The session cookie as it is sent to one kind of origin. */
export interface CookieForm {
  /** The full name, with its prefix. */
  readonly name: string
  /** Whether the browser keeps the cookie after it is closed. */
  readonly isPersistent: boolean
  /**
   * The cookie that holds `value`. A persistent one is kept for at most `remainingSeconds`.
   *
   * @param isPersistent Default: as configured.
   */
  set(value: string, remainingSeconds: number, isPersistent?: boolean): Cookie
  /** The cookie that removes it. */
  expire(): Cookie
  /** The name of the cookie beside it that says when a session of this browser ended. */
  readonly endedName: string
  /** That cookie, kept for `seconds`. */
  ended(value: string, seconds: number): Cookie
}

/** Browsers keep no cookie for longer (RFC 6265bis, section 5.5). */
const MAX_AGE_SECONDS = 34_560_000

const PREFIX = /^(__Host-|__Secure-)(.*)$/i
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i

/** The session cookie. Options are checked at construction. A request's origin decides which form it gets. */
export class SessionCookie {
  /** The name without its prefix: the same in every form. */
  readonly baseName: string
  readonly #secure: CookieForm
  readonly #plain: CookieForm
  readonly #fixed: CookieForm | undefined
  #hasWarned = false

  /** @param appId Tells apps on one machine apart, whose cookies loopback would mix up: cookies know no ports. */
  constructor(options: CookieOptions, origin: string | undefined, appId = '') {
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
        misconfigured('`cookie.partitioned`, `secure` and `insecure` must be true or omitted.')
    }
    const [, prefix = '', rest = name] = PREFIX.exec(name) ?? []
    const isHost = path === '/' && domain === undefined
    const needsSecure = prefix !== '' || sameSite === 'none' || partitioned
    demand(
      /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(rest),
      'name',
      'must be 1 to 64 characters of a token (RFC 9110)',
    )
    demand(
      /^\/[^;,\s\p{Cc}\P{ASCII}]*$/u.test(path),
      'path',
      'must begin with "/", without spaces, commas, semicolons',
    )
    demand(['strict', 'lax', 'none'].includes(sameSite), 'sameSite', 'must be "strict", "lax" or "none"')
    demand(
      domain === undefined || HOST.test(domain),
      'domain',
      'must be a host such as "app.example", without a leading dot',
    )
    demand(covers(domain, origin), 'domain', `does not cover the app's own origin ${origin}`)
    demand(isHost || !/^__host-$/i.test(prefix), 'name', 'with `__Host-` needs the path "/" and no domain')
    demand(!(secure && insecure), 'secure', 'and `cookie.insecure` contradict each other')
    demand(
      !(insecure && needsSecure),
      'insecure',
      'cannot go with a prefix, `sameSite: "none"` or `partitioned`, which must be Secure',
    )
    demand(
      insecure || origin === undefined || !origin.startsWith('http://') || isLoopbackHttp(origin),
      'insecure',
      `must be true for the origin ${origin}: without TLS, anyone on the network can read the session`,
    )
    demand(
      isAge(maxAgeSeconds),
      'maxAgeSeconds',
      `must be a whole number from 1 to ${MAX_AGE_SECONDS} (400 days)`,
    )

    this.baseName = rest
    const attributes = { path, domain, sameSite, partitioned: partitioned || undefined, maxAgeSeconds }
    const prefixed = (isHost && !/^__secure-$/i.test(prefix) ? '__Host-' : '__Secure-') + rest
    this.#secure = form({ name: prefixed, secure: true, ...attributes })
    const isDefault = options.name === undefined && origin === undefined && !insecure && appId !== ''
    const plain = isDefault ? `${rest}-${appId}` : rest
    this.#plain = form({ name: plain, secure: false, ...attributes })

    if (insecure) this.#fixed = this.#plain
    else if (secure || needsSecure) this.#fixed = this.#secure
    else if (origin !== undefined) this.#fixed = isLoopbackHttp(origin) ? this.#plain : this.#secure
  }

  /**
   * The form for a request. Without a configured origin, only plain http on loopback gets the bare form: not a request
   * that a proxy has forwarded from elsewhere.
   */
  formFor(request: Request): CookieForm {
    if (this.#fixed) return this.#fixed
    if (!isLoopbackHttp(request.url)) return this.#secure
    if (!isForwarded(request.headers)) return this.#plain
    this.#warn()
    return this.#secure
  }

  /** Whether a request's session cookie may have this full name. */
  mayBeNamed(name: string): boolean {
    return (this.#fixed ? [this.#fixed] : [this.#secure, this.#plain]).some((form) => form.name === name)
  }

  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    console.warn(
      'latchkey: a proxy forwards requests to a loopback address, so the session cookie is Secure. ' +
        'Set `origin` in createAuth() to the address that browsers use.',
    )
  }
}

const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
]

/** Whether a proxy has forwarded the request. A development server that names only itself, as Next's does, has not. */
function isForwarded(headers: Headers): boolean {
  const host = headers.get('x-forwarded-host')
  const scheme = headers.get('x-forwarded-proto') ?? 'http'
  if (host !== null && !headers.has('forwarded') && isLoopbackHttp(`${scheme}://${host}`)) return false
  return FORWARDED.some((name) => headers.has(name))
}

/** What is the same for every cookie of a form. */
interface Attributes
  extends Pick<Cookie, 'name' | 'path' | 'domain' | 'secure' | 'sameSite' | 'partitioned'> {
  readonly maxAgeSeconds: number | undefined
}

function form({ maxAgeSeconds, ...attributes }: Attributes): CookieForm {
  const { name, path, domain, secure, sameSite, partitioned } = attributes
  const endedName = `${name}-ended`
  // Member by member: spreading the attributes takes a hundred times as long (0.3 µs, measured on Node 20).
  const cookie = (value: string, maxAge: number | undefined, named = name): Cookie => ({
    name: named,
    value,
    path,
    domain,
    httpOnly: true,
    secure,
    sameSite,
    partitioned,
    maxAge,
  })
  return {
    name,
    isPersistent: maxAgeSeconds !== undefined,
    set: (value, remainingSeconds, isPersistent) => {
      const most = isPersistent === undefined ? maxAgeSeconds : isPersistent ? MAX_AGE_SECONDS : undefined
      return cookie(value, most && Math.floor(Math.min(most, remainingSeconds)))
    },
    expire: () => cookie('', 0),
    endedName,
    ended: (value, seconds) => ({
      ...cookie(value, Math.min(Math.ceil(seconds), MAX_AGE_SECONDS), endedName),
      ends: true,
    }),
  }
}

function demand(isMet: boolean, option: keyof CookieOptions, what: string): void {
  if (!isMet) misconfigured(`\`cookie.${option}\` ${what}.`)
}

function isAge(seconds: number | undefined): boolean {
  return seconds === undefined || (Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_AGE_SECONDS)
}

/** Browsers drop a cookie for a domain that does not include the app's host. */
function covers(domain: string | undefined, origin: string | undefined): boolean {
  if (domain === undefined || origin === undefined) return true
  return `.${new URL(origin).hostname}`.endsWith(`.${domain}`)
}

const LOOPBACK = /^http:\/\/(?:localhost|[\w.-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$)/

/** Whether a URL, as serialised by a URL parser, is plain http on this very machine. */
export function isLoopbackHttp(url: string): boolean {
  return LOOPBACK.test(url)
}
