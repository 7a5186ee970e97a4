import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** The subset of a request behind `express-session` that we read. */
export interface ExpressSessionRequest {
  /** The session that express-session has put there; missing while its store is disconnected. */
  session?: ExpressSession | undefined
}

interface ExpressSession {
  regenerate(done: (error: unknown) => void): unknown
}

/**
 * Keys that are reserved: express-session's own names, and those of every object, which it would not store.
 */
const RESERVED = [
  ...['cookie', 'id', 'req', 'regenerate', 'destroy', 'reload', 'save', 'touch', 'resetMaxAge'],
  ...Object.getOwnPropertyNames(Object.prototype),
]

/**
 * Adapts a session of `express-session` to `SessionStore`, for `LoginManager`: for apps that keep their
 * existing sessions. Ids are regenerated for real: the store of express-session deletes the old record.
 *
 * express-session writes a session as a whole, at the end of each request: parallel requests lose writes, and
 * a request that is under way restores a session after its logout. latchkey's own sessions have neither
 * fault.
 *
 * The session's methods throw LatchkeyError: `misuse` if express-session has not run on this request,
 * `backend_failed` if its store fails.
 */
export function expressSession(request: ExpressSessionRequest): SessionStore {
  const session = (): ExpressSession => {
    if (request.session) return request.session
    throw new LatchkeyError(
      'misuse',
      'express-session has not run on this request: call app.use(session(…)) first. Or its store is disconnected.',
    )
  }
  const regenerate = (): Promise<void> =>
    new Promise((resolve, reject) => {
      session().regenerate((cause) => {
        if (!cause) resolve()
        else reject(new LatchkeyError('backend_failed', 'The store of express-session failed.', { cause }))
      })
    })
  return adaptSession({
    name: 'express-session',
    reserved: RESERVED,
    read: (key) => (Object.hasOwn(session(), key) ? Reflect.get(session(), key) : undefined),
    write: (key, value) => void Reflect.set(session(), key, value),
    remove: (key) => void Reflect.deleteProperty(session(), key),
    clear: regenerate,
    async regenerateId() {
      // Includes `cookie`, and with it the lifetime that the app has set.
      const all = { ...session() }
      await regenerate()
      Object.assign(session(), all)
    },
  })
}
