import { isPromise, type MaybePromise } from '../base/maybe-promise.ts'

/** A request that latchkey denies, as the option `deniedResponse` of `createAuth` is told. */
export interface Denial {
  /** The request. Its body may have been read. */
  readonly request: Request
  /** 400, 401, 403, 429, 500 or 503; 409 where Inertia is led to the login page. */
  readonly status: number
  /** Why, such as `login_required`, `cross_origin_refused`, `insufficient_scope` or `backend_failed`. */
  readonly code: string
  /** The values of `WWW-Authenticate` (RFC 9110, 11.6.1): one for each way to authenticate. Mostly empty. */
  readonly challenges: readonly string[]
  /** The default response: JSON, or a page for those who name HTML in `Accept`. */
  readonly response: Response
}

/** The option `deniedResponse` of `createAuth`: returns the response to a denied request. */
export type DeniedResponder = (denial: Denial) => MaybePromise<Response>

/** Makes the response to a denied request, in the app's own shape if it has one. Never throws. */
export type Deny = (
  request: Request,
  status: number,
  code: string,
  headers?: Readonly<Record<string, string>>,
  challenges?: readonly string[],
) => MaybePromise<Response>

/**
 * Returns the response to a request that goes no further: JSON, or, for a client that names HTML in `Accept` and not JSON,
 * a page that says no more than it must. It is never cached.
 */
export function deniedResponse(
  request: Request,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
  challenges: readonly string[] = [],
): Response {
  const isPage = accepts(request, /\btext\/html\b/i) && !wantsJson(request)
  const title = TITLES[status] ?? 'Something went wrong'
  const body = isPage
    ? `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1></html>\n`
    : JSON.stringify({ ok: false, code })
  const answer = new Response(body, {
    status,
    headers: {
      'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
      'cache-control': 'no-store',
      ...headers,
    },
  })
  if (challenges.length > 0) answer.headers.set('www-authenticate', challenges.join(', '))
  return answer
}

/**
 * Returns what responds to denied requests: `respond` of the app, otherwise `deniedResponse`. Fails closed: if `respond`
 * throws or returns no response that can be sent, the default response is sent, and the console is told.
 */
export function denyingBy(respond: DeniedResponder | undefined): Deny {
  if (!respond) return deniedResponse
  return (...denied) => {
    const [request, status, code, , challenges = []] = denied
    const fail = (error: unknown): Response => {
      console.error('latchkey: `deniedResponse` failed, so the default response was sent.', error)
      return deniedResponse(...denied)
    }
    const complete = (own: Response): Response => completed(own, deniedResponse(...denied))
    try {
      const own = respond({ request, status, code, challenges, response: deniedResponse(...denied) })
      return isPromise(own) ? Promise.resolve(own).then(complete).catch(fail) : complete(own)
    } catch (error) {
      return fail(error)
    }
  }
}

/**
 * A copy of the app's response, since it may return the same one to everybody and ours are given cookies. A denial is never
 * cached. With the default's status it also gets the headers that the client needs there: challenges, `Retry-After`, the way
 * to the login page.
 */
function completed(own: Response, byDefault: Response): Response {
  // Of a network error (status 0) Bun would make a copy that says nothing.
  if (typeof own?.text !== 'function' || own.status < 200)
    throw new TypeError('It did not return a Response.')
  const { body } = own.clone()
  const answer = new Response(body, own)
  answer.headers.set('cache-control', 'no-store')
  for (const name of ['etag', 'expires', 'last-modified']) answer.headers.delete(name)
  for (const [name, value] of byDefault.headers) {
    const isNeeded = name !== 'content-type' && own.status === byDefault.status
    if (isNeeded && !answer.headers.has(name)) answer.headers.set(name, value)
  }
  return answer
}

/** Whether the client asks for JSON. A browser's navigation never does. */
export function wantsJson(request: Request): boolean {
  return accepts(request, /\bapplication\/json\b/i)
}

function accepts({ headers }: Request, type: RegExp): boolean {
  return type.test(headers.get('accept') ?? '')
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Please log in',
  403: 'Not allowed',
  409: 'Please log in',
  429: 'Too many attempts',
  503: 'Temporarily unavailable',
}
