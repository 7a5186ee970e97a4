import type { Context } from 'hono'
import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** The subset of `c.var.session`, made by `sessionMiddleware()` of `hono-sessions`, that we call. */
interface HonoSessionsSession {
  getCache(): Cache
  /** With `isNew`, it is saved after the handler even if nothing was changed. */
  setCache(cache: Cache, isNew?: boolean): void
  get(key: string): unknown
  set(key: string, value: unknown): void
  forget(key: string): void
}

interface Cache {
  /** Only with a store that keeps records. */
  readonly _id?: string
  readonly _delete: boolean
  _data: Record<string, unknown>
}

/**
 * Adapts a session of `hono-sessions` to `SessionStore`, for `LoginManager`: for apps that keep their
 * existing sessions. It renews the id by the library's own key rotation: after the handler, the old record is
 * deleted and a new one is made. `CookieStore` is rejected: it has no records, so neither a login nor a
 * logout could revoke a copy of the cookie.
 *
 * `hono-sessions` writes a session as a whole, after every request: parallel requests lose writes, and a
 * request that is under way restores a session after its logout. latchkey's own sessions have neither fault.
 *
 * @throws LatchkeyError `misuse` without `sessionMiddleware()`, `invalid_configuration` with a `CookieStore`.
 */
export function honoSessions(c: Context): SessionStore {
  const session: HonoSessionsSession | undefined = c.get('session')
  if (!session || typeof session.getCache !== 'function')
    throw new LatchkeyError(
      'misuse',
      'hono-sessions has not run on this request: call app.use(sessionMiddleware(…)) first.',
    )
  if (typeof session.getCache()._id !== 'string')
    throw new LatchkeyError(
      'invalid_configuration',
      'hono-sessions can neither renew the id of a session in a CookieStore nor revoke it: give sessionMiddleware() a store that keeps records.',
    )

  const reset = (data: Cache['_data']): void => {
    const old = session.getCache()
    session.setCache({ ...old, _delete: false, _data: data }, true)
    // Its MemoryStore gives one object to all requests of a session. A request that is under way saves it
    // under the old id, which must not carry the new login.
    old._data = {}
    c.set('session_key_rotation', true)
  }
  /** The data: empty after the app has deleted the session in this request. */
  const data = (): Cache['_data'] => {
    if (session.getCache()._delete) reset({})
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
    clear: () => reset({}),
    regenerateId: () => reset({ ...data() }),
  })
}
