import { once } from 'node:events'
import { connect } from 'node:net'
import { storedSessions } from 'latchkey'
import type { NodeAuth } from 'latchkey/node'
import type { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { MODES, SlowRecords, serve, testAuth } from '../adapters/node-server.ts'
import type { TestUser } from '../app.ts'
import { sessionCookies } from '../app.ts'
import { connect as connectApp, type Express, express } from './node/index.ts'

type TestAuth = NodeAuth<TestUser>

const JSON_ONLY = { accept: 'application/json' }
const ALICE = { email: 'alice', password: 'wonderland' }
const whoIs = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/who')).json()
const dataOf = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/session')).json()

/** What an app of Express looks like. */
function appOf(auth: TestAuth, add: (app: Express) => void = () => {}): Express {
  const app = express()
  app.use(auth)
  app.use(express.urlencoded({ extended: false }), express.json())
  app.post('/login', async (req, res) => {
    const outcome = await auth.of(req).login(req.body.email, req.body.password)
    res.redirect(303, outcome.ok ? '/app' : `/login?error=${outcome.code}`)
  })
  app.post('/logout', async (req, res) => {
    await auth.of(req).logout()
    res.redirect(303, '/login')
  })
  app.get('/app', auth.requireUser({ redirectTo: '/login' }), (req, res) => {
    res.send(`Hello ${auth.userOf(req).id}`)
  })
  app.get('/who', async (req, res) => void res.json((await auth.of(req).authenticate()).userId))
  app.get('/session', async (req, res) => void res.json(await auth.of(req).session.all()))
  add(app)
  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.status(error.status ?? 500).send('sorry')
  }) satisfies express.ErrorRequestHandler)
  return app
}

describe.each(Object.entries(MODES))('an app of Express, with sessions %s', (_, mode) => {
  test.each(['form', 'json'] as const)('logs in by %s, lets in, and logs out', async (kind) => {
    const browser = (await serve(appOf(testAuth(mode())))).browser()
    expect((await browser.get('/app?tab=2')).headers.get('location')).toBe('/login?next=%2Fapp%3Ftab%3D2')
    expect((await browser.get('/app', JSON_ONLY)).status).toBe(401)
    const wrong = await browser.visit('/login', { method: 'POST', [kind]: { ...ALICE, password: 'x' } })
    expect([wrong.headers.get('location'), sessionCookies(browser).length]).toEqual([
      '/login?error=invalid_credentials',
      0,
    ])
    const right = await browser.visit('/login', { method: 'POST', [kind]: ALICE })
    expect(right.headers.get('location')).toBe('/app')
    expect(await (await browser.get('/app')).text()).toBe('Hello alice')
    await browser.post('/logout')
    expect([sessionCookies(browser).length, await whoIs(browser)]).toEqual([0, null])
  })

  test('a form whose fields are no text logs nobody in', async () => {
    const browser = (await serve(appOf(testAuth(mode())))).browser()
    const json = { email: { $ne: null }, password: ['wonderland'] }
    const answer = await browser.visit('/login', { method: 'POST', json })
    expect(answer.headers.get('location')).toBe('/login?error=invalid_credentials')
  })

  test.each(['cross-site', 'same-site'])('a form of another site (%s) changes nothing', async (site) => {
    const browser = (await serve(appOf(testAuth(mode())))).browser()
    await browser.post('/login', ALICE)
    const answer = await browser.post('/logout', {}, { 'sec-fetch-site': site })
    expect([answer.status, await whoIs(browser)]).toEqual([403, 'alice'])
  })

  test.each(['throws', 'rejects', 'calls next(error)', 'answers 500', 'answers 503 by writeHead'])(
    'of a handler that %s nothing is kept but a logout',
    async (how) => {
      const auth = testAuth(mode())
      const fail = (res: express.Response, next: express.NextFunction): Promise<never> | undefined => {
        if (how === 'throws') throw new Error('x')
        if (how === 'rejects') return Promise.reject(new Error('x'))
        if (how === 'calls next(error)') next(new Error('x'))
        else if (how === 'answers 500') res.status(500).send('x')
        else res.writeHead(503).end('x')
        return undefined
      }
      const app = appOf(auth, (app) => {
        app.post('/half', (req, res, next) => {
          auth.of(req).session.set('half', 1)
          return fail(res, next)
        })
        app.post('/out', async (req, res, next) => {
          await auth.of(req).logout()
          auth.of(req).session.set('half', 1)
          return fail(res, next)
        })
      })
      const browser = (await serve(app)).browser()
      await browser.post('/login', ALICE)
      expect((await browser.post('/half')).status).toBeGreaterThanOrEqual(500)
      expect([await whoIs(browser), await dataOf(browser)]).toEqual(['alice', {}])
      expect((await browser.post('/out')).status).toBeGreaterThanOrEqual(500)
      expect([await whoIs(browser), sessionCookies(browser).length]).toEqual([null, 0])
    },
  )

  test('of a handler that answers 4xx all is kept', async () => {
    const auth = testAuth(mode())
    const app = appOf(auth, (app) => {
      app.post('/gone', (req) => {
        auth.of(req).session.set('a', 1)
        throw Object.assign(new Error('x'), { status: 410 })
      })
    })
    const browser = (await serve(app)).browser()
    expect((await browser.post('/gone')).status).toBe(410)
    expect(await dataOf(browser)).toEqual({ a: 1 })
  })

  test('a page that has not changed is answered 304, and the session is saved', async () => {
    const auth = testAuth(mode())
    const app = appOf(auth, (app) => {
      app.get('/page', (req, res) => {
        auth.of(req).session.set('seen', 1)
        res.send('page')
      })
    })
    const { browser, raw } = await serve(app)
    const etag = (await browser().get('/page')).headers.get('etag')
    const answer = await raw(
      `GET /page HTTP/1.1\r\nHost: app\r\nIf-None-Match: ${etag}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 304 /)
    expect(answer).toMatch(/Set-Cookie: __Host-session=/i)
  })

  test('a client that went away: the handler goes on, and its logout holds', async () => {
    const auth = testAuth(mode())
    let arrived = (): void => {}
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve
    })
    let done: Promise<unknown> = Promise.resolve()
    const app = appOf(auth, (app) => {
      app.post('/slow-logout', (req, res) => {
        done = new Promise((resolve) => req.on('close', resolve)).then(async () => {
          const current = auth.of(req)
          await current.logout()
          current.session.set('a', 1)
          res.write('too')
          const ended = once(res, 'close')
          res.end('late')
          if (!res.closed) await ended
        })
        arrived()
      })
    })
    const { browser: visitor, port } = await serve(app)
    const browser = visitor()
    await browser.post('/login', ALICE)
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST /slow-logout HTTP/1.1\r\nHost: app\r\nCookie: ${browser.cookieHeader}\r\n\r\n`)
    await arrival
    socket.destroy()
    await done
    // The browser has not been answered, and holds its cookie; but in this process the session is over.
    expect(await whoIs(browser)).toBeNull()
  })
})

describe('an app of Express', () => {
  test('a mounted router: the request is the one that the client sent', async () => {
    const auth = testAuth()
    const urls: string[] = []
    const router = express.Router()
    router.use(auth, (req, _, next) => {
      urls.push(auth.of(req).request.url)
      next()
    })
    router.get('/page', auth.requireUser({ redirectTo: '/login' }))
    const browser = (await serve(express().use('/deep/down', router))).browser()
    const answer = await browser.get('/deep/down/page?tab=2')
    expect(answer.headers.get('location')).toBe('/login?next=%2Fdeep%2Fdown%2Fpage%3Ftab%3D2')
    expect(urls).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/deep\/down\/page\?tab=2$/)])
  })

  test('mounted twice, it is there once', async () => {
    const auth = testAuth()
    const app = express()
    app.use(auth, (req, _, next) => {
      auth.of(req).session.set('a', 1)
      next()
    })
    app.use(auth, (req, res) => {
      auth.of(req).session.set('b', 2)
      res.send('ok')
    })
    const answer = await (await serve(app)).browser().get('/')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })

  test('headers that were set before a refusal are sent with it', async () => {
    const auth = testAuth()
    const app = express()
    app.use((_, res, next) => {
      res.set({ 'access-control-allow-origin': 'https://spa.test', 'content-type': 'text/plain' })
      next()
    })
    app.use(auth)
    app.get('/', auth.requireUser())
    const { browser } = await serve(app)
    for (const answer of [
      await browser().get('/', JSON_ONLY),
      await browser().post('/', {}, { ...JSON_ONLY, 'sec-fetch-site': 'cross-site' }),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://spa.test')
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(await answer.json()).toMatchObject({ ok: false })
    }
  })

  test('while the answer waits it looks as if it had been sent', async () => {
    const records = new SlowRecords()
    const auth = testAuth({ sessions: storedSessions(records.store) })
    const states: unknown[] = []
    const stateOf = (res: express.Response): unknown => {
      const tooLate = [
        () => res.setHeader('x-late', '1'),
        () => res.removeHeader('x-a'),
        () => res.append('x-a', '2'),
      ]
      const codes = tooLate.map((change) => {
        try {
          change()
          return null
        } catch (error) {
          return (error as NodeJS.ErrnoException).code
        }
      })
      return [res.headersSent, res.writableEnded, res.writableFinished, ...codes]
    }
    const SENT = 'ERR_HTTP_HEADERS_SENT'
    const app = appOf(auth, (app) => {
      app.get('/', (req, res) => {
        auth.of(req).session.set('a', 1)
        res.set('x-a', '1')
        res.write('x')
        states.push(stateOf(res))
        res.end('y')
        states.push(stateOf(res))
        res.on('finish', () => states.push(stateOf(res)))
      })
    })
    const answer = await (await serve(app)).browser().get('/')
    expect(await answer.text()).toBe('xy')
    expect([answer.headers.get('x-a'), answer.headers.get('x-late')]).toEqual(['1', null])
    expect(states).toEqual([
      [true, false, false, SENT, SENT, SENT],
      [true, true, false, SENT, SENT, SENT],
      [true, true, true, SENT, SENT, SENT],
    ])
  })

  test('a handler that answers twice is told so, and no second answer is mixed into the first', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const errors: unknown[] = []
    const app = appOf(auth, (app) => {
      app.get('/', (req, res) => {
        auth.of(req).session.set('a', 1)
        res.send('first')
        try {
          res.send('the second')
        } catch (error) {
          errors.push((error as NodeJS.ErrnoException).code)
        }
      })
    })
    const browser = (await serve(app)).browser()
    expect(await (await browser.get('/')).text()).toBe('first')
    expect(await dataOf(browser)).toEqual({ a: 1 })
    expect(errors).toEqual(['ERR_HTTP_HEADERS_SENT'])
  })

  test('a handler that answers and then throws breaks its own connection and nothing else', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const app = appOf(auth, (app) => {
      app.get('/', (req, res) => {
        auth.of(req).session.set('a', 1)
        res.send('first')
        throw new Error('too late')
      })
    })
    const browser = (await serve(app)).browser()
    await browser.get('/').catch(() => {})
    expect((await browser.get('/session')).status).toBe(200)
  })

  test('what Node refuses to send is answered 500, reported, and logs nobody in', async () => {
    const reported: unknown[] = []
    const onError = (error: unknown): undefined => void reported.push((error as NodeJS.ErrnoException).code)
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) }, { onError })
    const app = appOf(auth, (app) => {
      app.post('/:how', async (req, res) => {
        await auth.of(req).login('alice', 'wonderland')
        if (req.params.how === 'chunk') Reflect.apply(res.end, res, [{}])
        else if (req.params.how === 'status') Reflect.apply(res.writeHead, res, [99])
        else res.writeHead(200, 'no\nreason').end()
      })
    })
    const { browser } = await serve(app)
    for (const how of ['chunk', 'status', 'reason']) {
      const visitor = browser()
      expect((await visitor.post(`/${how}`)).status).toBe(500)
      expect(await whoIs(visitor)).toBe(null)
    }
    expect(reported).toEqual(['ERR_INVALID_ARG_TYPE', 'ERR_HTTP_INVALID_STATUS_CODE', 'ERR_INVALID_CHAR'])
  })

  test('what Node refuses half-way ends the connection, and is reported', async () => {
    const reported: unknown[] = []
    const onError = (error: unknown): undefined => void reported.push((error as NodeJS.ErrnoException).code)
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) }, { onError })
    const app = appOf(auth, (app) => {
      app.get('/', (req, res) => {
        auth.of(req).session.set('a', 1)
        res.write('half')
        Reflect.apply(res.write, res, [{}])
      })
    })
    const { raw } = await serve(app)
    await raw('GET / HTTP/1.1\r\nHost: app\r\n\r\n').catch(() => {})
    expect(reported).toEqual(['ERR_INVALID_ARG_TYPE'])
  })

  test.each(['the session is saved', 'requireUser asks for it'])(
    'an answer of the app’s own that cannot be read ends the connection, when %s',
    async (when) => {
      const records = new SlowRecords()
      const spent = new Response('sorry')
      await spent.text()
      const auth = testAuth({ sessions: storedSessions(records.store) }, { onError: () => spent })
      const app = appOf(auth, (app) => {
        app.post('/', (req, res) => {
          auth.of(req).session.set('a', 1)
          res.send('ok')
        })
      })
      const { raw, browser } = await serve(app)
      const visitor = browser()
      await visitor.post('/login', ALICE)
      records.mode = 'fails'
      const line = when === 'the session is saved' ? 'POST / HTTP/1.1' : 'GET /app HTTP/1.1'
      const head = `${line}\r\nHost: app\r\nCookie: ${visitor.cookieHeader}\r\n`
      expect(await raw(`${head}Content-Length: 0\r\n\r\n`).catch(() => '')).toBe('')
    },
  )

  test.each(['fails', 'hangs'] as const)(
    'a logout, then a store that %s: 503, and the cookie is cleared',
    async (mode) => {
      const records = new SlowRecords()
      const sessions = storedSessions(records.store)
      const auth = testAuth({ sessions, timeLimitSeconds: 0.1 }, { onError: () => undefined })
      const app = appOf(auth, (app) => {
        app.post('/', async (req, res) => {
          const { session } = auth.of(req)
          await auth.of(req).logout()
          session.set('a', 1)
          records.mode = mode
          res.cookie('app', '1').send('bye')
        })
      })
      const browser = (await serve(app)).browser()
      await browser.post('/login', ALICE)
      const answer = await browser.post('/')
      expect([answer.status, sessionCookies(browser).length]).toEqual([503, 0])
      expect(answer.headers.getSetCookie()).toHaveLength(1)
      records.mode = 'ok'
      expect(await whoIs(browser)).toBe(null)
    },
  )

  test('requireUser lets nobody by while an engine is broken, whatever the app makes of errors', async () => {
    const records = new SlowRecords()
    const auth = testAuth({ sessions: storedSessions(records.store) }, { onError: () => undefined })
    const { browser } = await serve((req, res) => {
      auth(req, res, () => auth.requireUser()(req, res, () => res.end('secret')))
    })
    records.mode = 'fails'
    const answer = await browser().get('/', {
      cookie: '__Host-session=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    })
    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('secret')
  })

  test.each([
    [0, '127.0.0.1'],
    [1, '203.0.113.9'],
  ])('whom `trustProxy: %d` believes: Express has no say in it', async (trustProxy, expected) => {
    const addresses: unknown[] = []
    const auth = testAuth({ trustProxy, onEvent: ({ address }) => addresses.push(address) })
    const app = appOf(auth).set('trust proxy', trustProxy === 0)
    const browser = (await serve(app)).browser()
    await browser.post('/login', ALICE, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })
    expect(addresses).toEqual([expected])
  })

  test('a request that it has not seen is none that it knows', () => {
    const auth = testAuth()
    expect(() => auth.of({ rawHeaders: [], socket: {} })).toThrowError(/call app\.use\(auth\) first/)
    expect(() => auth.userOf({ rawHeaders: [], socket: {} })).toThrowError(/call app\.use\(auth\) first/)
  })

  test('two hundred visitors at once: each is answered as himself', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const app = appOf(auth, (app) => {
      app.get('/me', async (req, res) => {
        const { session } = auth.of(req)
        const before = await session.get('name')
        session.set('count', Number((await session.get('count')) ?? 0) + 1)
        await new Promise((resolve) => setImmediate(resolve))
        res.write(String(before))
        res.end()
      })
      app.post('/me/:name', (req, res) => {
        auth.of(req).session.set('name', req.params.name)
        res.sendStatus(200)
      })
    })
    const { browser } = await serve(app)
    const visitors = Array.from({ length: 200 }, (_, i) => ({ name: `v${i}`, browser: browser() }))
    await Promise.all(visitors.map(({ name, browser }) => browser.post(`/me/${name}`)))
    const answers = await Promise.all(
      visitors.flatMap(({ browser }) =>
        Array.from({ length: 5 }, async () => (await browser.get('/me')).text()),
      ),
    )
    expect(answers).toEqual(visitors.flatMap(({ name }) => Array(5).fill(name)))
  })
})

describe('Connect', () => {
  test('logs in and lets in', async () => {
    const auth = testAuth()
    const app = connectApp()
    app.use(auth)
    app.use('/in', async (req, res) => {
      await auth.of(req).login('alice', 'wonderland')
      res.end()
    })
    app.use('/deep', auth.requireUser({ redirectTo: '/login' }))
    app.use('/deep', (req, res) => void res.end(auth.userOf(req).id))
    const browser = (await serve(app)).browser()
    expect((await browser.get('/deep/page')).headers.get('location')).toBe('/login?next=%2Fdeep%2Fpage')
    await browser.post('/in')
    expect(await (await browser.get('/deep/page')).text()).toBe('alice')
  })
})
