import type { Context, MiddlewareHandler } from 'hono'
import {
  type Auth,
  type ErrorHandler,
  LatchkeyError,
  type RequestAuth,
  type UserLike,
  type Visit,
} from 'latchkey'
import {
  type AuthOrFactory,
  type ErrorResponseOptions,
  errorResponse,
  refuseUnknown,
  removalsOf,
  resolveAuth,
  type SessionCommit,
  withSession,
} from 'latchkey/adapter'

/** What the middleware puts into `c.var`: `new Hono<{ Variables: AuthVariables<User> }>()`. */
export interface AuthVariables<User extends UserLike, Devices = unknown> {
  /** Login and logout for this request. */
  auth: RequestAuth<User, Devices>
}

/** The options of `latchkey`. */
export interface LatchkeyOptions {
  /**
   * Returns the client's address as the socket reports it. Default: the one that `@hono/node-server`
   * provides.
   */
  readonly address?: (c: Context) => string | undefined
  /**
   * Called if a backend fails in this middleware, such as while the session is saved; may return the
   * response. Default: logs to `console.error`, without the cause, and responds 503.
   */
  readonly onError?: ErrorHandler
}

/**
 * Middleware that puts login and logout into `c.var.auth`:
 *
 *     app.use(latchkey(auth))
 *
 * Rejects requests forged by other sites, and saves the session before the response leaves. If a handler
 * throws anything but an `HTTPException` or a `Response`, or responds 5xx, its session changes are discarded,
 * except a logout.
 *
 * `source` may be a function instead: it is called with `c.env`, once per environment.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: AuthOrFactory<User, unknown, Devices>,
  { address = nodeAddress, onError, ...unknown }: LatchkeyOptions = {},
): MiddlewareHandler<{ Variables: AuthVariables<User, Devices> }> {
  refuseUnknown(unknown)
  const authOf = resolveAuth(source)
  return async (c, next) => {
    let auth: Auth<User, Devices> | undefined
    let visit: Visit<User, Devices> | undefined
    let commit: SessionCommit | undefined
    try {
      const options = { address: address(c), key: keyOf(c), ...pathsOf(c) }
      auth = authOf(c.env)
      const opening = auth.open(c.req.raw, options)
      const opened = opening instanceof Promise ? await opening : opening
      if (!('auth' in opened)) return opened
      visit = opened
      c.set('auth', opened.auth)
      try {
        await next()
      } catch (thrown) {
        // Hono rethrows what is not an Error. A thrown Response is sent, as in other frameworks.
        if (!(thrown instanceof Response)) throw thrown
        c.res = thrown
      }
      if (isBroken(c.error)) throw c.error
      const closing = opened.close({ failed: c.res.status >= 500 || isThrown(c.error) })
      commit = closing instanceof Promise ? await closing : closing
      respond(c, c.res, commit)
    } catch (error) {
      const ending = commit ? removalsOf(commit) : ((await visit?.close({ failed: true })) ?? NOTHING)
      // We respond to a broken backend only. Any other error is for the app's `onError`.
      if (!isBroken(error)) throw error
      respond(c, await unavailable(c, error, { onError, auth }), ending)
    }
    return undefined
  }
}

/** Where nothing was opened, the response says nothing about a session. */
const NOTHING: SessionCommit = { used: false, cookies: [] }

/**
 * The object that identifies a request, where middleware has replaced `c.req.raw`: Node's own request, which
 * @hono/node-server hands over, otherwise the first Request, which is kept in `c.var.auth`. Only on Node a request is
 * recognised through `app.mount` as well.
 */
function keyOf(c: Context): object {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: { readonly rawHeaders?: unknown } }
  // On Workers `c.env` has the app's own bindings, which are the same for every request.
  if (Array.isArray(incoming?.rawHeaders)) return incoming
  const known = c.get('auth') as { readonly request?: unknown } | undefined
  return known?.request instanceof Request ? known.request : c.req.raw
}

/**
 * What @hono/node-server got, if it is a whole address, and the path that Hono matches, if it is not the path of the
 * address, since the app has a `getPath` of its own.
 */
function pathsOf({ req, env }: Context): {
  readonly target?: string | undefined
  readonly rewritten?: string | undefined
} {
  const { url } = (env as { incoming?: { url?: unknown } } | undefined)?.incoming ?? {}
  const target = typeof url === 'string' && !url.startsWith('/') ? url : undefined
  const path = /^[a-z][^:]*:\/\/[^/?#]*([^?#]*)/i.exec(req.url)?.[1] ?? ''
  return { target, rewritten: req.path === path || req.path === decodedByHono(path) ? undefined : req.path }
}

/** Hono leaves an encoded percent sign as it is. What cannot be decoded is ambiguous to path rules in any case. */
function decodedByHono(path: string): string | null {
  try {
    return decodeURI(path.replaceAll('%25', '%2525'))
  } catch {
    return null
  }
}

/** 503, unless the app's `onError` has already responded to the broken backend. */
async function unavailable(
  c: Context,
  error: unknown,
  { onError, auth }: ErrorResponseOptions,
): Promise<Response> {
  if (c.error && c.res.status !== 500) return c.res
  // The app's `onError` has already seen what a handler threw.
  return errorResponse(error, c.req.raw, { onError: c.error ? () => undefined : onError, auth })
}

/**
 * Replaces `c.res`. Cleared first: Hono's setter merges the old headers into the new response, its cookies
 * over ours. Only those of `cors()` in front are kept, without which a page of another site could not read it.
 */
function respond(c: Context, response: Response, commit: SessionCommit): void {
  const answer = withSession(response, commit)
  if (answer === c.res) return
  for (const [name, value] of c.res.headers)
    if (name.startsWith('access-control-') && !answer.headers.has(name)) answer.headers.set(name, value)
  c.res = undefined
  c.res = answer
}

function isBroken(error: unknown): boolean {
  return error instanceof LatchkeyError && error.status === 503
}

/** Whether a handler was interrupted: an HTTPException is a response, any other error is not. */
function isThrown(error: Error | undefined): boolean {
  return error !== undefined && !('getResponse' in error)
}

function nodeAddress(c: Context): string | undefined {
  return (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket
    ?.remoteAddress
}
