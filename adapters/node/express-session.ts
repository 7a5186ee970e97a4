import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** What is used of a request that has passed `express-session`. */
export interface ExpressSessionRequest {
  session?: ExpressSession | undefined
}

interface ExpressSession {
  regenerate(done: (error: unknown) => void): unknown
}

/** Names of express-session itself, and those that it would not give back: it skips what every object has. */
const RESERVED = [
  ...['cookie', 'id', 'req', 'regenerate', 'destroy', 'reload', 'save', 'touch', 'resetMaxAge'],
  ...Object.getOwnPropertyNames(Object.prototype),
]

/**
 * A session of `express-session` as a `SessionStore`, for `LoginManager`: for apps that keep the session they have.
 * A new id is a new one: the old record is deleted by its store, whatever that is.
 *
 * express-session writes a session as a whole, at the end of each request. So parallel requests lose writes, and one
 * that is under way brings a logged-out session back. Sessions of latchkey's own do neither.
 */
export function expressSession(request: ExpressSessionRequest): SessionStore {
  const session = (): ExpressSession => {
    if (request.session) return request.session
    throw new LatchkeyError(
      'misuse',
      'No express-session on this request: app.use(session(…)) comes first. Or its store is disconnected.',
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
      // With `cookie`: how long it is kept, as the app has set it.
      const all = { ...session() }
      await regenerate()
      Object.assign(session(), all)
    },
  })
}
