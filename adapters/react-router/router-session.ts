import type { SessionStore } from 'latchkey'
import { adaptSession, type SessionCommit } from 'latchkey/adapter'
import type { SessionStorageLike } from './session-storage.ts'
import { MARK, SessionVisit } from './session-visit.ts'

/** The session of one request. */
export interface RouterSession {
  readonly session: SessionStore
  /**
   * Saves what was changed, and says what the response must carry: `withSession(response, await visit.commit())`.
   * With `failed`, for a request that ends in an error, only an ending is kept.
   */
  commit(options?: { readonly failed?: boolean }): Promise<SessionCommit>
}

/**
 * A session of React Router's or Remix 2's own `SessionStorage` as a `SessionStore`, for `LoginManager`: for apps that
 * keep the sessions they have. Once per request, for all that the request does to its session:
 *
 *     const visit = routerSession(storage, request)
 *     await manager.login({ request, session: visit.session }, email, password)
 *     return withSession(redirect('/app'), await visit.commit())
 *
 * These storages adopt whatever id the cookie names, and have no way to change an id. So every session made here
 * carries a mark of ours; one without it is given a new id before anything is written, and a new id is a new record,
 * the old one being destroyed.
 *
 * They write a session as a whole and cannot tell whether it is still there. It is read again right before it is
 * written, so that an ended one stays ended; two requests within that moment can still lose a write or bring one back.
 * What lives in its cookie alone cannot be ended at all: a copy of the cookie outlives the logout.
 *
 * @throws LatchkeyError `invalid_configuration` at its use, for sessions in a cookie that is not signed.
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
