import { misconfigured } from '../base/options.ts'

/** Why a request was refused as forged by another site. */
export type CrossOriginReason = 'cross_site' | 'origin_mismatch'

/** Methods that must not change anything (RFC 9110, section 9.2.1). Browsers send them across sites. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** The origins that {@link checkCrossOrigin} accepts unsafe requests from. */
export interface CrossOriginOptions {
  /** The app's own origin, such as `https://app.example`. Default: that of the request's URL. */
  readonly origin?: string | undefined
  /** Further origins that may send unsafe requests, each exact: scheme, host and port. Default none. */
  readonly trustedOrigins?: readonly string[]
}

/**
 * Returns `null` if a request may change something, otherwise why not. Needs no token and no state.
 *
 * The algorithm is that of Go's `CrossOriginProtection` (Filippo Valsorda, 2025):
 *
 * 1. Safe methods pass. An upgrade to WebSocket is not safe, because its messages act in the visitor's name.
 * 2. `Sec-Fetch-Site`, which every browser since 2023 sends and no page can set: `same-origin` and `none`
 *    (typed, or a bookmark) pass. Anything else is refused, unless the `Origin` is trusted.
 * 3. Without it, the whole `Origin` is compared with the app's own. Comparing hosts alone would take
 *    `http://` for `https://`.
 * 4. Without either, the client is not a browser, so no visitor's cookies are abused. It passes: this is
 *    where the check fails open.
 *
 * There are no exemptions by path: a route that must accept cross-origin requests is mounted without the
 * protection.
 */
export function checkCrossOrigin(request: Request, options: CrossOriginOptions): CrossOriginReason | null {
  if (isSafe(request)) return null
  const site = request.headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return null
  const origin = request.headers.get('origin')
  if (origin !== null && options.trustedOrigins?.includes(origin)) return null
  if (site !== null) return 'cross_site'
  if (origin === null) return null
  // Asked last: parsing a URL costs more than all else here.
  return origin === (options.origin ?? new URL(request.url).origin) ? null : 'origin_mismatch'
}

/** Whether a request cannot change anything: a safe method, and not an upgrade. */
function isSafe({ method, headers }: Request): boolean {
  return SAFE_METHODS.includes(method) && !headers.has('upgrade')
}

/**
 * Throws unless `origin` is exactly an origin. A path, a wildcard or a trailing slash would never match, or
 * match too much.
 */
export function checkOrigin(name: string, origin: unknown): string {
  const fine =
    typeof origin === 'string' &&
    /^https?:\/\/[^*]+$/.test(origin) &&
    URL.canParse(origin) &&
    new URL(origin).origin === origin
  if (fine) return origin as string
  return misconfigured(
    `\`${name}\` takes exact origins such as "https://app.example", without a path or trailing slash.`,
  )
}
