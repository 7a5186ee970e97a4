import { LatchkeyError } from '../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { checkCrossOrigin, describeCrossOrigin } from '../http/cross-origin.ts'
import { isMalformed } from '../http/malformed-request.ts'
import { withSession } from '../http/response-headers.ts'
import type { PathProtection, PathRequest } from '../identity/protect-paths.ts'
import type { SessionStrategy } from '../session/session-kind.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthOptions } from './auth-options.ts'
import { type AuthParts, authParts } from './auth-parts.ts'
import { actsByTokenAlone } from './token-alone.ts'
import { OpenVisit, type Visit } from './visit.ts'

/**
 * Checks the whole configuration and binds login and logout to it. Synchronous; keys are derived at first use.
 *
 * @throws LatchkeyError `invalid_configuration`, whose message names the option and the fix.
 */
export function createAuth<User extends UserLike>(
  options: AuthOptions<User> & { readonly sessions?: never },
): Auth<User, undefined>
export function createAuth<User extends UserLike, Devices>(
  options: AuthOptions<User, Devices> & { readonly sessions: SessionStrategy<Devices> },
): Auth<User, Devices>
export function createAuth<User extends UserLike>(options: AuthOptions<User>): Auth<User>
export function createAuth<User extends UserLike>(options: AuthOptions<User>): Auth<User> {
  return new Auth(options)
}

/** What an adapter knows about a request that it opens. */
export interface OpenOptions {
  /** The client's address, as the socket says. Default: unknown. */
  readonly address?: string | undefined
  /**
   * The path as it came over the wire, if the router sees that; `null` if the framework does not tell the path, so that
   * path rules cannot be asked. Default: the path of the request.
   */
  readonly target?: string | null | undefined
  /** The path that the router matches, if the app has rewritten the one that came. Default: it has not. */
  readonly rewritten?: string | undefined
  /** The page, if the framework requests its data by another path. Default: the request's URL. */
  readonly page?: PathRequest['page']
  /**
   * Whether this is a navigation by the framework's own script, which follows a redirect to the login page. Default: whether
   * it requests the data of `page`. What a browser or Turbo navigates is known by its headers.
   */
  readonly navigation?: boolean | undefined
  /**
   * The object that identifies this request, where a framework makes a new `Request` of it. What is opened under one key
   * with the same session cookies is one visit. It must be made anew for each request of a browser, since visitors without
   * a session are told apart by nothing else, and extensible, since the visit is kept in a property of it while it is open.
   * Default: the `Request` itself.
   */
  readonly key?: object | undefined
  /**
   * `true`: only reads, where no cookie can be set (pages, sockets). Such a visit is not closed, and is found again under
   * a `key` alone. Default false.
   */
  readonly readOnly?: boolean
  /**
   * `true`: of several who open the request, the last one to close it saves and gets the cookies, where cookies can be set
   * until then (Next). The first opener's `failed` counts all the same. Default: the first opener saves, since its response
   * carries the cookies.
   */
  readonly lastSaves?: boolean
}

/** The configured auth. Adapters call `open` once per request; apps mount it as `latchkey(auth)`. */
export class Auth<User extends UserLike, Devices = unknown> {
  readonly #parts: AuthParts<User, Devices>

  constructor(options: AuthOptions<User, Devices>) {
    this.#parts = authParts(options)
  }

  /**
   * Opens one request. Returns the visit, whose `auth` handlers get and which must be closed before the response is
   * sent; or the response, if another site has forged the request, it is malformed (TRACE, credentials in the address, a
   * target that is not a path), or `protect` refuses its path.
   *
   * @throws LatchkeyError `backend_failed`, `login_required`, or what an `onFailure` of `protect` throws.
   */
  open(request: Request, options: OpenOptions = {}): MaybePromise<Response | Visit<User, Devices>> {
    const { ofRequest, trustedOrigins, emit } = this.#parts
    const { address, target, page, navigation, readOnly = false, lastSaves = false } = options
    if (isMalformed(request, target)) return this.deny(request, 400, 'bad_request')
    const { origin } = ofRequest
    const reason = checkCrossOrigin(request, { origin, trustedOrigins })
    if (reason && !actsByTokenAlone(this.#parts, request)) {
      emit({}, { type: 'cross_origin_refused', ...describeCrossOrigin(request, reason, { origin }) })
      return this.deny(request, 403, 'cross_origin_refused')
    }
    const { key = readOnly ? undefined : request } = options
    const opening = { address, readOnly, lastSaves, page, navigation }
    const first = key && OpenVisit.under(key, this.#parts, request)
    const own = first ?? new OpenVisit(this.#parts, request, opening, key)
    const visit = first ? first.again(request, opening) : own
    // Before the path rules: an old session lets its user pass.
    const entering = target === null ? undefined : own.enter(readOnly)
    if (!entering) return this.#checkPath(visit, request, options)
    return entering.then(
      () => this.#checkPath(visit, request, options),
      async (error: unknown) => {
        if (!readOnly) await visit.close({ failed: true })
        throw error
      },
    )
  }

  #checkPath(
    visit: Visit<User, Devices>,
    request: Request,
    { target, rewritten, page, readOnly = false }: OpenOptions,
  ): MaybePromise<Response | Visit<User, Devices>> {
    const { protect, loginPages } = this.#parts
    if (protect.length === 0 || target === null) return visit
    return checkPath(visit, protect, { request, target, rewritten, page, loginPages }, readOnly)
  }

  /**
   * Returns the response to a request that an adapter denies itself, in the shape of the option `deniedResponse`. Never
   * throws.
   *
   * @param code What the client is told, such as `bad_request`.
   */
  deny(request: Request, status: number, code: string): MaybePromise<Response> {
    return this.#parts.ofRequest.deny(request, status, code)
  }

  /**
   * Forgets all failed attempts at this user's account, so that they can log in at once: after a reset of the password,
   * or for support. The networks that guessed stay limited.
   *
   * @throws LatchkeyError `backend_failed`.
   */
  async forgive(user: User): Promise<void> {
    await this.#parts.ofRequest.proof.throttle?.forgive(user)
  }
}

/** The visit if all path rules let it pass, otherwise the first response, with the session's cookies. */
function checkPath<User extends UserLike, Devices>(
  visit: Visit<User, Devices>,
  protect: readonly PathProtection[],
  path: PathRequest,
  readOnly: boolean,
): MaybePromise<Response | Visit<User, Devices>> {
  const fail = async (error: unknown): Promise<Response> => {
    if (error instanceof Response) return deny(error)
    if (!readOnly) await visit.close({ failed: true })
    throw error
  }
  const deny = async (denied: Response): Promise<Response> => {
    // Fails closed: only `null` lets a request pass.
    if (typeof denied?.status !== 'number')
      throw new LatchkeyError('misuse', '`protect` must return a Response, or null to let the request pass.')
    return readOnly ? denied : withSession(denied, await visit.close({ failed: denied.status >= 500 }))
  }
  const pass = (denied: Response | null | undefined): MaybePromise<Response | Visit<User, Devices>> =>
    denied === null || denied === undefined ? visit : deny(denied).catch(fail)
  // The first answer wins: a rule that lets the user pass does not speak for those behind it.
  const ask = ([rule, ...others]: readonly PathProtection[]): ReturnType<PathProtection> =>
    rule ? andThen(rule(visit.auth, path), (denied) => denied ?? ask(others)) : null
  try {
    const denied = ask(protect)
    return isPromise(denied) ? Promise.resolve(denied).then(pass, fail) : pass(denied)
  } catch (error) {
    return fail(error)
  }
}
