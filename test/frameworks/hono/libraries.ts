import { useSession, useSessionStorage } from '@hono/session'
import type { MiddlewareHandler } from 'hono'
import { CookieStore, MemoryStore, type SessionData, type Store, sessionMiddleware } from 'hono-sessions'
import type { SessionStore } from 'latchkey'
import { honoSession, honoSessions } from 'latchkey/hono'
import { guide } from './guide.ts'

/** A session library of Hono over one kind of storage, as an app would set it up. */
export interface Library {
  readonly middleware: readonly MiddlewareHandler[]
  readonly of: (c: Parameters<typeof honoSession>[0]) => SessionStore
  /** The name of its cookie. */
  readonly cookie: string
  /** The ids of the records that it keeps. */
  readonly ids: () => string[]
}

const SECRET = 'a-secret-of-the-session-library-0123456789'

/** As over a network: an answer takes a turn, and is nobody else's object. */
class JsonRecords {
  readonly texts: Map<string, string> = new Map()

  async get(id: string): Promise<unknown> {
    await null
    return JSON.parse(this.texts.get(id) ?? 'null')
  }

  async set(id: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value)
    await null
    this.texts.set(id, text)
  }

  async delete(id: string): Promise<void> {
    await null
    this.texts.delete(id)
  }
}

type Data = Record<string, unknown>

/** `@hono/session` with a Map, which hands out its own objects. */
export function honoSessionInMap(): Library {
  const records = new Map<string, Data>()
  const storage = {
    get: (id: string) => records.get(id) ?? null,
    set: (id: string, data: Data) => void records.set(id, data),
    delete: (id: string) => void records.delete(id),
  }
  return {
    middleware: [useSessionStorage(storage), useSession({ secret: SECRET })],
    of: honoSession,
    cookie: 'sid',
    ids: () => [...records.keys()],
  }
}

/** `@hono/session` with a storage that answers later, and the middleware of the guide that waits for it. */
export function honoSessionOverNetwork(): Library {
  const records = new JsonRecords()
  return {
    middleware: [guide.awaitedStorage(records), useSession({ secret: SECRET })],
    of: honoSession,
    cookie: 'sid',
    ids: () => [...records.texts.keys()],
  }
}

/** `hono-sessions` with its own store, which hands out its own objects. */
export function honoSessionsInMemory(): Library {
  const store = new MemoryStore()
  return {
    middleware: [sessionMiddleware({ store })],
    of: honoSessions,
    cookie: 'session',
    ids: () => [...(Reflect.get(store, 'data') as Map<string, unknown>).keys()],
  }
}

/** `hono-sessions` with a store that answers later, and the store of the guide around it. */
export function honoSessionsOverNetwork(guarded = true): Library {
  const records = new JsonRecords()
  const store: Store = {
    getSessionById: (id = '') => records.get(id) as Promise<SessionData | null>,
    createSession: (id, data) => records.set(id, data),
    persistSessionData: (id, data) => records.set(id, data),
    deleteSession: (id) => records.delete(id),
  }
  return {
    middleware: [
      sessionMiddleware({ store: guarded ? guide.endedStaysEnded(store) : store, encryptionKey: SECRET }),
    ],
    of: honoSessions,
    cookie: 'session',
    ids: () => [...records.texts.keys()],
  }
}

/** What keeps no records: refused. */
export const COOKIE_ONLY: readonly [name: string, library: () => Library][] = [
  [
    '@hono/session without a storage',
    () => ({ middleware: [useSession({ secret: SECRET })], of: honoSession, cookie: 'sid', ids: () => [] }),
  ],
  [
    'hono-sessions with its CookieStore',
    () => ({
      middleware: [sessionMiddleware({ store: new CookieStore(), encryptionKey: SECRET })],
      of: honoSessions,
      cookie: 'session',
      ids: () => [],
    }),
  ],
]

export const LIBRARIES: readonly [name: string, library: () => Library][] = [
  ['@hono/session in a Map', honoSessionInMap],
  ['@hono/session over a network', honoSessionOverNetwork],
  ['hono-sessions in memory', honoSessionsInMemory],
  ['hono-sessions over a network', honoSessionsOverNetwork],
]
