import type { SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** The subset of an `iron-session` session that we call. Its own enumerable properties are the data. */
export interface IronSessionLike {
  /** Seals the data and sets the cookie. */
  save(): Promise<void>
  /** Empties the session and removes the cookie. */
  destroy(): unknown
}

/** A `SessionStore` over an `iron-session` session, which has to be saved. */
export interface IronSessionStore extends SessionStore {
  /** Sets the cookie; call it before the response leaves. If the session is empty, it removes the cookie. */
  save(): Promise<void>
}

/** Keys that are reserved: iron-session's own methods. */
const RESERVED = ['save', 'destroy', 'updateConfig']

/**
 * Adapts a session of `iron-session` to `SessionStore`, for `LoginManager`:
 *
 *     const session = ironSession(await getIronSession(request, response, options))
 *     await manager.login({ request, session }, email, password)
 *     await session.save()
 *
 * The session is its cookie, sealed anew at each save. It has no id, and an old copy of the cookie stays
 * valid until it expires, even after a logout. Of parallel writers the last one wins. latchkey's own sealed
 * sessions can have a revocation list against the former; its stored sessions lose no writes.
 */
export function ironSession(session: IronSessionLike): IronSessionStore {
  // The data are the object's own properties, which its type does not say; its methods are not enumerable.
  const data = session as unknown as Record<string, unknown>
  const clear = (): void => {
    for (const key of Object.keys(data)) delete data[key]
  }
  const store = adaptSession({
    name: 'iron-session',
    reserved: RESERVED,
    read: (key) => (Object.hasOwn(data, key) ? data[key] : undefined),
    write(key, value) {
      data[key] = value
    },
    remove(key) {
      delete data[key]
    },
    clear,
    // There is no id to regenerate: the next save makes a new seal with a new salt.
    regenerateId() {},
  })
  const isEmpty = (): boolean => Object.keys(data).length === 0
  return { ...store, save: async () => void (await (isEmpty() ? session.destroy() : session.save())) }
}
