import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { deleteCookie, setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { createAuth } from 'latchkey'
import { type AuthVariables, latchkey, requireUser } from 'latchkey/hono'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

interface AppEnv {
  Variables: AuthVariables<TestUser>
}

const makeAuth = () =>
  createAuth<TestUser>({ secret: SECRET, origin: ORIGIN, users: new Users().provider, passwords: plain })

type Answer = (c: Context<AppEnv>) => Response | Promise<Response>

/** An app whose one route writes into the session, and answers as the test says. */
function appOf(answer: Answer, prepare: (app: Hono<AppEnv>) => void = () => {}): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  prepare(app)
  app.use(latchkey(makeAuth()))
  app.post('/', (c) => {
    c.var.auth.session.set('a', 1)
    return answer(c)
  })
  app.get('/session', async (c) => c.json(await c.var.auth.session.all()))
  return app
}

const browserOf = (app: Hono<AppEnv>) => new TestBrowser((request) => app.fetch(request), ORIGIN)
const kept = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/session')).json()

const ANSWERS: readonly [
  sentence: string,
  answer: Answer,
  expected: { status: number; text?: string; headers?: Record<string, string>; cookies?: string[] },
][] = [
  [
    'text, after a header and a status',
    (c) => {
      c.header('x-mine', '1')
      c.status(201)
      return c.text('made')
    },
    { status: 201, text: 'made', headers: { 'x-mine': '1' } },
  ],
  [
    'a cookie of the handler’s own',
    (c) => {
      setCookie(c, 'mine', '1', { path: '/' })
      return c.json({ ok: true })
    },
    { status: 200, text: '{"ok":true}', cookies: ['mine'] },
  ],
  [
    'several, one of them removed',
    (c) => {
      setCookie(c, 'one', '1')
      setCookie(c, 'two', '2')
      deleteCookie(c, 'three')
      return c.html('<p>hello</p>')
    },
    { status: 200, text: '<p>hello</p>', cookies: ['one', 'two', 'three'] },
  ],
  ['no body', (c) => c.body(null, 204), { status: 204, text: '' }],
  ['a redirect', (c) => c.redirect('/there', 303), { status: 303, headers: { location: '/there' } }],
  ['a raw response', () => new Response('raw', { status: 202 }), { status: 202, text: 'raw' }],
  [
    'a raw response with cookies of its own',
    () =>
      new Response('raw', {
        headers: [
          ['set-cookie', 'one=1'],
          ['set-cookie', 'two=2'],
        ],
      }),
    { status: 200, text: 'raw', cookies: ['one', 'two'] },
  ],
  [
    'a response whose headers cannot be changed',
    () => Response.redirect(`${ORIGIN}/there`, 303),
    { status: 303, headers: { location: `${ORIGIN}/there` } },
  ],
  ['a page that is not there', (c) => c.notFound(), { status: 404 }],
  [
    'a stream of text',
    (c) =>
      streamText(c, async (out) => {
        await out.write('one ')
        await out.write('two')
      }),
    { status: 200, text: 'one two' },
  ],
  [
    'a stream of bytes',
    (c) => stream(c, async (out) => void (await out.write(new Uint8Array([104, 105])))),
    { status: 200, text: 'hi' },
  ],
  [
    'events',
    (c) => streamSSE(c, (out) => out.writeSSE({ event: 'tick', data: '1' })),
    { status: 200, text: 'event: tick\ndata: 1\n\n', headers: { 'content-type': 'text/event-stream' } },
  ],
  [
    'an HTTPException',
    () => {
      throw new HTTPException(409, { message: 'conflict' })
    },
    { status: 409, text: 'conflict' },
  ],
  [
    'an HTTPException with a response of its own',
    () => {
      throw new HTTPException(402, { res: new Response('pay', { status: 402, headers: { 'x-mine': '1' } }) })
    },
    { status: 402, text: 'pay', headers: { 'x-mine': '1' } },
  ],
]

describe('an answer carries the session, and stays what it was', () => {
  test.each(ANSWERS)('%s', async (_, answer, expected) => {
    const browser = browserOf(appOf(answer))
    const got = await browser.post('/')
    expect(got.status).toBe(expected.status)
    if (expected.text !== undefined) expect(await got.text()).toBe(expected.text)
    for (const [name, value] of Object.entries(expected.headers ?? {}))
      expect(got.headers.get(name)).toBe(value)
    const names = got.headers.getSetCookie().map((line) => line.split('=')[0])
    expect(names.sort()).toEqual(['__Host-session', ...(expected.cookies ?? [])].sort())
    expect(got.headers.get('vary')).toMatch(/cookie/i)
    expect(got.headers.get('cache-control')).toMatch(/private/)
    expect(await kept(browser)).toEqual({ a: 1 })
  })

  test.each([
    ['compress', () => compress()],
    ['cors', () => cors({ origin: ORIGIN, credentials: true })],
    ['etag', () => etag()],
    ['secureHeaders', () => secureHeaders()],
  ])('behind %s()', async (_, middleware) => {
    const browser = browserOf(
      appOf(
        (c) => {
          setCookie(c, 'mine', '1')
          return c.text('x'.repeat(2000))
        },
        (app) => app.use(middleware()),
      ),
    )
    const headers = { 'accept-encoding': 'gzip', origin: ORIGIN }
    const answer = await browser.post('/', {}, headers)
    expect(answer.headers.getSetCookie()).toHaveLength(2)
    expect(answer.headers.get('vary')).toMatch(/cookie/i)
    expect(await kept(browser)).toEqual({ a: 1 })
  })

  test('what was fetched from another server, with its cookie and without its word on caches', async () => {
    const upstream = createServer((_, response) => {
      response.setHeader('set-cookie', 'theirs=1')
      response.setHeader('cache-control', 'public, max-age=60')
      response.end('fetched')
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    try {
      const browser = browserOf(appOf(() => fetch(`http://127.0.0.1:${port}/`)))
      const answer = await browser.post('/')
      expect(await answer.text()).toBe('fetched')
      expect([...browser.cookies.keys()].sort()).toEqual(['__Host-session', 'theirs'])
      expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
      expect(await kept(browser)).toEqual({ a: 1 })
    } finally {
      upstream.closeAllConnections()
      upstream.close()
    }
  })

  test('a stream of events says who is listening', async () => {
    const app = new Hono<AppEnv>()
    app.use(latchkey(makeAuth()))
    app.post('/login', async (c) => c.json(await c.var.auth.login('alice', 'wonderland')))
    app.get('/events', requireUser(), (c) => {
      const { user } = c.var.auth
      return streamSSE(c, async (out) => {
        await out.writeSSE({ data: String(user.id) })
      })
    })
    const browser = browserOf(app)
    expect((await browser.get('/events')).status).toBe(401)
    await browser.post('/login')
    expect(await (await browser.get('/events')).text()).toBe('data: alice\n\n')
  })
})

describe('apps within apps', () => {
  const inner = (): Hono<AppEnv> => {
    const router = new Hono<AppEnv>()
    router.post('/write', (c) => {
      c.var.auth.session.set('a', 1)
      return c.text('ok')
    })
    router.get('/me', requireUser(), (c) => c.text(String(c.var.auth.user.id)))
    router.post('/broken', (c) => {
      c.var.auth.session.set('a', 2)
      throw new Error('half-way')
    })
    return router
  }
  const outer = (mount: (app: Hono<AppEnv>) => void): TestBrowser => {
    const app = new Hono<AppEnv>()
    app.use(latchkey(makeAuth()))
    app.post('/login', async (c) => c.json(await c.var.auth.login('alice', 'wonderland')))
    app.get('/session', async (c) => c.json(await c.var.auth.session.all()))
    mount(app)
    return browserOf(app)
  }

  test('a router below a path has the auth of the app', async () => {
    const browser = outer((app) => app.route('/inner', inner()))
    expect((await browser.get('/inner/me')).status).toBe(401)
    await browser.post('/login')
    await browser.post('/inner/write')
    expect(await (await browser.get('/inner/me')).text()).toBe('alice')
    expect(await kept(browser)).toEqual({ a: 1 })
  })

  test('what a router answers to an error of its own keeps nothing', async () => {
    const router = inner()
    router.onError((_, c) => c.text('sorry', 418))
    const browser = outer((app) => app.route('/inner', router))
    expect((await browser.post('/inner/broken')).status).toBe(418)
    expect(await kept(browser)).toEqual({})
  })

  test('a router may have latchkey() for itself, and the app beside it has none', async () => {
    const app = new Hono<AppEnv>()
    const router = new Hono<AppEnv>()
    router.use(latchkey(makeAuth()))
    router.post('/login', async (c) => c.json(await c.var.auth.login('alice', 'wonderland')))
    router.get('/me', requireUser(), (c) => c.text(String(c.var.auth.user.id)))
    app.route('/account', router)
    app.get('/', (c) => c.text(c.get('auth') === undefined ? 'none' : 'some'))
    const browser = browserOf(app)
    await browser.post('/account/login')
    expect(await (await browser.get('/account/me')).text()).toBe('alice')
    expect(await (await browser.get('/')).text()).toBe('none')
  })

  test('a base path changes nothing, and the way back after a login has it', async () => {
    const app = new Hono<AppEnv>().basePath('/base')
    app.use(latchkey(makeAuth()))
    app.get('/app', requireUser({ redirectTo: '/base/login' }), (c) => c.text('app'))
    const answer = await browserOf(app).get('/base/app?a=1')
    expect(answer.headers.get('location')).toBe('/base/login?next=%2Fbase%2Fapp%3Fa%3D1')
  })

  test('what is mounted stands behind the guard', async () => {
    const browser = outer((app) => {
      app.use('/legacy/*', requireUser())
      app.mount('/legacy', (request: Request) => new Response(`legacy ${new URL(request.url).pathname}`))
    })
    expect((await browser.get('/legacy/page')).status).toBe(401)
    await browser.post('/login')
    expect(await (await browser.get('/legacy/page')).text()).toBe('legacy /page')
  })

  test('the app’s own page for what is not there knows who asks', async () => {
    const browser = outer((app) =>
      app.notFound(async (c) => {
        const token = await c.get('auth').authenticate()
        c.get('auth').session.set('lost', c.req.path)
        return c.text(`nothing here for ${token.userId}`, 404)
      }),
    )
    await browser.post('/login')
    const answer = await browser.get('/nowhere')
    expect([answer.status, await answer.text()]).toEqual([404, 'nothing here for alice'])
    expect(await kept(browser)).toEqual({ lost: '/nowhere' })
  })
})

describe('app.request(), as in tests of an app', () => {
  test('logs in without a browser’s headers, and the cookie is good', async () => {
    const app = new Hono<AppEnv>()
    app.use(latchkey(makeAuth()))
    app.post('/login', async (c) => {
      const { email, password } = await c.req.parseBody()
      const outcome = await c.var.auth.login(email, password)
      return c.redirect(outcome.ok ? '/app' : `/login?error=${outcome.code}`, 303)
    })
    app.get('/app', requireUser(), (c) => c.text(`Hello ${c.var.auth.user.id}`))
    const body = new URLSearchParams({ email: 'alice', password: 'wonderland' })
    const login = await app.request('/login', { method: 'POST', body })
    expect(login.headers.get('location')).toBe('/app')
    const [cookie = ''] = login.headers.getSetCookie()
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    expect(await (await app.request('/app', { headers })).text()).toBe('Hello alice')
  })
})
