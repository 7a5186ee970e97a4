import { type Auth, LatchkeyError, type UserLike, type Visit } from 'latchkey'
import { type CookieJar, cookieHeader } from './cookie-jar.ts'

/** What Next reveals of a request. */
interface Told {
  readonly method: string
  readonly headers: Headers
  /** Path and query. Default `/`: actions and components do not know theirs. */
  readonly path?: string
}

/**
 * The request as latchkey sees it, without its body, which belongs to the framework. Next's own `request.url`
 * always names localhost; this one names the requested host, from `x-forwarded-host`, which Next fills in.
 *
 * @throws LatchkeyError `misuse` if there is no request, because Next renders one page or response for all
 * visitors.
 */
export function seenRequest({ method, headers, path = '/' }: Told): Request {
  const hosts = headers.get('x-forwarded-host') ?? headers.get('host')
  if (hosts === null) {
    throw new LatchkeyError(
      'misuse',
      'There is no request here: Next renders one response for all visitors. Remove `dynamic = "force-static"`.',
    )
  }
  const scheme = /^https\b/.test(headers.get('x-forwarded-proto') ?? '') ? 'https' : 'http'
  const [host = ''] = hosts.split(',', 1)
  const base = `${scheme}://${host.trim()}`
  const origin = URL.canParse(base) ? new URL(base).origin : `${scheme}://localhost`
  return new Request(origin + path, { method, headers: [...headers] })
}

/**
 * The object that identifies a request, by Next's headers: they are one object for everything that runs for the request,
 * such as a route handler and an action that it calls, but cannot hold our property.
 */
const keys = new WeakMap<object, object>()

function keyOf(headers: object): object {
  const key = keys.get(headers) ?? {}
  keys.set(headers, key)
  return key
}

/** The request of an action or a component, its key, and Next's cookie jar, which an action may write to. */
export async function currentRequest(
  method: 'GET' | 'POST',
): Promise<{ request: Request; jar: CookieJar; key: object }> {
  // Imported lazily, and by its file name, since Next has no exports map for use without a bundler.
  const next = await import('next/headers.js')
  const [seen, jar] = await Promise.all([next.headers(), next.cookies()])
  const headers = new Headers([...seen])
  headers.set('cookie', cookieHeader(headers.get('cookie'), jar))
  return { request: seenRequest({ method, headers }), jar, key: keyOf(seen) }
}

/** The object that identifies the current request. `undefined` outside of Next, where a route handler is called by a test. */
export async function requestKey(): Promise<object | undefined> {
  try {
    const { headers } = await import('next/headers.js')
    return keyOf(await headers())
  } catch {
    return undefined
  }
}

/**
 * Whether Next's own router sends it, which shows the page that it is redirected to. In the proxy Next hides all of its
 * headers but the last.
 */
export function isByRouter({ headers }: Request): boolean {
  return ['rsc', 'next-action', 'next-url'].some((name) => headers.has(name))
}

/** Opens a request that is only read: by a page, or in the proxy. Another site may link there, so it is never denied. */
export async function openedForReading<User extends UserLike, Devices>(
  auth: Auth<User, Devices>,
  request: Request,
  address: ((request: Request) => string | undefined) | undefined,
  key?: object,
): Promise<Visit<User, Devices>> {
  request.headers.delete('upgrade')
  const navigation = isByRouter(request)
  const options = { address: address?.(request), key, target: null, readOnly: true, navigation }
  return (await auth.open(request, options)) as Visit<User, Devices>
}
