import type { PreviousSession, UserLike } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'

/** The subset of a store of express-session that we call: connect-redis, connect-pg-simple, `session.MemoryStore` and others. */
export interface ExpressSessionStore {
  /** Gives the session to `done`, or nothing if there is none. */
  get(id: string, done: (error?: unknown, session?: unknown) => void): unknown
  /** Deletes it. */
  destroy(id: string, done: (error?: unknown) => void): unknown
}

/** Options of {@link previousExpressSession}, as express-session was given them. */
export interface PreviousExpressOptions {
  /** The store. */
  readonly store: ExpressSessionStore
  /** The secret, or a list of them. */
  readonly secret: string | readonly string[] | undefined
  /** The cookie's name. Default `connect.sid`. */
  readonly name?: string
}

/** What {@link previousExpressSession} gives to `migrateSession`. */
export type PreviousExpressSession<Data> = Required<
  Pick<PreviousSession<UserLike, Data & { readonly id: string }>, 'cookie' | 'read' | 'end'>
>

/**
 * Reads and ends sessions of express-session, for `migrateSession`. passport keeps its user in `passport.user`:
 *
 *     migrate: migrateSession({
 *       ...previousExpressSession<{ passport?: { user?: string } }>({ store, secret }),
 *       findUser: ({ passport }) => (passport?.user ? users.findById(passport.user) : null),
 *     })
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function previousExpressSession<Data = Readonly<Record<string, unknown>>>(
  options: PreviousExpressOptions,
): PreviousExpressSession<Data> {
  const { store, secret, name = 'connect.sid', ...unknown } = options
  refuseUnknown(unknown)
  if (typeof store?.get !== 'function' || typeof store.destroy !== 'function')
    misconfigured('`store` must be the store of express-session, with `get` and `destroy`.')
  const secrets = [secret ?? []].flat()
  if (secrets.length === 0 || !secrets.every((one) => typeof one === 'string' && one !== ''))
    misconfigured('`secret` must be the secret of express-session, or a list of them.')
  return {
    cookie: { name },
    async read(value) {
      const id = await signedId(value, secrets)
      if (id === null) return null
      const session = await called((done) => store.get(id, done))
      return typeof session === 'object' && session !== null
        ? ({ ...session, id } as Data & { id: string })
        : null
    },
    end: ({ id }) => called((done) => store.destroy(id, done)),
  }
}

/** The id in a cookie of the form `s:<id>.<HMAC-SHA-256 in base64, without padding>`; `null` if no secret has signed it. */
async function signedId(value: string, secrets: readonly string[]): Promise<string | null> {
  const id = value.slice(2, -44)
  const mac = value.slice(-43)
  if (!value.startsWith('s:') || value.at(-44) !== '.' || !/^[A-Za-z\d+/]{43}$/.test(mac)) return null
  const text = new TextEncoder()
  const signature = Uint8Array.from(atob(mac), (char) => char.charCodeAt(0))
  for (const secret of secrets) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['verify'])
    if (await crypto.subtle.verify('HMAC', key, signature, text.encode(id))) return id
  }
  return null
}

/** Calls a function of a store that takes a callback. A file store reports a missing session as `ENOENT`. */
function called(call: (done: (error?: unknown, value?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown, value?: unknown): void => {
      const isMissing = (error as { code?: unknown } | null | undefined)?.code === 'ENOENT'
      if (error && !isMissing) reject(error)
      else resolve(isMissing ? null : value)
    }
    // Some are async functions, which may reject instead.
    Promise.resolve(call(done)).catch(reject)
  })
}
