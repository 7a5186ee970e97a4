import type { MaybePromise } from '../base/maybe-promise.ts'
import { cookieValues } from '../http/cookie-values.ts'
import { sessionAuthenticator } from '../identity/authenticators/session.ts'
import type { UserLike } from '../user/user.ts'
import type { RequestAuth } from './request-auth.ts'

/** The sessions that an app used before latchkey. */
export interface PreviousSession<User extends UserLike, Data = unknown> {
  /** The old cookie, as it was set. Default: path `/` and no domain. */
  readonly cookie: { readonly name: string; readonly path?: string; readonly domain?: string }
  /**
   * Reads the old cookie's value (percent-decoded, chunks joined) with the library that made it. `null` means
   * that it proves nothing, and the cookie is removed. If it throws, no login happens and the cookie stays:
   * its store may be down.
   */
  readonly read: (value: string) => MaybePromise<Data | null | undefined>
  /**
   * Finds the user of the old session, or `null`. Look them up as at a login: they may be gone or changed
   * since.
   */
  readonly findUser: (data: Data) => MaybePromise<User | null | undefined>
  /**
   * Ends the old session, if there is a record of it. Called once its user was found and logged in. Default:
   * nothing.
   */
  readonly end?: (data: Data) => MaybePromise<unknown>
}

const UNREADABLE = /* @__PURE__ */ Symbol('unreadable')

/** iron-session and Auth.js make at most four for a session that fits into a request. */
const MAX_CHUNKS = 4

/**
 * Logs a visitor in once by the session of an app's previous library, so that switching to latchkey logs no
 * one out. It does so if the request carries an old session and none of ours. Guards and the second factor
 * are checked as at any login. The login is not fresh, because the user proved nothing just now.
 *
 * Returns the `Set-Cookie` values that remove the old cookie. Append them to the response, unless it is a 5xx,
 * which keeps no new session: the old cookie must not log in again after a logout. A copy of it that someone else holds is valid until its own end, as
 * it was before. Remove this call when the last old session has ended.
 *
 * Nothing old is lost before its user was found and logged in: if `read` throws, if no user is found, or if a
 * guard or a second factor refuses, the old cookie stays.
 */
export async function migrateSession<User extends UserLike, Data>(
  auth: RequestAuth<User>,
  { cookie, read, findUser, end }: PreviousSession<User, Data>,
): Promise<string[]> {
  const header = auth.request.headers.get('cookie')
  const names = namesOf(cookie.name).filter((name) => cookieValues(header, name).length > 0)
  if (names.length === 0) return []
  // Another credential of this request, such as a bearer token, says nothing about the session.
  const token = await auth.authenticateBy(sessionAuthenticator<User>())
  // If our own session has ended, the old one must not log in again.
  if (!token.isAuthenticated && (token.reason === null || token.reason === 'unknown')) {
    const old = await oldSession(valuesIn(header, cookie.name), read, findUser)
    if (old === 'unclear') return []
    if (old !== 'nothing') {
      const outcome = await auth.loginUser(old.user, { method: 'migrated', authTime: 0 })
      if (!outcome.ok) return []
      await end?.(old.data)
    }
  }
  const { path = '/', domain } = cookie
  const attributes = `Path=${path};${domain ? ` Domain=${domain};` : ''} Max-Age=0; HttpOnly; SameSite=Lax`
  const isSecure = new URL(auth.request.url).protocol === 'https:' || cookie.name.startsWith('__')
  return names.map((name) => `${name}=; ${attributes}${isSecure ? '; Secure' : ''}`)
}

/**
 * The first session that has a user: of two cookies with one name, either may be the right one. `nothing` if
 * no value proves anything; `unclear` if one could not be read, or proves something but has no user.
 */
async function oldSession<User extends UserLike, Data>(
  values: readonly string[],
  read: PreviousSession<User, Data>['read'],
  findUser: PreviousSession<User, Data>['findUser'],
): Promise<{ readonly user: User; readonly data: Data } | 'nothing' | 'unclear'> {
  let found: 'nothing' | 'unclear' = 'nothing'
  for (const value of values) {
    const data = await Promise.resolve(value)
      .then(read)
      .catch(() => UNREADABLE)
    if (data === null || data === undefined) continue
    found = 'unclear'
    const user = data === UNREADABLE ? null : await findUser(data as Data)
    if (user) return { user, data: data as Data }
  }
  return found
}

function valuesIn(header: string | null, name: string): string[] {
  const values = cookieValues(header, name)
  const chunks = namesOf(name)
    .slice(1)
    .map((chunk) => cookieValues(header, chunk)[0] ?? '')
  return [...values, ...(values.length > 0 ? [] : [chunks.join('')])].map(decoded)
}

/** The cookie itself, and the chunks that a large one is cut into. */
function namesOf(name: string): string[] {
  return [name, ...Array.from({ length: MAX_CHUNKS }, (_, i) => `${name}.${i}`)]
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
