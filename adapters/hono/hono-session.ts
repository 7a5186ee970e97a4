import type { Context } from 'hono'
import { LatchkeyError, type SessionStore } from 'latchkey'
import { adaptSession } from 'latchkey/adapter'

type Data = Record<string, unknown>

/** The subset of `c.var.session`, made by `useSession()` of `@hono/session`, that we call. */
interface HonoSession {
  /** Throws before the first read, and after a deletion. */
  readonly data: Data | null
  readonly id: string | null
  /** Reads the cookie's record again; unsaved changes are lost. */
  get(): Promise<Data | null>
  /** Keeps the cookie's id if that has a record by now, otherwise makes a new id. */
  update(data: (stored: Data | null) => Data): Promise<void>
  delete(): void
}

/** The subset of `c.var.sessionStorage`, made by `useSessionStorage()`, that we call. */
interface HonoSessionStorage {
  delete(id: string): unknown
}

/**
 * The context key of this request's mapping: every caller must share one, since it holds what is about to be
 * saved.
 */
const OWN = 'latchkey:@hono/session'

/**
 * Adapts a session of `@hono/session` to `SessionStore`, for `LoginManager`: for apps that keep their
 * existing sessions. It needs `useSessionStorage(…)` before `useSession()`: a new id is made by deleting the
 * record first. A session that is stored in its cookie has no record, so neither a login nor a logout could
 * revoke a copy of the cookie.
 *
 * `@hono/session` writes a session as a whole: parallel requests lose writes, and a request that is under way
 * can restore a session after its logout. It does not wait for its storage either. latchkey's own sessions
 * have none of these faults.
 *
 * @throws LatchkeyError `misuse` without `useSession()`, `invalid_configuration` without a storage.
 */
export function honoSession(c: Context): SessionStore {
  const session: HonoSession | undefined = c.get('session')
  if (!session || typeof session.update !== 'function')
    throw new LatchkeyError(
      'misuse',
      '@hono/session has not run on this request: call app.use(useSession(…)) first.',
    )
  const known: { session: HonoSession; store: SessionStore } | undefined = c.get(OWN)
  if (known?.session === session) return known.store
  const storage: HonoSessionStorage | undefined = c.get('sessionStorage')
  if (!storage)
    throw new LatchkeyError(
      'invalid_configuration',
      '@hono/session can neither renew the id of a session that is stored in its cookie nor revoke it: call app.use(useSessionStorage(…)) before useSession().',
    )
  const store = mapping(session, storage)
  c.set(OWN, { session, store })
  return store
}

function mapping(session: HonoSession, storage: HonoSessionStorage): SessionStore {
  const ended = new Set<string>()
  /**
   * What is saved after the handler. We change it in place, since each update of the library starts from the
   * record.
   */
  let draft: Data | null = null

  const current = async (): Promise<Data | null> => {
    try {
      return session.data
    } catch (error) {
      // Only the message tells its two errors apart. If the text ever changes, every request is anonymous.
      if (/not initiali[sz]ed/i.test(String(error))) return session.get()
    }
    // Deleted during this request, perhaps by the app: the next write would find the record again.
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
        'The storage of @hono/session returned a record that had been deleted. Use a strongly consistent storage.',
      )
    }
    draft = made.data
    return draft
  }

  const writable = async (): Promise<Data> => {
    const data = await current()
    if (data !== null && data === draft) return draft
    // Without a record, the session is new or was ended meanwhile, and none of its data may be restored.
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
      // Without data there is no record, so there is no id that an attacker could know.
      if (data === null) return
      await end(data)
      await begin(() => ({ ...data }))
    },
  })
}
