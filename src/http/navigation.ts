import { wantsJson } from './denied-response.ts'
import { isDataOf } from './path-rules.ts'

/** A page, by its path and query. */
export type Page = Pick<URL, 'pathname' | 'search'>

/** A request, and what its adapter knows of it. */
export interface Asked {
  readonly request: Request
  /** The page, if the framework requests its data by another path. */
  readonly page?: Page | undefined
  /** Whether it is a navigation of the framework's own. Default: whether it requests the data of `page`. */
  readonly navigation?: boolean | undefined
}

/** HTML comes first. Turbo puts its own kind of it in front when it sends a form. */
const HTML_FIRST = /^[ \t]*text\/(?:vnd\.turbo-stream\.)?html[ \t]*(?:[;,]|$)/i

/** Where a page is wanted (Fetch Metadata, 2.1); `empty` is a script. Everything else is a part of a page. */
const PAGE = /^(?:document|empty|fencedframe|frame|iframe)$/

/**
 * Whether a redirect to another page would reach the user: a link, a form, or an address that was typed.
 *
 * - what the adapter says is a navigation by its framework's script, which follows the redirect
 * - `Sec-Fetch-Mode: navigate`, which browsers send over TLS and on loopback, and no script can set
 * - an `Accept` that begins with `text/html`, without `HX-Request`, `X-Requested-With` or the `Sec-Fetch-Dest` of a part of a
 *   page: browsers on plain http, behind a proxy that removes Fetch Metadata, and in a service worker; Turbo
 *
 * `fetch`, `XMLHttpRequest`, images, event streams, sockets and programs are none of these, and a client that names JSON in
 * `Accept` never is one: they would take the login page for the answer. What a client pretends here changes nothing but the
 * form of its denial.
 */
export function isNavigation({ request, page, navigation }: Asked): boolean {
  if (wantsJson(request)) return false
  if (navigation ?? (page && isDataOf(new URL(request.url).pathname, page.pathname))) return true
  const { headers } = request
  if (headers.has('upgrade')) return false
  if (headers.get('sec-fetch-mode') === 'navigate') return true
  return (
    HTML_FIRST.test(headers.get('accept') ?? '') &&
    !headers.has('hx-request') &&
    !headers.has('x-requested-with') &&
    PAGE.test(headers.get('sec-fetch-dest') ?? 'document')
  )
}

/** Whether a browser asks if another site may send a request (Fetch, 4.8). It never carries a credential. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
}
