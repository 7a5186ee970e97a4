import type { SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

/** What is used of a session of `iron-session`: its own keys are the data. */
export interface IronSessionLike {
  save(): Promise<void>
  destroy(): unknown
}

export interface IronSessionStore extends SessionStore {
  /** Sends what was changed: to be called before the response leaves. An emptied session takes its cookie along. */
  save(): Promise<void>
}

/** Names of iron-session itself, which no key may take. */
const RESERVED = ['save', 'destroy', 'updateConfig']

/**
 * A session of `iron-session` as a `SessionStore`, for `LoginManager`:
 *
 *     const session = ironSession(await getIronSession(request, response, options))
 *     await manager.login({ request, session }, email, password)
 *     await session.save()
 *
 * The session is its cookie, sealed anew at each save: there is no id, and an old copy of the cookie opens until its
 * own end, also after a logout. Of parallel writers the last one wins. Sealed sessions of latchkey's own take a
 * revocation list against the one, stored sessions lose no writes.
 */
export function ironSession(session: IronSessionLike): IronSessionStore {
  // Its data are the object's own properties, beside methods that are not enumerable.
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
    // The next save makes another seal, with a salt of its own: there is nothing else to regenerate.
    regenerateId() {},
  })
  const isEmpty = (): boolean => Object.keys(data).length === 0
  return { ...store, save: async () => void (await (isEmpty() ? session.destroy() : session.save())) }
}
