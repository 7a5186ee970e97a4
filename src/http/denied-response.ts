/**
 * An answer for a request that goes no further, in the kind that the client asked for: JSON, or a page that says no
 * more than it must. Never cached.
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

/** What {@link loginRequired} answers where it sends nobody to a login page. */
interface LoginRequired {
  readonly redirectTo: string | undefined
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>
}

/** The answer to who is nobody, where a user is required: 303 to the login page, unless none is named or JSON asked for. */
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
 * What a form was to change is not asked for again after the login, and a path that a browser would take for a host is
 * not asked for at all; a page elsewhere learns nothing of ours.
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

/** Whether the client asks for JSON. A browser's navigation never names it. */
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
