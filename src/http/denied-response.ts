/**
 * Returns the response to a request that goes no further, as the client asked for it: JSON, or a page that
 * says no more than it must. It is never cached.
 */
export function deniedResponse(
  request: Request,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  const isJson = wantsJson(request)
  const title = TITLES[status] ?? 'Something went wrong'
  const body = isJson
    ? JSON.stringify({ ok: false, code })
    : `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1></html>\n`
  const type = isJson ? 'application/json' : 'text/html; charset=utf-8'
  return new Response(body, {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
  })
}

/** What {@link loginRequired} responds with if it does not redirect to a login page. */
interface LoginRequired {
  readonly redirectTo: string | undefined
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>
}

/**
 * The response to an anonymous request where a user is required: 303 to the login page, or `status` if there
 * is no login page or the client asks for JSON.
 */
export function loginRequired(
  request: Request,
  { redirectTo, status, code, headers }: LoginRequired,
  wanted: Pick<URL, 'pathname' | 'search'> = new URL(request.url),
): Response {
  if (redirectTo === undefined || wantsJson(request)) return deniedResponse(request, status, code, headers)
  return new Response(null, {
    status: 303,
    headers: { location: wayBack(redirectTo, request, wanted), 'cache-control': 'no-store' },
  })
}

/**
 * The address of the login page, with the wanted page as `next`. There is no `next` for a form that was sent
 * (it must not be sent again after the login), for a path that a browser would take for a host, and for a
 * login page on another site (it learns nothing about our pages).
 */
function wayBack(
  redirectTo: string,
  { method }: Request,
  { pathname, search }: Pick<URL, 'pathname' | 'search'>,
): string {
  if (!redirectTo.startsWith('/')) return new URL(redirectTo).href
  const next = new URLSearchParams({ next: pathname + search })
  const isRead = (method === 'GET' || method === 'HEAD') && /^\/(?![/\\])/.test(pathname)
  return isRead ? `${redirectTo}${redirectTo.includes('?') ? '&' : '?'}${next}` : redirectTo
}

/** Whether the client asks for JSON. A browser's navigation never does. */
export function wantsJson(request: Request): boolean {
  return /\bapplication\/json\b/i.test(request.headers.get('accept') ?? '')
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Please log in',
  403: 'Not allowed',
  429: 'Too many attempts',
  503: 'Temporarily unavailable',
}
