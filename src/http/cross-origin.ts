import { flatCopy } from '../base/flat-copy.ts'
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
 * protection. `createAuth` does not ask about requests that act by a token alone, see `actsByTokenAlone`.
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

/** What the event of a refused request says. */
export interface CrossOriginDetail {
  readonly reason: CrossOriginReason
  readonly origin: string | null
  readonly expected: string
  readonly fix: string
}

/** Describes a request that was refused, to those who run the app. Texts of the request are cut, and copied, since events may be kept. */
export function describeCrossOrigin(
  request: Request,
  reason: CrossOriginReason,
  { origin = new URL(request.url).origin }: Pick<CrossOriginOptions, 'origin'>,
): CrossOriginDetail {
  const sent = request.headers.get('origin')
  return { reason, origin: sent === null ? null : cut(sent), expected: cut(origin), fix: FIXES[reason] }
}

const MAX_ORIGIN = 200
const cut = (text: string): string => flatCopy(text.slice(0, MAX_ORIGIN))

const FIXES: Readonly<Record<CrossOriginReason, string>> = {
  cross_site:
    'The browser says that another site sent this. If you trust that site or app, add its origin to `trustedOrigins` of createAuth().',
  origin_mismatch:
    'If `origin` is the address that browsers use for this app, set it as `origin` of createAuth(). If it is another site or app that you trust, add it to `trustedOrigins`.',
}

/** Whether a request cannot change anything: a safe method, and not an upgrade. */
function isSafe({ method, headers }: Request): boolean {
  return SAFE_METHODS.includes(method) && !headers.has('upgrade')
}

/**
 * Throws unless `origin` is exactly an origin of the web. A path, a wildcard or a trailing slash would match nothing, or too
 * much.
 */
export function checkOrigin(name: string, origin: unknown): string {
  if (typeof origin === 'string' && webOrigin(origin) === origin) return origin
  return misconfigured(
    `\`${name}\` takes exact origins such as "https://app.example", without a path or trailing slash.${fixOf(origin)}`,
  )
}

/**
 * The same for `trustedOrigins`, which takes the origins of apps and extensions too: a scheme of their own, and a host. They
 * are compared as text, since `URL.origin` is "null" for them in some runtimes.
 */
export function checkTrustedOrigin(origin: unknown): string {
  if (typeof origin === 'string' && (webOrigin(origin) === origin || APP_ORIGIN.test(origin))) return origin
  return misconfigured(
    `\`trustedOrigins\` takes exact origins such as "https://app.example" or "capacitor://localhost", without a path or trailing slash.${fixOf(origin)}`,
  )
}

/** `capacitor://localhost`, `chrome-extension://…`. A scheme of the web has an origin that a URL parser knows. */
const APP_ORIGIN = /^(?!(?:https?|wss?|ftp|file|data|javascript):)[a-z][a-z\d+.-]*:\/\/[\w.-]+(?::\d+)?$/

/** The origin of an address on the web without wildcards, as a browser sends it. */
function webOrigin(address: string): string | undefined {
  return /^https?:\/\/[^*]+$/i.test(address) && URL.canParse(address) ? new URL(address).origin : undefined
}

/** What to write instead, where that is plain. */
function fixOf(origin: unknown): string {
  if (typeof origin !== 'string') return ''
  const [app = ''] = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(origin) ?? []
  const fix = webOrigin(origin) ?? (APP_ORIGIN.test(app) ? app : undefined)
  return fix === undefined ? '' : ` Write "${fix}".`
}
