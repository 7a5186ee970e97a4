import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { clientAddress } from '../http/client-address.ts'
import type { Asked } from '../http/navigation.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { IncomingSession } from '../session/incoming-session.ts'
import { RequestSession } from '../session/request-session.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthParts } from './auth-parts.ts'
import type { VisitMigration } from './migrating-visit.ts'
import { RequestAuth } from './request-auth.ts'
import { bringsSameCredentials, bringsSameSession } from './same-visitor.ts'

/**
 * One request that an adapter has opened with `auth.open`. Handlers get its `auth`; the adapter closes it before the
 * response is sent. A request that is opened again inside of itself is one visit: both see the same session, and one set
 * of cookies goes out.
 */
export interface Visit<User extends UserLike, Devices = unknown> {
  /** Login and logout for this request. */
  readonly auth: RequestAuth<User, Devices>
  /**
   * Saves the session, and returns what the response must say about it. With `failed`, for a request that ended in an
   * error, changes are discarded, except a logout. If saving throws, call it again with `failed`.
   *
   * Of a request that was opened several times the first opener saves and gets the cookies, and its `failed` counts.
   * The others get no cookies, and their `failed` is ignored.
   *
   * @throws LatchkeyError `misuse` if it was closed already; `backend_failed`, `session_too_large`.
   */
  close(outcome: { readonly failed: boolean }): MaybePromise<SessionCommit>
}

/** How a request is opened. */
interface Opening extends Pick<Asked, 'page' | 'navigation'> {
  readonly address: string | undefined
  /** Only reads, and is not closed. */
  readonly readOnly: boolean
  /** Whoever closes last saves. */
  readonly lastSaves: boolean
}

/**
 * The property of the object that identifies a request which holds its open visits. A WeakMap costs more, most of it
 * when garbage is collected (2 µs a request, measured on Node 20 with 20,000 live requests).
 */
const OPENED: unique symbol = Symbol('latchkey')

/** The object that identifies a request. */
interface Key {
  // biome-ignore lint/suspicious/noExplicitAny: the visits of every auth, whatever its users are
  [OPENED]?: OpenVisit<any, any> | undefined
}

/** The visit of the first opener. It holds what all openers of the request share. */
export class OpenVisit<User extends UserLike, Devices> implements Visit<User, Devices> {
  readonly auth: RequestAuth<User, Devices>
  readonly #session: RequestSession
  readonly #context: LoginContext<User>
  readonly #parts: AuthParts<User, Devices>
  readonly #key: Key | undefined
  #lastSaves: boolean
  /** The visit of another auth, or of another visitor, under the same key. */
  #next: Key[typeof OPENED]
  #isReader: boolean
  /** How many inner visits are open. */
  #inner = 0
  /** What the first opener said when it closed before the last one did. */
  #failed: boolean | undefined
  /** A credential beside the session was sent by an inner request of another identity. */
  #showsOther = false
  /** Missing without an old session that may be migrated. */
  readonly #migration: VisitMigration | undefined

  constructor(
    parts: AuthParts<User, Devices>,
    request: Request,
    { address, readOnly, lastSaves, page, navigation }: Opening,
    key: Key | undefined,
  ) {
    const { cookies, kind, now, timeLimitSeconds, trustProxy, ofRequest } = parts
    const cookie = cookies.formFor(request)
    const incoming = new IncomingSession(kind, request.headers.get('cookie'), cookie, now, timeLimitSeconds)
    const session = new RequestSession(incoming, request)
    // Any client can send `X-Forwarded-For`: it is not even looked at without proxies of our own.
    const from = trustProxy === 0 ? address : clientAddress(request, address, trustProxy)
    this.#session = session
    this.#context = { request, session, address: from }
    this.auth = new RequestAuth(ofRequest, this.#context, session, { request, page, navigation })
    this.#migration = parts.migration?.visit(this.#context, session, incoming)
    this.#parts = parts
    this.#isReader = readOnly
    this.#lastSaves = lastSaves
    this.#key = key
    if (!key) return
    this.#next = key[OPENED]
    key[OPENED] = this
  }

  /** The visit that an auth has open under `key` for the session of this request, if any. */
  static under<User extends UserLike, Devices>(
    key: Key,
    parts: AuthParts<User, Devices>,
    request: Request,
  ): OpenVisit<User, Devices> | undefined {
    let visit = key[OPENED]
    while (visit && !(visit.#parts === parts && bringsSameSession(parts, request, visit.auth.request)))
      visit = visit.#next
    return visit
  }

  /** Logs in by an old session, if there is one to migrate. Nothing is noted of a request that only reads. */
  enter(readOnly: boolean): Promise<void> | undefined {
    return this.#migration?.enter(readOnly)
  }

  /** Opens it once more, for the same request or for one that a framework made of it. */
  again(request: Request, { readOnly, lastSaves, page, navigation }: Opening): Visit<User, Devices> {
    const session = this.#session
    const isSame = bringsSameCredentials(this.#parts, request, this.auth.request)
    // With other credentials it is another identity over the same session.
    const context = isSame ? this.#context : { request, session, address: this.#context.address }
    const auth =
      request === this.auth.request
        ? this.auth
        : new RequestAuth(this.#parts.ofRequest, context, session, { request, page, navigation })
    if (readOnly) return { auth, close: () => this.#shared }
    const { changes } = session
    const join = (): void => {
      if (!isSame) this.#join(context, session.changes !== changes)
    }
    if (this.#isReader) {
      // Only readers were here before: this is the first opener who saves.
      this.#isReader = false
      this.#lastSaves = lastSaves
      return new LaterVisit(auth, (failed) => {
        join()
        return this.close({ failed })
      })
    }
    this.#inner++
    return new LaterVisit(auth, (failed, hasTried) => {
      join()
      return this.#leave(failed && hasTried)
    })
  }

  close({ failed }: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    if (this.#failed !== undefined) throw closedTwice()
    if (this.#inner === 0 || !this.#lastSaves) return this.#save(failed)
    this.#failed = failed
    return this.#shared
  }

  /** Closes an inner visit. It saves if it is the last one, and the first opener has left that to it. */
  #leave(isRetry: boolean): MaybePromise<SessionCommit> {
    if (this.#inner === 1 && this.#failed !== undefined) return this.#save(this.#failed || isRetry)
    this.#inner--
    return this.#shared
  }

  /** What another identity over the session leaves behind for the first one. */
  #join(other: LoginContext<User>, isChanged: boolean): void {
    // A login or a logout inside is seen outside, unless another credential says who is there.
    if (isChanged && !this.#context.isShown) this.#context.token = other.token
    this.#showsOther ||= other.isShown === true
  }

  #save(failed: boolean): MaybePromise<SessionCommit> {
    this.#unregister()
    const isShown = this.#isShown
    const save = (): MaybePromise<SessionCommit> => this.#session.commit({ failed })
    const commit = this.#migration ? this.#migration.close(failed, save) : save()
    return isShown ? andThen(commit, (own) => ({ ...own, isPrivate: true })) : commit
  }

  /** Whether a credential beside the session was sent. */
  get #isShown(): boolean {
    return this.#showsOther || this.#context.isShown === true
  }

  /** For a response that carries no cookies of ours, but may show what is in the session. */
  get #shared(): SessionCommit {
    return {
      used: this.#session.used,
      cookies: [],
      isPrivate: this.#session.used || this.#isShown,
    }
  }

  /** Removes this visit from its key. The property stays: V8 makes a slow dictionary of an object that loses one. */
  #unregister(): void {
    const key = this.#key
    if (!key) return
    if (key[OPENED] === this) key[OPENED] = this.#next
    for (let visit = key[OPENED]; visit; visit = visit.#next)
      if (visit.#next === this) visit.#next = this.#next
  }
}

/** The visit of a later opener. */
class LaterVisit<User extends UserLike, Devices> implements Visit<User, Devices> {
  readonly auth: RequestAuth<User, Devices>
  readonly #leave: (failed: boolean, hasTried: boolean) => MaybePromise<SessionCommit>
  #hasTried = false
  #isClosed = false

  constructor(
    auth: RequestAuth<User, Devices>,
    leave: (failed: boolean, hasTried: boolean) => MaybePromise<SessionCommit>,
  ) {
    this.auth = auth
    this.#leave = leave
  }

  close({ failed }: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    if (this.#isClosed) throw closedTwice()
    const hasTried = this.#hasTried
    this.#hasTried = true
    return andThen(this.#leave(failed, hasTried), (commit) => {
      this.#isClosed = true
      return commit
    })
  }
}

function closedTwice(): LatchkeyError {
  return new LatchkeyError('misuse', 'A visit was closed twice.')
}
