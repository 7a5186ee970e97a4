import { LatchkeyError } from 'latchkey'
import { type CookieJar, cookieHeader } from './cookie-jar.ts'

/** What Next tells of a request. */
interface Told {
  readonly method: string
  readonly headers: Headers
  /** Path and query. Default `/`: actions and components are not told. */
  readonly path?: string
}

/**
 * A request as latchkey sees it: without its body, which belongs to the framework. Next's own `request.url` names
 * localhost, whatever was asked for; here the host is the one that was, as in `x-forwarded-host`, which Next fills in.
 *
 * @throws LatchkeyError `misuse` where there is no request, because Next is making a page or an answer for everybody.
 */
export function seenRequest({ method, headers, path = '/' }: Told): Request {
  const [host] = (headers.get('x-forwarded-host') ?? headers.get('host') ?? '').split(/\s*,/)
  if (!host) {
    throw new LatchkeyError(
      'misuse',
      'There is no request here: Next makes this one answer for all visitors. Remove `dynamic = "force-static"`.',
    )
  }
  const scheme = /^https\b/.test(headers.get('x-forwarded-proto') ?? '') ? 'https' : 'http'
  const base = `${scheme}://${host}`
  const origin = URL.canParse(base) ? new URL(base).origin : `${scheme}://localhost`
  return new Request(origin + path, { method, headers: [...headers] })
}

/** The same for an action or a component, and the cookies of Next, which may be set in an action. */
export async function currentRequest(method: 'GET' | 'POST'): Promise<{ request: Request; jar: CookieJar }> {
  // Lazily, and by its file name: outside of a bundler Next has no exports map.
  const next = await import('next/headers.js')
  const [seen, jar] = await Promise.all([next.headers(), next.cookies()])
  const headers = new Headers([...seen])
  headers.set('cookie', cookieHeader(headers.get('cookie'), jar))
  return { request: seenRequest({ method, headers }), jar }
}
