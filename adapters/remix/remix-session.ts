import type { SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** What is used of a `Session` of `@remix-run/session`. */
export interface RemixSessionLike {
  /** Values, and flash messages. */
  readonly data: readonly [Readonly<Record<string, unknown>>, unknown]
  readonly size: number
  set(key: string, value: unknown): void
  unset(key: string): void
  regenerateId(deleteOldSession?: boolean): void
}

/** `set` takes `null` for a removal. */
const NULL = { _latchkey: null }

/**
 * A session of `@remix-run/session` as a `SessionStore`, for `LoginManager`: for apps that keep the session they have.
 * Its own middleware saves it:
 *
 *     const session = remixSession(context.get(Session))
 *     const outcome = await manager.login({ request: context.request, session }, email, password)
 *
 * A new id is a new record, and the old one is deleted when the session is saved. A session that was empty begins
 * under a new id, since a storage with `useUnknownIds` has taken that of the cookie.
 *
 * Sessions there are written as a whole, so parallel requests lose writes, and one that is under way brings a
 * logged-out session back. They are not saved when a handler throws: a logout is lost then. What lives in its cookie
 * alone cannot be ended: a copy of the cookie outlives the logout. A logout leaves an empty session behind.
 */
export function remixSession(session: RemixSessionLike): SessionStore {
  return adaptSession({
    name: '@remix-run/session',
    read(key) {
      const [values] = session.data
      if (!Object.hasOwn(values, key)) return undefined
      return isNull(values[key]) ? null : values[key]
    },
    write(key, value) {
      if (session.size === 0) session.regenerateId()
      session.set(key, value ?? NULL)
    },
    remove(key) {
      if (Object.hasOwn(session.data[0], key)) session.unset(key)
    },
    clear() {
      if (session.size === 0) return
      for (const key in session.data[0]) session.unset(key)
      session.regenerateId(true)
    },
    regenerateId() {
      // What is empty gets its new id with the first write, and no cookie before that.
      if (session.size > 0) session.regenerateId(true)
    },
  })
}

function isNull(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_latchkey' in value
}
