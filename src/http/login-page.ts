import type { Page } from './navigation.ts'

/** An anonymous request that a login page may help. */
export interface Unauthenticated {
  readonly request: Request
  /** The requested page. */
  readonly wanted: Page
  /** Whether a redirect reaches the user. */
  readonly isNavigation: boolean
  /** The app's public origin, where it is configured. */
  readonly origin: string | undefined
}

/** How a client is led to the login page. */
export interface WayToLogin {
  /** The status that the client needs for it; `undefined` for that of any other denial. */
  readonly status: 303 | 409 | undefined
  readonly headers: Record<string, string>
}

/**
 * How this client shows the login page: a browser by a redirect; htmx by `HX-Redirect`, whatever the status; Inertia by 409
 * and `X-Inertia-Location`. `null` for others, who would take the login page for the answer, and for the login page itself,
 * which would be redirected to itself for ever.
 */
export function wayToLogin(
  redirectTo: string,
  { request, wanted, isNavigation, origin }: Unauthenticated,
): WayToLogin | null {
  const { headers } = request
  const base = new URL(origin ?? request.url)
  const login = new URL(redirectTo, base)
  if (login.origin === base.origin && isPage(login, wanted)) return null
  if (isNavigation)
    return { status: 303, headers: { location: locationOf(redirectTo, readPage(request, wanted)) } }
  if (headers.has('hx-request')) {
    const shown = shownPage(request, wanted, base.origin)
    // A part of the login page that asks for more: the whole page would be loaded again and again.
    if (shown && login.origin === base.origin && isPage(login, shown)) return null
    return { status: undefined, headers: { 'hx-redirect': locationOf(redirectTo, shown) } }
  }
  if (headers.has('x-inertia')) {
    const location = locationOf(redirectTo, readPage(request, wanted))
    return { status: 409, headers: { 'x-inertia-location': location } }
  }
  return null
}

/** The page to come back to: none for a form that was sent, since it must not be sent again after the login. */
function readPage({ method }: Request, wanted: Page): Page | null {
  return method === 'GET' || method === 'HEAD' ? wanted : null
}

/** The page that the user sees: what htmx requests is mostly a part of it. A boosted link requests a whole page. */
function shownPage(request: Request, wanted: Page, origin: string): Page | null {
  const shown = request.headers.get('hx-current-url')
  if (shown === null || request.headers.has('hx-boosted') || !URL.canParse(shown))
    return readPage(request, wanted)
  // The header is the client's: another site's address would come into ours, and into the logs.
  const page = new URL(shown)
  return page.origin === origin ? page : null
}

/** Whether a page is the login page. Its query does not count: a form is sent to it without. */
export function isPage({ pathname }: URL, page: Pick<Page, 'pathname'>): boolean {
  return withoutSlash(pathname) === withoutSlash(page.pathname)
}

/** To every router a slash at the end is the path itself, or a page below it. */
const withoutSlash = (path: string): string => path.replace(/([^/])\/$/, '$1')

/**
 * The address of the login page, with the page to come back to as `next`: none that a browser would take for a host, and
 * none for a login page on another site, which learns nothing about our pages.
 */
function locationOf(redirectTo: string, page: Page | null): string {
  if (!redirectTo.startsWith('/')) return new URL(redirectTo).href
  if (!page || !/^\/(?![/\\])/.test(page.pathname)) return redirectTo
  const next = new URLSearchParams({ next: page.pathname + page.search })
  return `${redirectTo}${redirectTo.includes('?') ? '&' : '?'}${next}`
}
