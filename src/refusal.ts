/**
 * An answer for a request that goes no further, in the kind that the client asked for: JSON, or a page that says no
 * more than it must. Never cached.
 */
export function refusal(
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

export interface RequireUserOptions {
  /** Where a browser is sent to log in, with the page it wanted as `next`. Default: nowhere, it is told 401. */
  readonly redirectTo?: string | undefined
}

/**
 * The answer to who is nobody, where a user is required: 303 to the login page, or 401 where none is named or JSON is
 * asked for. `wanted` is the page that was asked for, where a framework knows it better than the request.
 */
export function loginRequired(
  request: Request,
  { redirectTo }: RequireUserOptions = {},
  wanted: Pick<URL, 'pathname' | 'search'> = new URL(request.url),
): Response {
  if (redirectTo === undefined || wantsJson(request)) return refusal(request, 401, 'login_required')
  // What a form was to change is not asked for again after the login.
  const next = new URLSearchParams({ next: wanted.pathname + wanted.search })
  const location = request.method === 'GET' ? `${redirectTo}?${next}` : redirectTo
  return new Response(null, { status: 303, headers: { location } })
}

/** Whether the client asks for JSON. A browser's navigation never names it. */
export function wantsJson(request: Request): boolean {
  return /\bapplication\/json\b/i.test(request.headers.get('accept') ?? '')
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Please log in',
  403: 'Not allowed',
  503: 'Temporarily unavailable',
}
