import { setImmediate as later } from 'node:timers/promises'
import { LatchkeyError, LoginManager, type SessionStore } from 'latchkey'
import { expressSession, toRequest } from 'latchkey/node'
import { type SessionVisitor, sessionStoreContract, type TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { MODES, serve, testAuth } from '../adapters/node-server.ts'
import { plain, SECRET, type TestUser, Users } from '../app.ts'
import { type Express, express, session } from './node/index.ts'

type Callback = (error?: unknown, data?: session.SessionData | null) => void

/** A store over a network, as far as an app can tell: it answers later, and may fail. */
class LaterStore extends session.Store {
  readonly inner = new session.MemoryStore()
  failing = ''

  async #answer(name: string, work: (done: Callback) => void, done: Callback = () => {}): Promise<void> {
    await later()
    if (this.failing === name) done(new Error('redis://:s3cret@redis.internal'))
    else work(done)
  }
  override get(id: string, done: Callback): void {
    void this.#answer('get', (end) => this.inner.get(id, end), done)
  }
  override set(id: string, data: session.SessionData, done?: Callback): void {
    void this.#answer('set', (end) => this.inner.set(id, data, end), done)
  }
  override destroy(id: string, done?: Callback): void {
    void this.#answer('destroy', (end) => this.inner.destroy(id, end), done)
  }
  override touch(id: string, data: session.SessionData, done?: Callback): void {
    void this.#answer('touch', (end) => this.inner.touch(id, data, () => end()), done)
  }
}

const recordsIn = (store: session.MemoryStore): Record<string, string> => Reflect.get(store, 'sessions')

const middleware = (store: session.Store, options: Partial<session.SessionOptions> = {}) =>
  session({ secret: SECRET, store, resave: false, saveUninitialized: false, ...options })

/** One visitor, each of whose requests does what the test says with his session. */
async function visitorOf(app: Express): Promise<SessionVisitor> {
  const works = new Map<string, (session: SessionStore) => unknown>()
  app.get('/', async (req, res) => {
    await works.get(String(req.query.work))?.(expressSession(req))
    res.end('ok')
  })
  const { browser } = await serve(app)
  const visitor = (own: TestBrowser): SessionVisitor => ({
    async request(use) {
      const work = String(works.size)
      let value: unknown
      let thrown: { error: unknown } | undefined
      works.set(work, async (store) => {
        try {
          value = await use(store)
        } catch (error) {
          thrown = { error }
        }
      })
      await (await own.get(`/?work=${work}`)).text()
      if (thrown) throw thrown.error
      return value as never
    },
    copy: () => visitor(own.copy()),
  })
  return visitor(browser())
}

describe.each([
  ['MemoryStore', () => new session.MemoryStore()],
  ['a store that answers later', () => new LaterStore()],
])('SessionStore: express-session over %s', (_, store) => {
  const make = () => visitorOf(express().use(middleware(store())))
  const cases = sessionStoreContract(make)
  // What express-session cannot promise, since it writes a session as a whole: docs/node.md says so.
  const [revived, ...none] = cases.filter(({ name }) => name.startsWith('is not revived'))
  for (const { name, run } of cases) if (name !== revived?.name) test(name, run)

  test('a request that is under way brings a session back, as the guide warns', async () => {
    expect(none).toEqual([])
    await expect(revived?.run()).rejects.toThrowError(/the slow one/)
  })

  test('regenerating deletes the old record, and leaves one', async () => {
    const kept = store()
    const records = kept instanceof LaterStore ? kept.inner : kept
    const visitor = await visitorOf(express().use(middleware(kept)))
    await visitor.request((own) => own.set('a', 1))
    const [before] = Object.keys(recordsIn(records))
    await visitor.request((own) => own.regenerateId())
    const after = Object.keys(recordsIn(records))
    expect(after).toHaveLength(1)
    expect(after).not.toContain(before)
  })

  test('how long the cookie is kept survives a new id', async () => {
    const app = express().use(middleware(store()))
    app.get('/in', async (req, res) => {
      req.session.cookie.maxAge = 1_234_000
      await expressSession(req).regenerateId()
      await expressSession(req).set('a', 1)
      res.end()
    })
    const { browser } = await serve(app)
    const [cookie = ''] = (await browser().get('/in')).headers.getSetCookie()
    expect(Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '') - Date.now()).toBeGreaterThan(1_200_000)
  })

  test.each([
    ...['cookie', 'id', 'req', 'regenerate', 'destroy', 'reload', 'save', 'touch', 'resetMaxAge'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
  ])('%s is no key', async (key) => {
    const visitor = await visitorOf(express().use(middleware(store())))
    for (const use of [
      (own: SessionStore) => own.set(key, { polluted: 1 }),
      (own: SessionStore) => own.get(key),
    ]) {
      await expect(visitor.request(use)).rejects.toMatchObject({ code: 'session_key_refused' })
    }
    expect(Object.prototype).not.toHaveProperty('polluted')
  })

  test.each(['prototype', 'hash', 'toJSON', '$where', 'a.b', ' '])(
    '%j is a key like any other',
    async (key) => {
      const visitor = await visitorOf(express().use(middleware(store())))
      await visitor.request((own) => own.set(key, { a: 1 }))
      expect(await visitor.request((own) => own.get(key))).toEqual({ a: 1 })
    },
  )

  test('a value that JSON could not give back is refused', async () => {
    const visitor = await visitorOf(express().use(middleware(store())))
    const value = JSON.parse('{"__proto__":{"admin":true}}')
    await expect(visitor.request((own) => own.set('a', value))).rejects.toMatchObject({
      code: 'session_value_refused',
    })
    await expect(visitor.request((own) => own.set('a', new Date()))).rejects.toThrowError(/a Date/)
  })
})

const manager = new LoginManager<TestUser>({ secret: SECRET, users: new Users().provider, passwords: plain })

/** An app that keeps express-session, with the login of this library. */
function managedApp(store: session.Store, options?: Partial<session.SessionOptions>): Express {
  const app = express()
  app.use(middleware(store, options), express.json())
  const contextOf = (req: express.Request) => ({ request: toRequest(req), session: expressSession(req) })
  app.post('/login', async (req, res) => {
    const outcome = await manager.login(contextOf(req), req.body.email, req.body.password)
    res.status(outcome.ok ? 200 : 401).end()
  })
  app.post('/logout', async (req, res) => {
    await manager.logout(contextOf(req))
    res.end()
  })
  app.get('/who', async (req, res) => void res.json((await manager.authenticate(contextOf(req))).userId))
  app.post('/cart', (req, res) => {
    Object.assign(req.session, { cart: [1] })
    res.end()
  })
  app.get('/cart', (req, res) => void res.json(Reflect.get(req.session, 'cart') ?? null))
  app.use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code })
  }) satisfies express.ErrorRequestHandler)
  return app
}

const ALICE = { email: 'alice', password: 'wonderland' }
const logIn = (browser: TestBrowser, json: object = ALICE): Promise<Response> =>
  browser.visit('/login', { method: 'POST', json })
const whoIs = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/who')).json()

describe('LoginManager over express-session', () => {
  test.each([false, true])('logs in and out; saveUninitialized: %s', async (saveUninitialized) => {
    const store = new LaterStore()
    const { browser } = await serve(managedApp(store, { saveUninitialized }))
    const visitor = browser()
    await visitor.post('/cart')
    const early = visitor.copy()
    expect((await logIn(visitor, { ...ALICE, password: 'x' })).status).toBe(401)
    expect((await logIn(visitor)).status).toBe(200)
    expect([await whoIs(visitor), await (await visitor.get('/cart')).json()]).toEqual(['alice', [1]])
    expect([await whoIs(early), await (await early.get('/cart')).json()]).toEqual([null, null])
    const copy = visitor.copy()
    await visitor.post('/logout')
    expect([await whoIs(visitor), await whoIs(copy)]).toEqual([null, null])
    expect(await (await visitor.get('/cart')).json()).toBe(null)
  })

  test('a login of another user finds nothing of the first', async () => {
    const { browser } = await serve(managedApp(new LaterStore()))
    const visitor = browser()
    await logIn(visitor)
    await visitor.post('/cart')
    await logIn(visitor, { email: 'bob', password: 'builder' })
    expect([await whoIs(visitor), await (await visitor.get('/cart')).json()]).toEqual(['bob', null])
  })

  test('a session that somebody else has chosen or planted is worth nothing after the login', async () => {
    const store = new session.MemoryStore()
    const { browser } = await serve(managedApp(store))
    const attacker = browser()
    await attacker.post('/cart')
    const victim = attacker.copy()
    await logIn(victim)
    expect([await whoIs(victim), await whoIs(attacker)]).toEqual(['alice', null])
    // An id with a good signature whose record is gone: as good as one that was made up.
    const stale = attacker.cookieHeader
    const other = browser()
    for (const chosen of [stale, 'connect.sid=s%3Achosen.signature', 'connect.sid=chosen']) {
      other.cookies.clear()
      const [name = '', value = ''] = chosen.split('=')
      other.cookies.set(name, value)
      await logIn(other)
      expect(other.cookieHeader).not.toBe(chosen)
      expect(await whoIs(other)).toBe('alice')
    }
    expect(Object.keys(recordsIn(store))).not.toContain('chosen')
  })

  test('a store that cannot delete: nobody is logged in, and a logout says so', async () => {
    const store = new LaterStore()
    const { browser } = await serve(managedApp(store))
    const [user, visitor] = [browser(), browser()]
    await logIn(user)
    store.failing = 'destroy'
    const answer = await logIn(visitor)
    expect([answer.status, await answer.json()]).toEqual([503, { code: 'backend_failed' }])
    expect((await user.post('/logout')).status).toBe(503)
    store.failing = ''
    expect(await whoIs(visitor)).toBe(null)
  })

  test('without express-session it says what is missing', async () => {
    expect(() => expressSession({}).get('a')).toThrowError(LatchkeyError)
    expect(() => expressSession({}).get('a')).toThrowError(/call app\.use\(session\(…\)\) first/)
  })
})

describe('express-session beside sessions of our own', () => {
  test.each(['before', 'after'])('%s us, both are saved', async (where) => {
    const auth = testAuth(MODES['stored, answering later']?.())
    const theirs = middleware(new LaterStore())
    const app = express()
    app.use(...(where === 'before' ? [theirs, auth] : [auth, theirs]))
    app.get('/read', async (req, res) => {
      res.json([Reflect.get(req.session, 'b'), await auth.of(req).session.get('a')])
    })
    app.get('/:how', (req, res) => {
      auth.of(req).session.set('a', 1)
      Object.assign(req.session, { b: 2 })
      if (req.params.how === 'send') res.send('text')
      else if (req.params.how === 'head') res.writeHead(200, { 'x-a': '1' }).end('text')
      else {
        res.write('te')
        res.end('xt')
      }
    })
    const { browser } = await serve(app)
    for (const how of ['send', 'head', 'write']) {
      const visitor = browser()
      expect(await (await visitor.get(`/${how}`)).text()).toBe('text')
      expect(visitor.cookies.size).toBe(2)
      expect(await (await visitor.get('/read')).json()).toEqual([2, 1])
    }
  })
})
