import type { SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** The subset of a `Session` of `@remix-run/session` that we call. */
export interface RemixSessionLike {
  /** The values by key, and the flash messages. */
  readonly data: readonly [Readonly<Record<string, unknown>>, unknown]
  /** The number of values and flash messages. */
  readonly size: number
  /** Sets a value; `null` removes it. */
  set(key: string, value: unknown): void
  /** Removes a value. */
  unset(key: string): void
  /** Gives the session a new id, and deletes the old record on saving if asked to. */
  regenerateId(deleteOldSession?: boolean): void
}

/** Stands for `null`, since `set` treats that as a removal. */
const NULL = { _latchkey: null }

/**
 * Adapts a session of `@remix-run/session` to `SessionStore`, for `LoginManager`: for apps that keep their
 * existing sessions. The library's own middleware saves it:
 *
 *     const session = remixSession(context.get(Session))
 *     const outcome = await manager.login({ request: context.request, session }, email, password)
 *
 * Regenerating the id makes a new record and deletes the old one when the session is saved. An empty session
 * gets a new id with its first write, since a storage with `useUnknownIds` has adopted the cookie's.
 *
 * The library writes a session as a whole: parallel requests lose writes, and a request that is under way
 * restores a session after its logout. It does not save the session if a handler throws, so a logout is lost
 * then. A session that is stored in its cookie alone cannot be revoked: a copy of the cookie outlives the
 * logout. A logout leaves an empty session behind.
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
      // An empty session gets its new id with the first write, and needs no cookie before that.
      if (session.size > 0) session.regenerateId(true)
    },
  })
}

function isNull(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_latchkey' in value
}
