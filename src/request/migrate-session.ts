import type { MaybePromise } from '../base/maybe-promise.ts'
import { cookieValues } from '../http/cookie-values.ts'
import type { UserLike } from '../user/user.ts'
import type { RequestAuth } from './request-auth.ts'

/** What an app used for its sessions before. */
export interface PreviousSession<User extends UserLike, Data = unknown> {
  /** Its cookie, as it was set. Path `/` and no domain unless named here. */
  readonly cookie: { readonly name: string; readonly path?: string; readonly domain?: string }
  /**
   * What the cookie's value (percent-decoded, chunks joined) proves, read by the library that made it. `null`: nothing,
   * and the cookie goes. What it throws lets nobody in, and keeps the cookie: its store may be down.
   */
  readonly read: (value: string) => MaybePromise<Data | null | undefined>
  /** The user that it was about, or `null`. Look them up as at a login: they may be gone or changed since. */
  readonly findUser: (data: Data) => MaybePromise<User | null | undefined>
  /** Ends the old session, where a record is kept of it. Called once its user has been found and logged in. */
  readonly end?: (data: Data) => MaybePromise<unknown>
}

const UNREADABLE = /* @__PURE__ */ Symbol('unreadable')

/** Four is what iron-session and Auth.js make at most for a session that fits into a request. */
const MAX_CHUNKS = 4

/**
 * So that a switch to latchkey logs nobody out: a visitor whose request carries a session of the predecessor, and
 * none of ours, is logged in by it, once, and gets ours in its place. Guards and the second factor are asked as at
 * any login. Such a login is not fresh: nobody proved anything just now.
 *
 * Gives the `Set-Cookie` values that take the old cookie away. Append them to the response, whatever else it says:
 * the old cookie must not log in again whom a logout has sent away. A copy of it that somebody else holds is good
 * until its own end, as it was before: take this out again when the last of them has ended.
 *
 * Nothing old is lost before its user has been found and logged in: where `read` throws, where no user is found, and
 * where a guard or a second factor refuses, the old cookie stays.
 */
export async function migrateSession<User extends UserLike, Data>(
  auth: RequestAuth<User>,
  { cookie, read, findUser, end }: PreviousSession<User, Data>,
): Promise<string[]> {
  const header = auth.request.headers.get('cookie')
  const names = namesOf(cookie.name).filter((name) => cookieValues(header, name).length > 0)
  if (names.length === 0) return []
  const token = await auth.authenticate()
  // A session of ours that has ended says more than one of the predecessor's that has not.
  if (!token.isAuthenticated && token.reason === null) {
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
 * The first session that has a user: of two cookies with one name either may be the one. `nothing`, when none of the
 * values proves anything; `unclear`, when one of them could not be read, or proves something and has no user.
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
