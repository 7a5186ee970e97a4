import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { clientAddress } from '../http/client-address.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { UNUSED } from '../session/commit.ts'
import { RequestSession } from '../session/request-session.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthParts } from './auth-parts.ts'
import { RequestAuth } from './request-auth.ts'

/**
 * The property of what stands for a request that holds its open visits. A WeakMap costs more: most of it when garbage is
 * collected (2 µs a request, measured on Node 20 with 20,000 requests at hand).
 */
const OPENED: unique symbol = Symbol('latchkey')

/** What stands for a request. */
interface Key {
  // biome-ignore lint/suspicious/noExplicitAny: the visits of every auth, whatever its users are
  [OPENED]?: OpenVisit<any, any> | undefined
}

/**
 * One request that an adapter has opened with `auth.open`. Handlers get its `auth`; the adapter closes it before the
 * response is sent. The same request opened twice is one visit, so that what an inner handler does is seen by the outer
 * one, and one set of cookies goes out.
 */
export interface Visit<User extends UserLike, Devices = unknown> {
  /** Login and logout for this request. */
  readonly auth: RequestAuth<User, Devices>
  /**
   * Saves the session, and returns what the response must say about it. With `failed`, for a request that ended in an
   * error, changes are discarded, except a logout. If saving throws, call it again with `failed`.
   *
   * Only the last opener's call saves: what an inner one says has no effect.
   *
   * @throws LatchkeyError `misuse` if it was closed as often as it was opened; `backend_failed`, `session_too_large`.
   */
  close(outcome: { readonly failed: boolean }): MaybePromise<SessionCommit>
}

/** A visit that counts how often it was opened, and is found again by what stands for its request. */
export class OpenVisit<User extends UserLike, Devices> implements Visit<User, Devices> {
  readonly auth: RequestAuth<User, Devices>
  readonly #session: RequestSession
  readonly #context: LoginContext<User>
  readonly #parts: AuthParts<User, Devices>
  readonly #key: Key | undefined
  /** The visit of another auth for the same request. */
  #next: Key[typeof OPENED]
  #opens: number

  constructor(
    parts: AuthParts<User, Devices>,
    request: Request,
    { address, readOnly }: { readonly address: string | undefined; readonly readOnly: boolean },
    key: Key | undefined,
  ) {
    const { cookies, kind, now, timeLimitSeconds, trustProxy, ofRequest } = parts
    const cookie = cookies.formFor(request)
    const session = new RequestSession(kind, cookie, now, request.headers.get('cookie'), timeLimitSeconds)
    // Any client can send `X-Forwarded-For`: it is not even looked at without proxies of our own.
    const from = trustProxy === 0 ? address : clientAddress(request, address, trustProxy)
    this.#session = session
    this.#context = { request, session, address: from }
    this.auth = new RequestAuth(ofRequest, this.#context, session)
    this.#opens = readOnly ? 0 : 1
    this.#parts = parts
    this.#key = key
    if (!key) return
    this.#next = key[OPENED]
    key[OPENED] = this
  }

  /** Counts one more opener, who has to close it. */
  open(): void {
    this.#opens++
  }

  close({ failed }: { readonly failed: boolean }): MaybePromise<SessionCommit> {
    if (this.#opens > 1) {
      this.#opens--
      return UNUSED
    }
    this.#leave()
    const commit = this.#session.commit({ failed })
    return this.#context.isShown ? andThen(commit, (own) => ({ ...own, isPrivate: true })) : commit
  }

  /** Is not found under its key any more. The property stays: V8 makes a slow dictionary of an object that loses one. */
  #leave(): void {
    const key = this.#key
    if (!key) return
    if (key[OPENED] === this) key[OPENED] = this.#next
    for (let visit = key[OPENED]; visit; visit = visit.#next)
      if (visit.#next === this) visit.#next = this.#next
  }

  /** The visit that an auth has open under `key`, if any. */
  static under<User extends UserLike, Devices>(
    key: Key,
    parts: AuthParts<User, Devices>,
  ): OpenVisit<User, Devices> | undefined {
    let visit = key[OPENED]
    while (visit && visit.#parts !== parts) visit = visit.#next
    return visit
  }
}
