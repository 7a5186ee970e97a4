import type { Context } from 'hono'
import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** What is used of `c.var.session`, which `sessionMiddleware()` of `hono-sessions` makes. */
interface HonoSessionsSession {
  getCache(): Cache
  /** With `isNew`, it is saved after the handler, changed or not. */
  setCache(cache: Cache, isNew?: boolean): void
  get(key: string): unknown
  set(key: string, value: unknown): void
  forget(key: string): void
}

interface Cache {
  /** Only where a store keeps records. */
  readonly _id?: string
  readonly _delete: boolean
  _data: Record<string, unknown>
}

/**
 * A session of `hono-sessions` as a `SessionStore`, for `LoginManager`: for apps that keep the session they have.
 * A new id is its own rotation of keys: after the handler, the old record is deleted and another made. Its
 * `CookieStore` has no records, so that neither a login nor a logout could end a copy of the cookie: refused.
 *
 * `hono-sessions` writes a session as a whole and after every request, so parallel requests lose writes there, and
 * one that is under way brings a logged-out session back. Sessions of latchkey's own do not.
 *
 * @throws LatchkeyError `misuse` without `sessionMiddleware()`, `invalid_configuration` with a `CookieStore`.
 */
export function honoSessions(c: Context): SessionStore {
  const session: HonoSessionsSession | undefined = c.get('session')
  if (!session || typeof session.getCache !== 'function')
    throw new LatchkeyError(
      'misuse',
      'No hono-sessions on this request: app.use(sessionMiddleware(…)) comes first.',
    )
  if (typeof session.getCache()._id !== 'string')
    throw new LatchkeyError(
      'invalid_configuration',
      'hono-sessions cannot give a session in a CookieStore a new id, nor end it: give sessionMiddleware() a store that keeps records.',
    )

  const startOver = (data: Cache['_data']): void => {
    const old = session.getCache()
    session.setCache({ ...old, _delete: false, _data: data }, true)
    // Its MemoryStore hands one object to all requests of a session. One that is under way saves it under the old
    // id, which must not be worth a login.
    old._data = {}
    c.set('session_key_rotation', true)
  }
  /** The data; of a session that the app has deleted in this request, none. */
  const data = (): Cache['_data'] => {
    if (session.getCache()._delete) startOver({})
    return session.getCache()._data
  }

  return adaptSession({
    name: 'hono-sessions',
    read: (key) => (Object.hasOwn(data(), key) ? session.get(key) : undefined),
    write(key, value) {
      data()
      session.set(key, value)
    },
    remove(key) {
      data()
      session.forget(key)
    },
    clear: () => startOver({}),
    regenerateId: () => startOver({ ...data() }),
  })
}
