/** What the response has to say about the session. */
export interface SessionCommit {
  /** The response was made from the session, so it varies with the cookie. */
  readonly used: boolean
  /** The `Set-Cookie` value to send, if any. */
  readonly cookie?: string
  /** The response is for the one who showed a credential of another kind: not for a shared cache. */
  readonly isPrivate?: boolean
}

/** What is used of `Headers`. */
export type ResponseHeaders = Pick<Headers, 'get' | 'set' | 'append'>

/**
 * The response with what the session has to say: its cookie, and what caches must know.
 *
 * Made from a session: `Vary: Cookie`. Carrying our cookie: never kept by a shared cache, whatever the handler said,
 * or the next visitor would be handed this one's session. The same for whoever showed a token, a key or a password.
 */
export function withSession(response: Response, commit: SessionCommit): Response {
  if ((!commit.used && !commit.isPrivate) || response.status === 101) return response
  try {
    writeSession(response.headers, commit)
    return response
  } catch {
    // `Response.redirect()` and fetched responses have immutable headers, everywhere: such a one is made anew.
    const copy = new Response(response.body, response)
    writeSession(copy.headers, commit)
    return copy
  }
}

/** The same for the headers alone, where a framework has no `Response`. */
export function writeSession(headers: ResponseHeaders, { used, cookie, isPrivate }: SessionCommit): void {
  if (used) varyByCookie(headers)
  if (cookie !== undefined) headers.append('set-cookie', cookie)
  if (cookie === undefined && !isPrivate) return
  headers.set('cache-control', unshared(headers.get('cache-control')))
}

function varyByCookie(headers: ResponseHeaders): void {
  const vary = headers.get('vary')
  if (vary === null) headers.set('vary', 'Cookie')
  else if (vary.trim() !== '*' && !/(^|,)\s*cookie\s*(,|$)/i.test(vary))
    headers.set('vary', `${vary}, Cookie`)
}

/** `Cache-Control` without what allows shared caches, and with what forbids them. */
function unshared(cacheControl: string | null): string {
  const kept = (cacheControl ?? '')
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '' && !/^(public|s-maxage|private)(\s*=|$)/i.test(directive))
  return ['private', ...kept].join(', ')
}
