import type { SessionStore } from 'latchkey'
import { adaptSession, type SessionCommit } from 'latchkey/adapter'
import type { SessionStorageLike } from './session-storage.ts'
import { MARK, SessionVisit } from './session-visit.ts'

/** The session of one request, as `routerSession` returns it. */
export interface RouterSession {
  /** The session to pass to `LoginManager`. */
  readonly session: SessionStore
  /**
   * Saves the changes, and returns what the response must carry: pass it to `withSession(response, commit)`.
   * With `failed`, for a request that ends in an error, the changes are discarded, except a logout.
   */
  commit(options?: { readonly failed?: boolean }): Promise<SessionCommit<string>>
}

/**
 * Adapts a session of React Router's or Remix 2's own `SessionStorage` to `SessionStore`, for `LoginManager`:
 * for apps that keep their existing sessions. Call it once per request, and use the result for all that the
 * request does to its session:
 *
 *     const visit = routerSession(storage, request)
 *     await manager.login({ request, session: visit.session }, email, password)
 *     return withSession(redirect('/app'), await visit.commit())
 *
 * These storages adopt any id that a cookie names, and cannot change an id. So every session created here
 * carries our mark. One without it gets a new id before anything is written: a new record is made and the old
 * one destroyed.
 *
 * They write a session as a whole, and cannot tell whether it still exists. It is read again right before it
 * is written, so that an ended session stays ended; two requests within that moment can still lose a write or
 * restore a session. A session that is stored in its cookie alone cannot be revoked: a copy of the cookie
 * outlives the logout.
 *
 * @throws LatchkeyError `invalid_configuration` on first use, for sessions in a cookie that is not signed.
 */
export function routerSession(storage: SessionStorageLike, request: Request): RouterSession {
  const visit = new SessionVisit(storage, request.headers.get('cookie'))
  const session = adaptSession({
    name: 'latchkey/react-router',
    reserved: [MARK],
    read: (key) => visit.read(key),
    write: (key, value) => visit.write(key, value),
    remove: (key) => visit.write(key, undefined),
    clear: () => visit.clear(),
    regenerateId: () => visit.regenerateId(),
  })
  return { session, commit: (options = {}) => visit.commit(options) }
}
