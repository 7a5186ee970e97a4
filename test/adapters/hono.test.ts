import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type AuthOptions, createAuth, type ProtectPathsOptions, protectPaths } from 'latchkey'
import { type AuthVariables, latchkey, requireUser } from 'latchkey/hono'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, testApp, Users } from '../app.ts'

const makeAuth = (options: Partial<AuthOptions<TestUser>> = {}) =>
  createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    ...options,
  })

function app() {
  const hono = new Hono<{ Variables: AuthVariables<TestUser> }>()
  hono.use(latchkey(makeAuth()))
  hono.post('/login', async (c) => {
    const outcome = await c.var.auth.login('alice', 'wonderland')
    return c.json({ ok: outcome.ok })
  })
  hono.get('/app', requireUser({ redirectTo: '/login' }), (c) => {
    expectTypeOf(c.var.auth.user).toEqualTypeOf<TestUser>()
    expectTypeOf(c.var.auth.token.isAuthenticated).toEqualTypeOf<true>()
    return c.text(`Hello ${c.var.auth.user.id}`)
  })
  hono.post('/app', requireUser({ redirectTo: '/login' }), (c) => c.text('changed'))
  hono.get('/api', requireUser(), (c) => c.text('api'))
  hono.get('/public', (c) => c.text('public'))
  hono.post('/set-and-throw', (c) => {
    c.var.auth.session.set('a', 1)
    throw new HTTPException(409, { message: 'conflict' })
  })
  hono.post('/throw-response', (c) => {
    c.var.auth.session.set('a', 1)
    throw c.redirect('/there', 303)
  })
  hono.post('/throw', (c) => {
    c.var.auth.session.set('a', 1)
    throw new Error('half-way')
  })
  hono.get('/session', async (c) => c.json(await c.var.auth.session.all()))
  hono.post('/large', (c) => {
    c.var.auth.session.set('a', 'x'.repeat(5000))
    return c.text('ok')
  })
  return hono
}

const browserOf = (hono: { fetch(request: Request): Response | Promise<Response> }) =>
  new TestBrowser((request) => hono.fetch(request), ORIGIN)

describe('the Hono adapter', () => {
  test('after requireUser there is a user, and the compiler knows', async () => {
    const browser = browserOf(app())
    await browser.post('/login')
    expect(await (await browser.get('/app')).text()).toBe('Hello alice')
  })

  test.each([
    [
      'a browser is sent to log in, with the page it wanted',
      'GET',
      '/app?a=1',
      {},
      303,
      '/login?next=%2Fapp%3Fa%3D1',
    ],
    ['after a form there is no way back to a page', 'POST', '/app', {}, 303, '/login'],
    ['a program is told 401', 'GET', '/app', { accept: 'application/json' }, 401, null],
    ['where no login page is named, everybody is', 'GET', '/api', {}, 401, null],
  ])('%s', async (_, method, path, headers, status, location) => {
    const answer = await browserOf(app()).visit(path, { method, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location])
  })

  test('a route that does not ask is not touched', async () => {
    const browser = browserOf(app())
    await browser.post('/login')
    const answer = await browser.get('/public')
    expect(answer.headers.get('vary')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('a thrown HTTPException is an answer like any other', async () => {
    const browser = browserOf(app())
    expect((await browser.post('/set-and-throw')).status).toBe(409)
    expect(await (await browser.get('/session')).json()).toEqual({ a: 1 })
  })

  test('so is a thrown response', async () => {
    const browser = browserOf(app())
    expect((await browser.post('/throw-response')).headers.get('location')).toBe('/there')
    expect(await (await browser.get('/session')).json()).toEqual({ a: 1 })
  })

  test('of any other exception nothing is kept, even if the app answers 200 to it', async () => {
    const hono = app()
    hono.onError((_, c) => c.text('all is well'))
    const browser = browserOf(hono)
    expect((await browser.post('/throw')).status).toBe(200)
    expect(await (await browser.get('/session')).json()).toEqual({})
  })

  test('a session that grew too large is the app’s error', async () => {
    const hono = app()
    hono.onError((error, c) => c.text('code' in error ? String(error.code) : 'unknown', 500))
    const answer = await browserOf(hono).post('/large')
    expect([answer.status, await answer.text()]).toEqual([500, 'session_too_large'])
  })

  test('a form of another site does not reach the handler', async () => {
    const answer = await browserOf(app()).post(
      '/login',
      {},
      { 'sec-fetch-site': 'cross-site', accept: 'application/json' },
    )
    expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'cross_origin_refused' }])
  })

  test('an environment makes its auth once', async () => {
    let made = 0
    const hono = new Hono<{ Variables: AuthVariables<TestUser>; Bindings: { SECRET: string } }>()
    hono.use(
      latchkey((env) => {
        made++
        const { SECRET: secret } = env as { SECRET: string }
        return createAuth<TestUser>({ secret, origin: ORIGIN, users: new Users().provider, passwords: plain })
      }),
    )
    hono.get('/', (c) => c.text('ok'))
    const env = { SECRET }
    for (let i = 0; i < 3; i++) await hono.request('/', {}, env)
    expect(made).toBe(1)
    await hono.request('/', {}, { SECRET: `${SECRET}2` })
    expect(made).toBe(2)
  })

  test('requireUser without latchkey before it says so', async () => {
    const hono = new Hono()
    hono.onError((error, c) => c.text(error.message, 500))
    hono.get('/', requireUser(), (c) => c.text('never'))
    expect(await (await hono.request('/')).text()).toContain('latchkey(auth)')
  })

  describe('path rules judge what Hono matches, and what came', () => {
    const ask = async (
      options: ConstructorParameters<typeof Hono>[0],
      rules: ProtectPathsOptions,
      path: string,
    ) => {
      const hono = new Hono(options)
      hono.use(latchkey(makeAuth({ protect: protectPaths(rules) })))
      hono.all('*', (c) => c.text(c.req.path))
      return (await hono.request(ORIGIN + path)).status
    }
    const getPath = (request: Request) => new URL(request.url).pathname.replace(/^\/de(?=\/)/, '')

    test.each([
      ['/admin', 401],
      ['/de/admin', 401],
      ['/de/ADMIN;x', 401],
      ['/de/x', 200],
      ['/de/%C3%BC', 200],
      ['/%C3%BC%20/100%25', 200],
      ['/admin%C3%BC', 200],
      ['/de/%', 400],
    ])('behind a getPath of the app: %s', async (path, status) => {
      expect(await ask({ getPath }, { include: ['/admin'] }, path)).toBe(status)
    })

    test.each([
      ['/login/', 200],
      ['/login', 200],
      ['/%6Cogin', 401],
      ['/gr%C3%B6%C3%9Fe/%C3%BC%20x', 200],
      ['/', 200],
      ['//', 401],
    ])('not strict: %s', async (path, status) => {
      expect(await ask({ strict: false }, { exclude: ['/', '/login', '/größe'] }, path)).toBe(status)
    })
  })

  describe('mounted twice, it is one session', () => {
    type Env = { Variables: AuthVariables<TestUser>; Bindings: { incoming?: { rawHeaders: string[] } } }
    const inner = (auth: ReturnType<typeof makeAuth>) => {
      const router = new Hono<Env>()
      router.use(latchkey(auth))
      router.post('/logout', async (c) => {
        await c.var.auth.logout()
        return c.text('out')
      })
      router.post('/login', async (c) => {
        await c.var.auth.login('alice', 'wonderland')
        return c.text('in')
      })
      return router
    }
    const outer = (auth: ReturnType<typeof makeAuth>) => {
      const hono = new Hono<Env>()
      hono.use(latchkey(auth))
      hono.use(async (c, next) => {
        c.var.auth.session.set('before', 1)
        await next()
        c.var.auth.session.set('after', 1)
      })
      hono.get('/who', async (c) => {
        const { userId } = await c.var.auth.authenticate()
        return c.json({ userId, ...(await c.var.auth.session.all()) })
      })
      return hono
    }

    test.each<[where: string, mount: (hono: Hono<Env>, router: Hono<Env>) => unknown]>([
      ['on a router', (hono, router) => hono.route('/area', router)],
      [
        'behind middleware that has replaced the Request',
        (hono, router) => {
          hono.use('/area/*', async (c, next) => {
            c.req.raw = new Request(c.req.raw)
            await next()
          })
          hono.route('/area', router)
        },
      ],
      ['on an app of its own, on Node', (hono, router) => hono.mount('/area', router.fetch)],
    ])('%s', async (_, mount) => {
      const auth = makeAuth()
      const hono = outer(auth)
      mount(hono, inner(auth))
      const browser = new TestBrowser(
        (request) => hono.fetch(request, { incoming: { rawHeaders: [] } }),
        ORIGIN,
      )
      const whoIs = async () => (await browser.get('/who')).json()
      const answer = await browser.post('/area/login')
      expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['in', 1])
      expect(await whoIs()).toMatchObject({ userId: 'alice', before: 1, after: 1 })
      await browser.post('/area/logout')
      expect(await whoIs()).toMatchObject({ userId: null })
    })
  })

  test('a binding of the app’s own called `incoming` identifies no request', async () => {
    const hono = new Hono<{ Variables: AuthVariables<TestUser> }>()
    hono.use(latchkey(makeAuth()))
    hono.post('/login', async (c) => {
      await c.var.auth.login('alice', 'wonderland')
      await new Promise((resolve) => setImmediate(resolve))
      return c.text('in')
    })
    hono.get('/who', async (c) => c.json({ userId: (await c.var.auth.authenticate()).userId }))
    const bindings = { incoming: { get: () => null } }
    const browser = () => new TestBrowser((request) => hono.fetch(request, bindings), ORIGIN)
    const [login, who] = await Promise.all([browser().post('/login'), browser().get('/who')])
    expect(login.headers.getSetCookie()).toHaveLength(1)
    expect([await who.json(), who.headers.getSetCookie()]).toEqual([{ userId: null }, []])
  })

  test('many users at once never see each other', async () => {
    const { auth, users } = testApp({ now: Date.now })
    for (let i = 0; i < 50; i++) users.put(`u${i}`, { id: `u${i}`, hashedPassword: 'plain:x' })
    const hono = new Hono<{ Variables: AuthVariables<TestUser> }>()
    hono.use(latchkey(auth))
    hono.post('/login/:name', async (c) => {
      await c.var.auth.login(c.req.param('name'), 'x')
      return c.text('ok')
    })
    hono.get('/me', requireUser(), async (c) => {
      await new Promise((resolve) => setImmediate(resolve))
      return c.text(String(c.var.auth.user.id))
    })
    const browsers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const browser = browserOf(hono)
        await browser.post(`/login/u${i}`)
        return browser
      }),
    )
    const rounds = Array.from({ length: 1000 }, async (_, i) => {
      const answer = await (browsers[i % 50] as TestBrowser).get('/me')
      expect(await answer.text()).toBe(`u${i % 50}`)
    })
    await Promise.all(rounds)
  })
})
