import type { Context, MiddlewareHandler } from 'hono'
import { type ErrorHandler, LatchkeyError, type RequestAuth, type UserLike } from 'latchkey'
import {
  type AuthOrFactory,
  deniedResponse,
  errorResponse,
  resolveAuth,
  type SessionCommit,
  withSession,
} from 'latchkey/adapter'

/** What the middleware puts into `c.var`. */
export interface AuthVariables<User extends UserLike, Devices = unknown> {
  auth: RequestAuth<User, Devices>
}

export interface LatchkeyOptions {
  /** The client's address as the socket says. Default: what @hono/node-server knows. */
  readonly address?: (c: Context) => string | undefined
  /** Told of an engine that broke while the session was being saved. Default: `console.error`, without the cause. */
  readonly onError?: ErrorHandler
}

/**
 * Login and logout in `c.var.auth`. Refuses requests forged by other sites, and saves the session before the
 * response leaves. With a function in place of `auth`, it is called with `c.env`, once per environment.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: AuthOrFactory<User, unknown, Devices>,
  { address = nodeAddress, onError }: LatchkeyOptions = {},
): MiddlewareHandler<{ Variables: AuthVariables<User, Devices> }> {
  const authOf = resolveAuth(source)
  return async (c, next) => {
    const request = c.req.raw
    const auth = authOf(c.env)
    if (auth.checkCrossOrigin(request)) return deniedResponse(request, 403, 'cross_origin_refused')
    const current = auth.begin(request, address(c))
    c.set('auth', current)
    try {
      try {
        const judged = current.protect()
        const refused = judged instanceof Promise ? await judged : judged
        if (refused) c.res = refused
        else await next()
      } catch (thrown) {
        // Hono throws on what is no Error; a response is an answer, as it is in other frameworks.
        if (!(thrown instanceof Response)) throw thrown
        c.res = thrown
      }
      if (isBroken(c.error)) throw c.error
      const commit = current.commit({ failed: c.res.status >= 500 || isThrown(c.error) })
      respond(c, c.res, commit instanceof Promise ? await commit : commit)
    } catch (error) {
      const ending = await current.commit({ failed: true })
      // Ours to answer only when an engine is broken; anything else is the app's `onError`.
      if (!isBroken(error)) throw error
      respond(c, await unavailable(c, error, onError), ending)
    }
    return undefined
  }
}

/** 503, unless the app's `onError` has found an answer of its own to the broken engine. */
async function unavailable(c: Context, error: unknown, onError?: ErrorHandler): Promise<Response> {
  if (c.error && c.res.status !== 500) return c.res
  // What a handler threw, the app's `onError` has been told already.
  return errorResponse(error, c.req.raw, c.error ? () => undefined : onError)
}

/** Hono's setter merges the old response's headers into the new one, and its cookies over ours. */
function respond(c: Context, response: Response, commit: SessionCommit): void {
  const answer = withSession(response, commit)
  if (answer === c.res) return
  c.res = undefined
  c.res = answer
}

function isBroken(error: unknown): boolean {
  return error instanceof LatchkeyError && error.status === 503
}

/** A thrown HTTPException is an answer; anything else that was thrown left its handler half-way. */
function isThrown(error: Error | undefined): boolean {
  return error !== undefined && !('getResponse' in error)
}

function nodeAddress(c: Context): string | undefined {
  return (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket
    ?.remoteAddress
}
