import { type Cookie, serializeCookie } from './cookie.ts'

/** What the response must say about the session. A cookie that another library has made is a `Set-Cookie` value. */
export interface SessionCommit<AnyCookie = Cookie> {
  /** The response depends on the session, so it varies with the cookie. */
  readonly used: boolean
  /** The cookies to set. */
  readonly cookies: readonly AnyCookie[]
  /** The request sent a credential other than the session, so a shared cache must not keep the response. */
  readonly isPrivate?: boolean
}

/** The subset of `Headers` that we call. */
export type ResponseHeaders = Pick<Headers, 'get' | 'set' | 'append'>

/**
 * Returns the response with the session's cookie and with the headers that caches need.
 *
 * A response that depends on the session gets `Vary: Cookie`. One that carries our cookie is never kept by a
 * shared cache, whatever the handler said: otherwise the next visitor would get this one's session. The same
 * holds for requests with a token, a key or a password.
 */
export function withSession(response: Response, commit: SessionCommit<Cookie | string>): Response {
  if ((!commit.used && !commit.isPrivate) || response.status === 101) return response
  try {
    writeSession(response.headers, commit)
    return response
  } catch {
    // `Response.redirect()` and fetched responses have immutable headers in every runtime: those are copied.
    const copy = new Response(response.body, response)
    writeSession(copy.headers, commit)
    return copy
  }
}

/** The same for headers alone, for frameworks without a `Response`. */
export function writeSession(
  headers: ResponseHeaders,
  { used, cookies, isPrivate }: SessionCommit<Cookie | string>,
): void {
  if (used) varyByCookie(headers)
  if (cookies.length > 0 || isPrivate) headers.set('cache-control', unshared(headers.get('cache-control')))
  for (const cookie of cookies)
    headers.append('set-cookie', typeof cookie === 'string' ? cookie : serializeCookie(cookie))
}

/**
 * What is left of a commit whose response could not be sent: only what ends a session is sent with the response to the
 * error. Otherwise a request that failed would log in.
 */
export function removalsOf({ used, cookies, isPrivate = false }: SessionCommit): SessionCommit {
  return { used, cookies: cookies.filter(({ maxAge, ends }) => maxAge === 0 || ends), isPrivate }
}

function varyByCookie(headers: ResponseHeaders): void {
  const vary = headers.get('vary')
  if (vary === null) headers.set('vary', 'Cookie')
  else if (vary.trim() !== '*' && !/(^|,)\s*cookie\s*(,|$)/i.test(vary))
    headers.set('vary', `${vary}, Cookie`)
}

/** `Cache-Control` without the directives that allow shared caches, and with `private`. */
function unshared(cacheControl: string | null): string {
  const kept = (cacheControl ?? '')
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '' && !/^(public|s-maxage|private)(\s*=|$)/i.test(directive))
  return ['private', ...kept].join(', ')
}
