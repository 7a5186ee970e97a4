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

/** Whether the client asks for JSON. A browser's navigation never names it. */
export function wantsJson(request: Request): boolean {
  return /\bapplication\/json\b/i.test(request.headers.get('accept') ?? '')
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Please log in',
  403: 'Not allowed',
  503: 'Temporarily unavailable',
}
