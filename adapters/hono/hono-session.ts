import type { Context } from 'hono'
import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

type Data = Record<string, unknown>

/** What is used of `c.var.session`, which `useSession()` of `@hono/session` makes. */
interface HonoSession {
  /** Throws while nothing was read, and once it was deleted. */
  readonly data: Data | null
  readonly id: string | null
  /** Reads the record of the cookie again; what was not saved is lost. */
  get(): Promise<Data | null>
  /** Takes the id of the cookie if it has a record now, otherwise a new one. */
  update(data: (stored: Data | null) => Data): Promise<void>
  delete(): void
}

/** What is used of `c.var.sessionStorage`, which `useSessionStorage()` makes. */
interface HonoSessionStorage {
  delete(id: string): unknown
}

/** Where the mapping of this request is kept, since what it is about to save must be one thing to all who ask. */
const OWN = 'latchkey:@hono/session'

/**
 * A session of `@hono/session` as a `SessionStore`, for `LoginManager`: for apps that keep the session they have.
 * It needs `useSessionStorage(…)` before `useSession()`: a new id is made by deleting the record first, and a session
 * that lives in its cookie alone has none, so that neither a login nor a logout could end a copy of it.
 *
 * `@hono/session` writes a session as a whole, so parallel requests lose writes there, and one that is under way can
 * bring a logged-out session back; it does not wait for its storage. Sessions of latchkey's own have neither fault.
 *
 * @throws LatchkeyError `misuse` without `useSession()`, `invalid_configuration` without a storage.
 */
export function honoSession(c: Context): SessionStore {
  const session: HonoSession | undefined = c.get('session')
  if (!session || typeof session.update !== 'function')
    throw new LatchkeyError('misuse', 'No @hono/session on this request: app.use(useSession(…)) comes first.')
  const known: { session: HonoSession; store: SessionStore } | undefined = c.get(OWN)
  if (known?.session === session) return known.store
  const storage: HonoSessionStorage | undefined = c.get('sessionStorage')
  if (!storage)
    throw new LatchkeyError(
      'invalid_configuration',
      '@hono/session cannot give a session in a cookie a new id, nor end it: app.use(useSessionStorage(…)) before useSession().',
    )
  const store = mapping(session, storage)
  c.set(OWN, { session, store })
  return store
}

function mapping(session: HonoSession, storage: HonoSessionStorage): SessionStore {
  const ended = new Set<string>()
  /** What is saved after the handler: ours, and changed in place. The library would begin again with each update. */
  let draft: Data | null = null

  const current = async (): Promise<Data | null> => {
    try {
      return session.data
    } catch (error) {
      // Its two reasons differ in their text alone. Should that change, everybody is anonymous.
      if (/not initiali[sz]ed/i.test(String(error))) return session.get()
    }
    // Deleted in this request, perhaps by the app: the library would find the record again at the next write.
    await end(await session.get())
    return null
  }

  const end = async (data: Data | null): Promise<void> => {
    if (data && session.id) {
      ended.add(session.id)
      await storage.delete(session.id)
    }
    session.delete()
  }

  const begin = async (make: (stored: Data | null) => Data): Promise<Data> => {
    const made = { data: {} as Data }
    await session.update((stored) => {
      made.data = make(stored)
      return made.data
    })
    if (!session.id || ended.has(session.id)) {
      session.delete()
      throw new LatchkeyError(
        'backend_failed',
        'The storage of @hono/session gave back a record that was deleted: a session needs one that is consistent.',
      )
    }
    draft = made.data
    return draft
  }

  const writable = async (): Promise<Data> => {
    const data = await current()
    if (data !== null && data === draft) return draft
    // Without a record: it is new, or was ended meanwhile, and nothing of it may come back.
    return begin((stored) => (stored ? { ...data } : {}))
  }

  return adaptSession({
    name: '@hono/session',
    async read(key) {
      const data = await current()
      return data && Object.hasOwn(data, key) ? data[key] : undefined
    },
    async write(key, value) {
      const data = await writable()
      data[key] = value
    },
    async remove(key) {
      if (!Object.hasOwn((await current()) ?? {}, key)) return
      delete (await writable())[key]
    },
    clear: async () => end(await current()),
    async regenerateId() {
      const data = await current()
      // Without data there is no record, and so no id that anybody could know.
      if (data === null) return
      await end(data)
      await begin(() => ({ ...data }))
    },
  })
}
