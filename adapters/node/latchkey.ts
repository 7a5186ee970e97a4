import {
  type Auth,
  type ErrorHandler,
  LatchkeyError,
  type MaybePromise,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
  type Visit,
} from 'latchkey'
import { errorResponse, refuseUnknown, resolveAuth } from 'latchkey/adapter'
import { holdResponse } from './held-response.ts'
import { type IncomingLike, type OutgoingLike, pathsOf, sendResponse, toRequest } from './node-http.ts'
import { type SocketLike, upgradingUser } from './upgrade.ts'

/** The options of `latchkey`. */
export interface NodeOptions {
  /**
   * Called if a backend fails while the session is saved, a path rule is checked or a user is looked up; may
   * return the response. Default: logs to `console.error`, without the cause, and responds 503.
   */
  readonly onError?: ErrorHandler
}

/** Middleware for Express, Connect and the like. In an `onRequest` hook of Fastify, pass it `raw` of both. */
export type NodeMiddleware = (request: IncomingLike, response: OutgoingLike, next: () => void) => void

/** The middleware that `latchkey(auth)` returns, with what handlers call. */
export interface NodeAuth<User extends UserLike, Devices = unknown> extends NodeMiddleware {
  /**
   * Login and logout for a request that has passed the middleware. Its `request` has no body, which belongs
   * to the framework.
   *
   * @throws LatchkeyError `misuse` if the middleware has not run on this request.
   */
  of(request: IncomingLike): RequestAuth<User, Devices>
  /**
   * Returns middleware that requires a user. Otherwise it responds 401 or 403, or, with `redirectTo`, redirects a
   * navigation to the login page (303). If a backend fails, it responds 503 and never calls `next(error)`.
   */
  requireUser(options?: RequireUserOptions): NodeMiddleware
  /**
   * The user, in handlers behind `requireUser`.
   *
   * @throws LatchkeyError `misuse` if the request is unauthenticated, or the middleware has not run.
   */
  userOf(request: IncomingLike): User
  /**
   * The user who requests an upgrade to WebSocket, which no middleware sees. `null` if the upgrade was
   * denied: the response (401, 403 to another site, 503 for a broken backend) has been sent and the socket
   * closed.
   */
  upgradeUser(request: IncomingLike, socket: SocketLike): Promise<User | null>
  /**
   * The `auth` of an upgrade request, for sockets that anonymous visitors may open too. `null` for a request
   * from another site, or a malformed one: close the socket yourself. The session can be read and ended here,
   * but not saved.
   */
  upgrade(request: IncomingLike): RequestAuth<User, Devices> | null
}

/**
 * Login and logout for Node's `(req, res)`: Express, Fastify, plain `node:http`.
 *
 *     const auth = latchkey(createAuth({ … }))
 *     app.use(auth)
 *     app.get('/app', auth.requireUser(), (req, res) => res.send(auth.userOf(req).displayName))
 *
 * Rejects requests forged by other sites, and saves the session before the response leaves. If the response
 * is 5xx, the request's session changes are discarded, except a logout.
 *
 * `source` may be a function instead: it is called once, at the first request.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: Auth<User, Devices> | (() => Auth<User, Devices>),
  { onError, ...unknown }: NodeOptions = {},
): NodeAuth<User, Devices> {
  refuseUnknown(unknown)
  const authOf = resolveAuth<User, void, Devices>(source)
  // Stored on the request itself: a WeakMap of requests is expensive to garbage-collect.
  const key = Symbol('latchkey')
  type Known = IncomingLike & { [key]?: RequestAuth<User, Devices> }

  const open = (
    incoming: IncomingLike,
    options: { readonly target?: null; readonly readOnly?: boolean } = {},
  ): MaybePromise<Response | Visit<User, Devices>> => {
    const request = requestOf(incoming)
    const auth = authOf()
    if (!request) return auth.deny(unreadable(), 400, 'bad_request')
    const address = incoming.socket.remoteAddress
    return auth.open(request, { address, key: incoming, ...pathsOf(incoming), ...options })
  }
  const answering =
    (incoming: Known) =>
    (error: unknown): Promise<Response> => {
      const request = incoming[key]?.request ?? requestOf(incoming) ?? unreadable()
      return errorResponse(error, request, { onError, auth: attempt(authOf) })
    }
  const of = (request: Known): RequestAuth<User, Devices> => {
    if (request[key]) return request[key]
    throw new LatchkeyError('misuse', 'latchkey() has not run on this request: call app.use(auth) first.')
  }
  const middleware = (incoming: Known, response: OutgoingLike, next: () => void): void => {
    if (incoming[key]) {
      next()
      return
    }
    const answerTo = answering(incoming)
    const pass = (opened: Response | Visit<User, Devices>): unknown => {
      if (!('auth' in opened)) return sendResponse(response, opened)
      const { auth } = opened
      incoming[key] = auth
      holdResponse(response, {
        close: (failed) => opened.close({ failed }),
        answerTo,
      })
      return next()
    }
    continueWith(() => open(incoming), pass, answerTo)
  }
  return Object.assign(middleware, {
    of,
    requireUser(options?: RequireUserOptions): NodeMiddleware {
      return (incoming, response, next) => {
        const auth = of(incoming)
        const pass = (denied: Response | null): unknown => (denied ? sendResponse(response, denied) : next())
        continueWith(() => auth.requireUser(options), pass, answering(incoming))
      }
    },
    userOf(request: IncomingLike): User {
      const { user } = of(request)
      if (user) return user
      throw new LatchkeyError('misuse', 'userOf() is for handlers behind auth.requireUser().')
    },
    upgrade(request: IncomingLike): RequestAuth<User, Devices> | null {
      // Nothing is asked of a store as long as no path rule is, and no old session is migrated.
      const opened = open(request, { target: null, readOnly: true }) as Response | Visit<User, Devices>
      return 'auth' in opened ? opened.auth : null
    },
    upgradeUser: (request: IncomingLike, socket: SocketLike) => {
      const opening = async () => open(request, { readOnly: true })
      return upgradingUser(socket, opening(), answering(request))
    },
  })
}

/** Stands for a request that no `Request` can be made of. */
const unreadable = (): Request => new Request('http://localhost')

/**
 * Goes on with the answer, or with the response to an error. Synchronous unless the answer is a promise. Never
 * `next(error)`: code that ignores the argument would let every request pass while a backend is down.
 */
function continueWith<Answer>(
  ask: () => MaybePromise<Answer | Response>,
  goOn: (answer: Answer | Response) => unknown,
  answerTo: (error: unknown) => Promise<Response>,
): void {
  let answer: MaybePromise<Answer | Response>
  try {
    answer = ask()
  } catch (error) {
    answer = answerTo(error)
  }
  if (answer instanceof Promise) answer.catch(answerTo).then(goOn)
  else goOn(answer)
}

function requestOf(incoming: IncomingLike): Request | null {
  return attempt(() => toRequest(incoming)) ?? null
}

/** What `make` returns; `undefined` if it throws. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
