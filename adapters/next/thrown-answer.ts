/**
 * Whether this was thrown by `redirect()`, `notFound()` or the like, and so is a response, not an error. Next
 * marks it with a digest: `NEXT_REDIRECT;push;/login;307;` or `NEXT_HTTP_ERROR_FALLBACK;404`. Anything else
 * counts as an error.
 */
export function isAnswer(thrown: unknown): boolean {
  return digestOf(thrown) !== null
}

/** The response that was thrown; `null` for an error. */
export function thrownResponse(thrown: unknown, method: string): Response | null {
  const [kind, ...rest] = digestOf(thrown) ?? []
  if (kind === undefined) return null
  if (kind === 'NEXT_HTTP_ERROR_FALLBACK') return new Response(null, { status: Number(rest[0]) })
  // A 307 would make the browser send the form again, including the password.
  const status = method === 'GET' || method === 'HEAD' ? Number(rest.at(-2)) : 303
  return new Response(null, { status, headers: { location: rest.slice(1, -2).join(';') } })
}

function digestOf(thrown: unknown): string[] | null {
  if (typeof thrown !== 'object' || thrown === null || !('digest' in thrown)) return null
  const { digest } = thrown
  return typeof digest === 'string' && KNOWN.test(digest) ? digest.split(';') : null
}

const KNOWN = /^NEXT_(REDIRECT;(push|replace);.*;30[378];|HTTP_ERROR_FALLBACK;4\d\d)$/s
