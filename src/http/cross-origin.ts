import { misconfigured } from '../base/options.ts'

/** Why a request was refused as forged by another site. */
export type CrossOriginReason = 'cross_site' | 'origin_mismatch'

/** Methods that must not change anything (RFC 9110, section 9.2.1), and that browsers send across sites freely. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

export interface CrossOriginOptions {
  /** The app's own origin, such as `https://app.example`. */
  readonly origin: string
  /** Further origins that may send unsafe requests, each exact: scheme, host and port. */
  readonly trustedOrigins?: readonly string[]
}

/**
 * `null` when a request may change something, otherwise why not. The algorithm of Go's `CrossOriginProtection`
 * (Filippo Valsorda, 2025), which needs no token and no state:
 *
 * 1. Safe methods pass; an upgrade to WebSocket is none, since what follows speaks in the visitor's name.
 * 2. `Sec-Fetch-Site`, which every browser since 2023 sends and no page can set: `same-origin` and `none` (typed, or
 *    a bookmark) pass; anything else is refused, unless the `Origin` is trusted.
 * 3. Without it, `Origin` as a whole string against the app's own. Comparing hosts alone would take `http://` for
 *    `https://`.
 * 4. Neither: it is no browser, and so nobody's cookies are abused. Allowed; this is where it fails open.
 *
 * There are no exemptions by path: a route that must take foreign requests is mounted without the protection.
 */
export function checkCrossOrigin(request: Request, options: CrossOriginOptions): CrossOriginReason | null {
  if (isSafe(request)) return null
  const site = request.headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return null
  const origin = request.headers.get('origin')
  if (origin !== null && options.trustedOrigins?.includes(origin)) return null
  if (site !== null) return 'cross_site'
  return origin === null || origin === options.origin ? null : 'origin_mismatch'
}

export function isSafe({ method, headers }: Request): boolean {
  return SAFE_METHODS.includes(method) && !headers.has('upgrade')
}

/** Refuses what is not exactly an origin: a path, a wildcard or a trailing slash would never match, or match too much. */
export function checkOrigin(name: string, origin: unknown): string {
  const fine =
    typeof origin === 'string' &&
    /^https?:\/\/[^*]+$/.test(origin) &&
    URL.canParse(origin) &&
    new URL(origin).origin === origin
  if (fine) return origin as string
  return misconfigured(
    `\`${name}\` takes exact origins such as "https://app.example", without path or trailing slash.`,
  )
}
