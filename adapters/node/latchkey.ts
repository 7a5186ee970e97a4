import {
  type Auth,
  type ErrorHandler,
  LatchkeyError,
  type MaybePromise,
  type RequestAuth,
  type RequireUserOptions,
  type UserLike,
} from 'latchkey'
import { deniedResponse, errorResponse } from 'latchkey/adapter'
import { holdResponse } from './held-response.ts'
import { type IncomingLike, type OutgoingLike, sendResponse, targetPath, toRequest } from './node-http.ts'
import { type SocketLike, upgradingUser } from './upgrade.ts'

export interface NodeOptions {
  /** Told of an engine that broke while the session was being saved. Default: `console.error`, without the cause. */
  readonly onError?: ErrorHandler
}

/** Middleware of Express, Connect and their like; also an `onRequest` hook of Fastify, given `raw` of both. */
export type NodeMiddleware = (request: IncomingLike, response: OutgoingLike, next: () => void) => void

export interface NodeAuth<User extends UserLike, Devices = unknown> extends NodeMiddleware {
  /** Login and logout for a request that has passed the middleware. Its `request` has no body: the framework has it. */
  of(request: IncomingLike): RequestAuth<User, Devices>
  /** Lets users pass. Others are answered 401, or sent to the login page by 303 where one is named and JSON is not asked for. */
  requireUser(options?: RequireUserOptions): NodeMiddleware
  /** The user, after `requireUser`. */
  userOf(request: IncomingLike): User
  /**
   * For an upgrade to WebSocket, which no middleware sees: the user who asks for it. `null`: there is none, and the
   * socket has been answered (401, 403 to another site, 503 for a broken engine) and closed.
   */
  upgradeUser(request: IncomingLike, socket: SocketLike): Promise<User | null>
  /**
   * The same for sockets that are open to everybody: who asks, or `null` when another site does, and then it is for
   * you to close the socket. The session can be read and ended there, and not saved.
   */
  upgrade(request: IncomingLike): RequestAuth<User, Devices> | null
}

/**
 * Login and logout for Node's `(req, res)`: Express, Fastify, plain `node:http`.
 *
 *     const login = latchkey(auth)
 *     app.use(login)
 *     app.get('/app', login.requireUser(), (req, res) => res.send(login.userOf(req).displayName))
 *
 * Refuses requests forged by other sites, and saves the session before the response leaves. Of a request that is
 * answered 5xx only a logout is kept.
 */
export function latchkey<User extends UserLike, Devices = unknown>(
  source: Auth<User, Devices> | (() => Auth<User, Devices>),
  { onError }: NodeOptions = {},
): NodeAuth<User, Devices> {
  const authOf = typeof source === 'function' ? source : () => source
  // On the request itself: a WeakMap of requests is dear in garbage collection.
  const key = Symbol('latchkey')
  type Known = IncomingLike & { [key]?: RequestAuth<User, Devices> }

  /** The request's auth, or the answer to a request that goes no further. */
  const begin = (incoming: IncomingLike): RequestAuth<User, Devices> | Response => {
    const auth = authOf()
    const request = requestOf(incoming)
    if (!request) return deniedResponse(new Request('http://localhost'), 400, 'bad_request')
    if (auth.checkCrossOrigin(request)) return deniedResponse(request, 403, 'cross_origin_refused')
    return auth.begin(request, incoming.socket.remoteAddress)
  }
  const of = (request: Known): RequestAuth<User, Devices> => {
    if (request[key]) return request[key]
    throw new LatchkeyError('misuse', 'latchkey() has not seen this request: app.use(login) comes first.')
  }
  /** On to the next, unless there is an answer already. At once where nothing has to be waited for. */
  const passOn = (
    { request }: RequestAuth<User, Devices>,
    judge: () => MaybePromise<Response | null>,
    response: OutgoingLike,
    next: () => void,
  ): void => {
    const answer = (refused: Response | null): unknown => (refused ? sendResponse(response, refused) : next())
    // Never `next(error)`: whoever overlooks the argument would let everybody pass while an engine is broken.
    const fail = async (error: unknown): Promise<Response> => errorResponse(error, request, onError)
    let judged: MaybePromise<Response | null>
    try {
      judged = judge()
    } catch (error) {
      judged = fail(error)
    }
    if (judged instanceof Promise) judged.catch(fail).then(answer)
    else answer(judged)
  }
  const middleware = (incoming: Known, response: OutgoingLike, next: () => void): void => {
    if (incoming[key]) {
      next()
      return
    }
    const current = begin(incoming)
    if (current instanceof Response) {
      sendResponse(response, current)
      return
    }
    incoming[key] = current
    holdResponse(response, {
      commit: (failed) => current.commit({ failed }),
      answerTo: (error) => errorResponse(error, current.request, onError),
    })
    passOn(current, () => current.protect({ target: targetPath(incoming) }), response, next)
  }
  return Object.assign(middleware, {
    of,
    requireUser(options?: RequireUserOptions): NodeMiddleware {
      return (incoming, response, next) => {
        const auth = of(incoming)
        passOn(auth, () => auth.requireUser(options), response, next)
      }
    },
    userOf(request: IncomingLike): User {
      const { user } = of(request)
      if (user) return user
      throw new LatchkeyError('misuse', 'userOf() is for handlers behind login.requireUser().')
    },
    upgrade(request: IncomingLike): RequestAuth<User, Devices> | null {
      const current = begin(request)
      return current instanceof Response ? null : current
    },
    upgradeUser: async (request: IncomingLike, socket: SocketLike) =>
      upgradingUser(socket, begin(request), targetPath(request), onError),
  })
}

function requestOf(incoming: IncomingLike): Request | null {
  try {
    return toRequest(incoming)
  } catch {
    return null
  }
}
