import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TestBrowser } from 'latchkey/testing'

/*
 * Apps as they were before, each with the real library: who is there and what is in the cart, a login, a cart of a visitor, a
 * logout.
 */

export const ORIGIN = 'https://app.test'
export const OLD_SECRET = 'the-secret-of-the-library-before-0123456789'

/** What the old app is asked: the user's id and the cart. */
export interface Seen {
  readonly user: string | null
  readonly cart: unknown
}

export interface OldApp {
  readonly cookie: string
  /** What recipes import from `./old.ts`. */
  readonly exports: Record<string, unknown>
  /** The package's name here, if several versions are installed. */
  readonly installedAs?: string
  /** Logs in as alice, with a book in the cart. */
  login(browser: TestBrowser): Promise<unknown>
  /** Puts a lamp into the cart of a visitor; missing where visitors have no session. */
  visit?(browser: TestBrowser): Promise<unknown>
  see(browser: TestBrowser): Promise<Seen>
  /** How many sessions its store holds; missing without a store. */
  count?(): number | Promise<number>
  /** Makes its store fail from now on; missing without a store. */
  stop?(): unknown
  close?(): unknown
  readonly send: (request: Request) => Promise<Response>
}

/** Packages whose types lie elsewhere than their code, or that are apart from the root's. */
// biome-ignore lint/suspicious/noExplicitAny: what they export is seen by what the tests do
const installed = (file: string): Promise<any> =>
  import(new URL(`migrating/node_modules/${file}`, import.meta.url).href)

/** One browser, first at the old app and then at the new one. */
export function browserAt(
  send: (request: Request) => Promise<Response>,
  cookies?: Map<string, string>,
): TestBrowser {
  const browser = new TestBrowser(send, ORIGIN)
  for (const [name, value] of cookies ?? []) browser.cookies.set(name, value)
  return browser
}

const json = async (answer: Promise<Response>): Promise<Seen> => (await answer).json() as Promise<Seen>

/** Sends to a server on this machine what is meant for the app. */
async function served(server: Server): Promise<(request: Request) => Promise<Response>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const { method, headers } = request
    const body = method === 'GET' ? {} : { body: await request.text() }
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method,
      headers,
      redirect: 'manual',
      ...body,
    })
  }
}

const findById = (id: unknown) =>
  id === 'alice' ? { id: 'alice', hashedPassword: 'plain:wonderland' } : null

/** passport over express-session, with a store that takes callbacks alone, or with connect-redis. */
export async function passportApp(redis?: {
  readonly url: string
  readonly prefix: string
}): Promise<OldApp> {
  const { default: express } = await installed('express/index.js')
  const { default: session } = await installed('express-session/index.js')
  const { default: passport } = await installed('passport/lib/index.js')
  const { RedisStore } = await installed('connect-redis/dist/connect-redis.js')
  const { createClient } = await installed('redis/dist/index.js')
  // A command fails at once while Redis is away, and works as soon as it is back.
  const client = redis && createClient({ url: redis.url, disableOfflineQueue: true }).on('error', () => {})
  await client?.connect()
  const store = client ? new RedisStore({ client, prefix: redis?.prefix }) : new session.MemoryStore()
  const own = new passport.Passport()
  own.serializeUser((user: { id: string }, done: (error: null, id: string) => void) => done(null, user.id))
  own.deserializeUser((id: string, done: (error: null, user: unknown) => void) => done(null, findById(id)))
  const app = express()
  app.use(session({ store, secret: OLD_SECRET, resave: false, saveUninitialized: false }))
  app.use(own.initialize(), own.session())
  // biome-ignore lint/suspicious/noExplicitAny: those of express
  type Any = any
  app.get('/who', (req: Any, res: Any) =>
    res.json({ user: req.user?.id ?? null, cart: req.session.cart ?? null }),
  )
  app.post('/visit', (req: Any, res: Any) => {
    req.session.cart = ['lamp']
    res.end()
  })
  app.post('/login', (req: Any, res: Any, next: Any) =>
    req.login(findById('alice'), (error: unknown) => {
      if (error) return next(error)
      req.session.cart = ['book']
      res.end()
    }),
  )
  const http = createServer(app)
  const send = await served(http)
  return {
    cookie: 'connect.sid',
    send,
    exports: { findById, SESSION_SECRET: OLD_SECRET, sessionStore: store },
    login: (browser) => browser.post('/login'),
    visit: (browser) => browser.post('/visit'),
    see: (browser) => json(browser.get('/who')),
    count: async () =>
      client ? (await client.keys(`${redis?.prefix}*`)).length : Object.keys(store.sessions).length,
    stop() {
      store.get = (_: string, done: (error: Error) => void) => done(new Error('down'))
    },
    async close() {
      if (client?.isReady) for (const key of await client.keys(`${redis?.prefix}*`)) await client.del(key)
      if (client?.isOpen) client.destroy()
      http.close()
    },
  }
}

export async function ironApp(version: 8 | 9): Promise<OldApp> {
  const iron = await installed(`iron-session${version === 8 ? '-8' : ''}/dist/index.js`)
  const send = async (request: Request): Promise<Response> => {
    const response = new Response()
    const options = { password: OLD_SECRET, cookieName: 'iron-session' }
    const session = await iron.getIronSession(request, response, options)
    const { pathname } = new URL(request.url)
    if (pathname === '/visit') session.cart = ['lamp']
    if (pathname === '/login') Object.assign(session, { userId: 'alice', cart: ['book'] })
    if (pathname !== '/who') await session.save()
    const seen = { user: session.userId ?? null, cart: session.cart ?? null }
    return Response.json(seen, { headers: response.headers })
  }
  return {
    cookie: 'iron-session',
    ...(version === 8 ? { installedAs: 'iron-session-8' } : {}),
    send,
    exports: { findById, IRON_PASSWORD: OLD_SECRET },
    login: (browser) => browser.post('/login'),
    visit: (browser) => browser.post('/visit'),
    see: (browser) => json(browser.get('/who')),
  }
}

/** The session as Auth.js and next-auth answer it. */
const seenBy = async (answer: Response): Promise<Seen> => {
  const session = (await answer.json()) as { user?: { id?: string }; cart?: unknown } | null
  return { user: session?.user?.id ?? null, cart: session?.cart ?? null }
}

const CALLBACKS = {
  // biome-ignore lint/suspicious/noExplicitAny: those of Auth.js
  jwt: ({ token, user }: any) => (user ? { ...token, cart: ['book'] } : token),
  // biome-ignore lint/suspicious/noExplicitAny: the same
  session: ({ session, token, user }: any) => ({
    ...session,
    user: { id: token?.sub ?? user?.id },
    cart: token?.cart,
  }),
}

export async function authJsApp(strategy: 'jwt' | 'database'): Promise<OldApp> {
  const { Auth } = await installed('@auth/core/index.js')
  const { default: Credentials } = await installed('@auth/core/providers/credentials.js')
  const mails: string[] = []
  const adapter = memoryAdapter()
  const providers =
    strategy === 'jwt'
      ? [Credentials({ credentials: {}, authorize: () => ({ id: 'alice' }) })]
      : [
          {
            id: 'mail',
            type: 'email',
            name: 'mail',
            from: 'app',
            maxAge: 600,
            sendVerificationRequest: ({ url }: { url: string }) => mails.push(url),
          },
        ]
  const config = {
    secret: OLD_SECRET,
    trustHost: true,
    basePath: '/auth',
    providers,
    session: { strategy },
    callbacks: CALLBACKS,
    ...(strategy === 'database' ? { adapter } : {}),
    logger: { error: () => {} },
  }
  const send = (request: Request): Promise<Response> => Auth(request, { ...config })
  return {
    cookie: '__Secure-authjs.session-token',
    send,
    exports: { findById, AUTH_SECRET: OLD_SECRET, adapter },
    async login(browser) {
      const { csrfToken } = (await (await browser.get('/auth/csrf')).json()) as { csrfToken: string }
      if (strategy === 'jwt') return browser.post('/auth/callback/credentials', { csrfToken })
      await browser.post('/auth/signin/mail', { csrfToken, email: 'alice@app.test' })
      const { pathname, search } = new URL(mails.at(-1) ?? '')
      return browser.get(pathname + search)
    },
    see: async (browser) => seenBy(await browser.get('/auth/session')),
    ...(strategy === 'database'
      ? {
          count: () => adapter.sessions.size,
          stop: () => {
            adapter.getSessionAndUser = () => Promise.reject(new Error('down'))
          },
        }
      : {}),
  }
}

/** An adapter of Auth.js that keeps everything here. */
function memoryAdapter() {
  interface Kept {
    readonly sessionToken: string
    readonly userId: string
    readonly expires: Date
  }
  const sessions = new Map<string, Kept>()
  const tokens = new Map<string, unknown>()
  const alice = { id: 'alice', email: 'alice@app.test', emailVerified: new Date() }
  return {
    sessions,
    getUser: async () => alice,
    getUserByEmail: async () => alice,
    updateUser: async () => alice,
    createSession: async (session: Kept) => {
      sessions.set(session.sessionToken, session)
      return session
    },
    getSessionAndUser: async (token: string): Promise<{ session: Kept; user: typeof alice } | null> => {
      const session = sessions.get(token)
      return session ? { session, user: alice } : null
    },
    updateSession: async (change: Partial<Kept> & { sessionToken: string }) => {
      const session = sessions.get(change.sessionToken)
      if (session) sessions.set(change.sessionToken, { ...session, ...change })
      return null
    },
    deleteSession: async (token: string) => void sessions.delete(token),
    createVerificationToken: async (token: { token: string }) => {
      tokens.set(token.token, token)
      return token
    },
    useVerificationToken: async ({ token }: { token: string }) => {
      const kept = tokens.get(token)
      tokens.delete(token)
      return kept ?? null
    },
  }
}

export async function nextAuth4App(): Promise<OldApp> {
  process.env.NEXTAUTH_URL = ORIGIN
  const { AuthHandler } = (await installed('next-auth/core/index.js')).default
  const { default: credentials } = await installed('next-auth/providers/credentials.js')
  const { serializeCookie } = await import('latchkey/adapter')
  const options = {
    secret: OLD_SECRET,
    providers: [
      (credentials.default ?? credentials)({ credentials: {}, authorize: () => ({ id: 'alice' }) }),
    ],
    session: { strategy: 'jwt' },
    callbacks: CALLBACKS,
  }
  const send = async (request: Request): Promise<Response> => {
    const [, , , action, providerId] = new URL(request.url).pathname.split('/')
    const cookies = Object.fromEntries(
      (request.headers.get('cookie') ?? '').split('; ').map((pair) => {
        const at = pair.indexOf('=')
        return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
      }),
    )
    const body =
      request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await request.text())) : undefined
    const { method } = request
    const headers = Object.fromEntries(request.headers)
    const answer = await AuthHandler({
      req: { origin: ORIGIN, method, cookies, headers, query: {}, body, action, providerId },
      options,
    })
    const response = Response.json(answer.body ?? null, {
      status: answer.redirect ? 200 : (answer.status ?? 200),
    })
    for (const { name, value, options: attributes } of answer.cookies ?? [])
      response.headers.append(
        'set-cookie',
        serializeCookie({
          ...attributes,
          name,
          value: encodeURIComponent(value),
          httpOnly: true,
          maxAge: undefined,
        }),
      )
    return response
  }
  return {
    cookie: '__Secure-next-auth.session-token',
    send,
    exports: { findById, NEXTAUTH_SECRET: OLD_SECRET },
    async login(browser) {
      const { csrfToken } = (await (await browser.get('/api/auth/csrf')).json()) as { csrfToken: string }
      return browser.post('/api/auth/callback/credentials', { csrfToken })
    },
    see: async (browser) => seenBy(await browser.get('/api/auth/session')),
  }
}

export async function betterAuthApp(): Promise<OldApp> {
  const { betterAuth } = await installed('better-auth/dist/index.mjs')
  const { memoryAdapter: over } = await installed('better-auth/dist/adapters/memory-adapter/index.mjs')
  const tables: Record<string, unknown[]> = { user: [], session: [], account: [], verification: [] }
  let isDown = false
  const inner = over(tables)
  const database = (options: unknown) => {
    const adapter = inner(options)
    return new Proxy(adapter, {
      get: (target, name) =>
        isDown && typeof target[name] === 'function' ? () => Promise.reject(new Error('down')) : target[name],
    })
  }
  const oldAuth = betterAuth({
    baseURL: ORIGIN,
    secret: OLD_SECRET,
    database,
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
  })
  const account = { email: 'alice@app.test', password: 'a long password' }
  const signedUp = await oldAuth.api.signUpEmail({ body: { ...account, name: 'Alice' } })
  tables.session = tables.session?.splice(0, 0) ?? []
  const send = (request: Request): Promise<Response> => oldAuth.handler(request)
  return {
    cookie: '__Secure-better-auth.session_token',
    send,
    exports: {
      // Its ids are its own.
      findById: (id: unknown) => (id === signedUp.user.id ? findById('alice') : null),
      oldAuth,
    },
    login: (browser) =>
      browser.visit('/api/auth/sign-in/email', {
        method: 'POST',
        json: account,
        headers: { origin: ORIGIN },
      }),
    async see(browser) {
      const seen = (await (await browser.get('/api/auth/get-session')).json()) as {
        user?: { id: string }
      } | null
      return { user: seen?.user?.id === signedUp.user.id ? 'alice' : null, cart: null }
    },
    count: () => tables.session?.length ?? 0,
    stop: () => {
      isDown = true
    },
  }
}

export async function honoSessionsApp(): Promise<OldApp> {
  const { Hono } = await import('hono')
  const { sessionMiddleware, MemoryStore } = await installed('hono-sessions/esm/mod.js')
  const store = new MemoryStore()
  // biome-ignore lint/suspicious/noExplicitAny: what hono-sessions puts there
  const app = new Hono<any>()
  app.use(sessionMiddleware({ store, encryptionKey: OLD_SECRET, expireAfterSeconds: 86_400 * 14 }))
  const seen = (c: { get(name: 'session'): { get(key: string): unknown } }): Seen => ({
    user: (c.get('session').get('userId') as string) ?? null,
    cart: c.get('session').get('cart') ?? null,
  })
  app.get('/who', (c) => c.json(seen(c)))
  app.post('/visit', (c) => {
    c.get('session').set('cart', ['lamp'])
    return c.json(seen(c))
  })
  app.post('/login', (c) => {
    c.get('session').set('userId', 'alice')
    c.get('session').set('cart', ['book'])
    return c.json(seen(c))
  })
  return {
    cookie: 'session',
    send: async (request) => app.fetch(request),
    exports: { findById, ENCRYPTION_KEY: OLD_SECRET, sessionStore: store },
    login: (browser) => browser.post('/login'),
    visit: (browser) => browser.post('/visit'),
    see: (browser) => json(browser.get('/who')),
    count: () => store.data.size,
    stop: () => {
      store.getSessionById = () => Promise.reject(new Error('down'))
    },
  }
}
