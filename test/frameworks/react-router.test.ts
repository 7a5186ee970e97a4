import { createAuth, LatchkeyError, type ProtectPathsOptions, protectPaths, type RequestAuth } from 'latchkey'
import {
  latchkey,
  type ReactRouterAuth,
  type RouterArgs,
  type SessionStorageLike,
} from 'latchkey/react-router'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { ORIGIN, plain, SECRET, sessionCookies, type TestUser, testApp, Users } from '../app.ts'
import { Cell } from '../reference-app/cell.ts'
import {
  type BuiltApp,
  builtApp,
  data,
  type LoaderFunctionArgs,
  type Mounted,
  redirect,
} from './react-router/server.ts'
import { redirect as redirect7, version7 } from './react-router/version-7.ts'
import type { LoaderArguments, Middlewares, Storages } from './react-router/versions.ts'

let app: BuiltApp
beforeAll(async () => {
  app = await builtApp()
})

const CELLS = ['sealed', 'memory'].flatMap((sessions) =>
  ['http://127.0.0.1:9001', 'https://app.test'].map((origin) => [sessions, origin] as const),
)

describe.each(CELLS)('the login story: React Router, %s, at %s', (sessions, origin) => {
  const cell = new Cell({
    adapter: 'react-router',
    sessions,
    origin,
    port: 9001,
    canEndCopies: sessions === 'memory',
  })
  afterAll(() => cell.close())
  for (const { name, run } of cell.cases()) test(name, run)
})

type TestAuth = ReactRouterAuth<TestUser>
type Does = Omit<Mounted, 'middleware'>

/** A browser before the built app, whose loaders and actions do what the test says. */
function browserOf(auth: TestAuth, does: (auth: TestAuth) => Does): TestBrowser {
  return new TestBrowser((request) => app.handle(request, { middleware: auth, ...does(auth) }), ORIGIN)
}

const newAuth = (): TestAuth => latchkey(testApp({ now: Date.now }).auth)

/** The resource route of most tests: what the session holds, and who is there. */
const dump =
  (auth: TestAuth) =>
  async ({ context }: LoaderFunctionArgs): Promise<Response> =>
    Response.json({
      session: await auth.of(context).session.all(),
      user: (await auth.of(context).authenticate()).userId,
    })
const dumped = async (browser: TestBrowser) =>
  (await (await browser.get('/dump')).json()) as { session: object; user: unknown }

type Slot = 'loader' | 'action' | 'resource'
const KINDS: readonly [kind: string, method: string, path: string, slot: Slot][] = [
  ['a document', 'GET', '/document', 'loader'],
  ['the headers of a document', 'HEAD', '/document', 'loader'],
  ['a form sent to a document', 'POST', '/document', 'action'],
  ['the data of a document', 'GET', '/document.data', 'loader'],
  ['a form sent by script', 'POST', '/document.data', 'action'],
  ['a resource', 'GET', '/resource', 'resource'],
  ['a form sent to a resource', 'POST', '/resource', 'resource'],
]

type Ending = (auth: RequestAuth<TestUser>) => unknown
const ENDINGS: readonly [ending: string, end: Ending, kept: boolean][] = [
  ['an answer', () => ({ ok: true }), true],
  ['an answer with headers of its own', () => data(null, { headers: { 'x-own': '1' } }), true],
  ['a redirect', () => redirect('/elsewhere'), true],
  [
    'a thrown redirect',
    () => {
      throw redirect('/elsewhere')
    },
    true,
  ],
  [
    'a thrown 404',
    () => {
      throw data('nothing here', { status: 404 })
    },
    true,
  ],
  [
    'a thrown error',
    () => {
      throw new Error('broke')
    },
    false,
  ],
  [
    'a thrown 503',
    () => {
      throw new Response('closed', { status: 503 })
    },
    false,
  ],
]

describe.each(KINDS)('%s', (kind, method, path, slot) => {
  const visit = (browser: TestBrowser) =>
    browser.visit(path, method === 'POST' ? { method, form: {} } : { method })
  const browserThat = (work: (auth: TestAuth) => Mounted['loader']) =>
    browserOf(newAuth(), (auth) => ({
      resource: (args) => (args.url.pathname === '/resource' ? work(auth)?.(args) : dump(auth)(args)),
      ...(slot === 'resource' ? {} : { [slot]: work(auth) }),
    }))

  test.each(ENDINGS)('that ends in %s', async (_, end, kept) => {
    const browser = browserThat((auth) => ({ context }) => {
      auth.of(context).session.set('a', 1)
      return end(auth.of(context))
    })
    const answer = await visit(browser)
    await answer.text()
    expect(answer.status >= 500).toBe(!kept)
    expect(answer.headers.getSetCookie()).toHaveLength(kept ? 1 : 0)
    if (kept) expect(answer.headers.get('vary')).toMatch(/cookie/i)
    expect((await dumped(browser)).session).toEqual(kept ? { a: 1 } : {})
  })

  test('that logs out and breaks: the logout is kept', async () => {
    const browser = browserThat((auth) => async ({ context, request }) => {
      if (request.headers.has('x-login')) return auth.of(context).login('alice', 'wonderland')
      await auth.of(context).logout()
      throw new Error('broke')
    })
    await (await browser.visit(path, { method, headers: { 'x-login': '1' } })).text()
    expect((await dumped(browser)).user).toBe('alice')
    expect((await visit(browser)).status).toBe(500)
    expect((await dumped(browser)).user).toBeNull()
  })

  test('that touches no session says nothing of one', async () => {
    const answer = await visit(browserThat(() => () => ({ ok: true })))
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('vary')).toBeNull()
  })

  if (method === 'POST') {
    test('that another site sent does not arrive', async () => {
      const reached: string[] = []
      const browser = browserThat(() => ({ request }) => {
        reached.push(request.url)
        return null
      })
      const headers = { 'sec-fetch-site': 'cross-site', accept: 'application/json' }
      const answer = await browser.post(path, {}, headers)
      expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'cross_origin_refused' }])
      expect(reached).toEqual([])
    })
  }
  if (kind.startsWith('a form')) return

  test('that nobody but a user may see sends a browser to the login page, with the way back', async () => {
    const browser = browserThat((auth) => (args) => auth.requireUser(args, { redirectTo: '/login' }))
    const answer = await browser.visit(`${path}?tab=2&_routes=routes/document`, { method })
    const wanted = `${path.replace('.data', '')}?tab=2`
    const location = `/login?${new URLSearchParams({ next: wanted })}`
    if (!path.endsWith('.data'))
      expect([answer.status, answer.headers.get('location')]).toEqual([303, location])
    else expect([answer.status, await answer.text()]).toEqual([202, expect.stringContaining(location)])
  })
})

/** What a script, and React Router's own, sends by `fetch(url)`. */
const SCRIPT = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

describe('requireUser', () => {
  const guarded = (redirectTo?: string) =>
    browserOf(newAuth(), (auth) => {
      const user = async (args: LoaderFunctionArgs) => {
        const { id } = await auth.requireUser(args, redirectTo === undefined ? {} : { redirectTo })
        return { id }
      }
      return {
        loader: user,
        action: user,
        resource: async ({ context, url, ...args }) =>
          url.pathname === '/in'
            ? (await auth.of(context).login('alice', 'wonderland')).ok
            : user({ context, url, ...args }),
      }
    })

  test('gives the user', async () => {
    const browser = guarded('/login')
    await browser.post('/in')
    expect(await (await browser.get('/document')).text()).toContain('alice')
    expect(await (await browser.get('/resource')).json()).toEqual({ id: 'alice' })
  })

  test.each([
    ['a program', { accept: 'application/json' }],
    ['a script', SCRIPT],
    ['an image', { accept: 'image/*', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  ])('tells %s 401', async (_, headers) => {
    const answer = await guarded('/login').get('/resource', headers)
    expect([answer.status, await answer.json()]).toEqual([401, { ok: false, code: 'login_required' }])
  })

  test.each([
    ['GET', '/document.data'],
    ['GET', '/document.data?_routes=routes%2Fdocument'],
    ['POST', '/document.data'],
  ])('leads the router’s own script to the login page: %s %s', async (method, path) => {
    const form = method === 'POST' ? { form: {} } : {}
    const answer = await guarded('/login').visit(path, { method, ...form, headers: SCRIPT })
    expect([answer.status, await answer.text()]).toEqual([202, expect.stringContaining('"/login')])
  })

  test('without a login page shows the app’s error page, with 401', async () => {
    const answer = await guarded().get('/document')
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('>401<')])
  })

  test('after a form there is no way back to a page', async () => {
    const answer = await guarded('/login').post('/document')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login'])
  })

  test.each([
    ['/document/child', 303],
    ['/document/child.data', 202],
    // A browser that has the page already asks for one loader alone: those above it do not run.
    ['/document/child.data?_routes=routes/child', 202],
  ])('in a middleware guards all routes below: %s', async (where, status) => {
    const reached: string[] = []
    const browser = browserOf(newAuth(), (auth) => ({
      guard: (args) => auth.requireUser(args, { redirectTo: '/login' }),
      child: ({ url }) => reached.push(url.pathname),
      resource: async ({ context }) => (await auth.of(context).login('alice', 'wonderland')).ok,
    }))
    const answer = await browser.get(where)
    expect([answer.status, reached]).toEqual([status, []])
    const location = answer.headers.get('location') ?? (await answer.text())
    expect(location).toContain('/login?next=%2Fdocument%2Fchild')
    await browser.post('/in')
    expect([(await browser.get(where)).status, reached]).toEqual([200, ['/document/child']])
  })

  test('over a broken engine answers 503, says nothing, and reports it', async () => {
    const reported: unknown[] = []
    const users = new Users().provider
    let isBroken = false
    const findById: typeof users.findById = (id) => {
      if (isBroken) throw new Error('postgres://app:s3cret@db')
      return users.findById(id)
    }
    const configured = createAuth({
      secret: SECRET,
      origin: ORIGIN,
      users: { ...users, findById },
      passwords: plain,
    })
    const onError = (error: unknown) => {
      reported.push(error)
      return undefined
    }
    const browser = browserOf(latchkey(configured, { onError }), (auth) => ({
      loader: (args) => auth.requireUser(args),
      resource: async ({ context }) => (await auth.of(context).login('alice', 'wonderland')).ok,
    }))
    await browser.post('/in')
    isBroken = true
    const answer = await browser.get('/document')
    const page = await answer.text()
    expect([answer.status, page]).toEqual([503, expect.stringContaining('>503<')])
    expect(page).not.toContain('s3cret')
    expect(reported).toEqual([expect.any(LatchkeyError)])
  })

  test('knows the app’s own user type', () => {
    const auth = newAuth()
    expectTypeOf(auth.requireUser).returns.toEqualTypeOf<Promise<TestUser>>()
    expectTypeOf(auth.of).returns.toEqualTypeOf<RequestAuth<TestUser, unknown>>()
  })
})

describe('rules by path judge the data of a page like the page', () => {
  const protect = protectPaths({ include: ['/document'], redirectTo: '/login' })
  const auth: TestAuth = latchkey(testApp({ now: Date.now, protect }).auth)
  const ask = (method: string, path: string) => {
    const loader = () => 'SECRET'
    const browser = browserOf(auth, () => ({ loader, action: loader, child: loader, resource: loader }))
    return browser.visit(path, method === 'POST' ? { method, form: {} } : { method })
  }

  test.each([
    ['GET', '/document'],
    ['GET', '/document.data'],
    ['GET', '/document.data?_routes=routes%2Fdocument'],
    ['GET', '/document.data.data'],
    ['GET', '/document/_.data'],
    ['GET', '/document/child.data'],
    ['GET', '/document/child.data?_routes=routes%2Fchild'],
    ['GET', '/document%2Edata'],
    ['POST', '/document.data'],
    ['POST', '/document/child.data'],
  ])('%s %s', async (method, path) => {
    const answer = await ask(method, path)
    const text = await answer.text()
    expect(text).not.toContain('SECRET')
    expect(answer.headers.get('location') ?? text).toContain('/login')
  })

  test.each(['GET', 'POST'])('and lead the router’s own script to the login page: %s', async (method) => {
    const browser = browserOf(auth, () => ({ loader: () => 'SECRET', action: () => 'SECRET' }))
    const form = method === 'POST' ? { form: {} } : {}
    const answer = await browser.visit('/document.data', { method, ...form, headers: SCRIPT })
    expect([answer.status, await answer.text()]).toEqual([202, expect.stringContaining('"/login')])
  })

  test('in React Router 7.18 too', async () => {
    const handler = version7(auth, { loader: () => 'SECRET' }, 'document')
    const answer = await handler(new Request(`${ORIGIN}/document.data`, { headers: SCRIPT }))
    expect([answer.status, await answer.text()]).toEqual([202, expect.stringContaining('"/login')])
  })

  test('and what is public is public in both', async () => {
    expect(await (await ask('GET', '/other')).text()).toContain('SECRET')
  })
})

describe('a public page lifts the rule for its own data alone, on the routers themselves', () => {
  const auth = (options: ProtectPathsOptions): TestAuth =>
    latchkey(testApp({ now: Date.now, protect: protectPaths(options) }).auth)
  const RULES: readonly [rules: ProtectPathsOptions, path: string, isOpen: boolean][] = [
    [{ exclude: ['/public'] }, '/public', true],
    [{ exclude: ['/public'] }, '/public.data', true],
    [{ exclude: ['/public'] }, '/public.data.data', false],
    [{ exclude: ['/public'] }, '//public.data', false],
    [{ exclude: ['/public'] }, '/public%2Edata', false],
    [{ redirectTo: '/public' }, '/public.data', true],
    [{ redirectTo: '/public' }, '/public.data.data', false],
    [{ exclude: ['/'] }, '/_root.data', false],
    [{ exclude: ['/'] }, '/_root.data.data', false],
    [{ exclude: ['/'] }, '/x.data', false],
  ]

  // Every path that no page has is served by one route, as by `/:slug`.
  test.each(RULES)('React Router 8: %j, %s: %s', async (options, path, isOpen) => {
    const loader = () => new Response('SECRET')
    const browser = browserOf(auth(options), () => ({ resource: loader, loader, action: loader }))
    expect((await (await browser.get(path)).text()).includes('SECRET')).toBe(isOpen)
  })

  test.each(RULES)('React Router 7.18: %j, %s: %s', async (options, path, isOpen) => {
    const handler = version7(auth(options), { loader: () => 'SECRET' }, '*')
    const answer = await handler(new Request(ORIGIN + path))
    expect((await answer.text()).includes('SECRET')).toBe(isOpen)
  })
})

describe('one session per request', () => {
  test('of an action and the loaders of all routes, which run at once', async () => {
    const write = (auth: TestAuth, key: string) => async (args: LoaderFunctionArgs) => {
      await auth.of(args.context).session.all()
      auth.of(args.context).session.set(key, 1)
      return null
    }
    const browser = browserOf(newAuth(), (auth) => ({
      action: write(auth, 'action'),
      loader: write(auth, 'loader'),
      child: write(auth, 'child'),
      resource: dump(auth),
    }))
    const answer = await browser.post('/document', {})
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    const second = await browser.get('/document/child')
    expect(second.headers.getSetCookie()).toHaveLength(1)
    expect((await dumped(browser)).session).toEqual({ action: 1, loader: 1, child: 1 })
  })

  test('a loader sees who has just logged in by the action', async () => {
    const browser = browserOf(newAuth(), (auth) => ({
      action: async ({ context }) => (await auth.of(context).login('alice', 'wonderland')).ok,
      loader: async ({ context }) => (await auth.of(context).authenticate()).userId,
    }))
    expect(await (await browser.post('/document')).text()).toContain('loader: <!-- -->&quot;alice&quot;')
  })

  test('also where the middleware stands on two routes', async () => {
    const auth = newAuth()
    const write = (args: Parameters<TestAuth>[0], key: string) => auth.of(args.context).session.set(key, 1)
    const twice = (args: Parameters<TestAuth>[0], next: Parameters<TestAuth>[1]) =>
      auth(args, () => {
        write(args, 'between')
        return auth(args, next)
      })
    const browser = browserOf(Object.assign(twice, { of: auth.of, requireUser: auth.requireUser }), () => ({
      resource: (args) =>
        args.url.pathname === '/dump' ? dump(auth)(args) : (write(args, 'within') ?? null),
    }))
    expect((await browser.post('/resource')).headers.getSetCookie()).toHaveLength(1)
    expect((await dumped(browser)).session).toEqual({ between: 1, within: 1 })
  })

  test('what a streamed page writes after its headers have left is told so', async () => {
    let release = (): void => {}
    let code: unknown
    const browser = browserOf(newAuth(), (auth) => ({
      loader({ context }) {
        const { session } = auth.of(context)
        const gate = new Promise<void>((resolve) => {
          release = resolve
        })
        const late = gate
          .then(() => session.set('late', 1))
          .catch((error: LatchkeyError) => {
            code = error.code
          })
        return { late }
      },
    }))
    const answer = await browser.get('/document')
    release()
    await answer.text()
    expect(code).toBe('session_closed')
  })

  test('many users at once never see each other', async () => {
    const { auth: configured, users } = testApp({ now: Date.now })
    for (let i = 0; i < 50; i++) users.put(`u${i}`, { id: `u${i}`, hashedPassword: 'plain:x' })
    const auth = latchkey(configured)
    const whoIs = async ({ context }: LoaderFunctionArgs) => {
      await new Promise((resolve) => setImmediate(resolve))
      return (await auth.of(context).authenticate()).userId
    }
    const newBrowser = () =>
      browserOf(auth, () => ({
        loader: whoIs,
        child: whoIs,
        resource: async ({ context, url }) => (await auth.of(context).login(url.pathname.slice(1), 'x')).ok,
      }))
    const browsers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const browser = newBrowser()
        await browser.post(`/u${i}`)
        return browser
      }),
    )
    const rounds = Array.from({ length: 1000 }, async (_, i) => {
      const page = await (await (browsers[i % 50] as TestBrowser).get('/document/child')).text()
      expect(page.match(/(?<=&quot;)u\d+(?=&quot;)/g)).toEqual([`u${i % 50}`, `u${i % 50}`])
    })
    await Promise.all(rounds)
  })
})

describe('React Router 7.18, with `future.v8_middleware`', () => {
  test.each(['', '.data', '.data.data', '/_.data'])('a rule by path protects /page%s', async (suffix) => {
    const protect = protectPaths({ include: ['/page'], redirectTo: '/login' })
    const handler = version7(latchkey(testApp({ now: Date.now, protect }).auth), {
      loader: () => 'SECRET',
      action: () => 'SECRET',
    })
    for (const method of ['GET', 'POST']) {
      const answer = await handler(
        new Request(`${ORIGIN}/page${suffix}`, { method, headers: { 'sec-fetch-site': 'same-origin' } }),
      )
      expect(await answer.text()).not.toContain('SECRET')
      expect(answer.status).not.toBe(200)
    }
  })

  test.each(['', '.data'])('logs in and out: /page%s', async (suffix) => {
    const auth = newAuth()
    const handler = version7(auth, {
      async action({ request, context }) {
        const current = auth.of(context)
        if ((await request.formData()).has('out')) await current.logout()
        else await current.login('alice', 'wonderland')
        throw redirect7('/page')
      },
      loader: async (args) => ({ id: (await auth.requireUser(args, { redirectTo: '/login' })).id }),
    })
    const browser = new TestBrowser((request) => handler(request), ORIGIN)
    const redirected = suffix === '' ? 302 : 202
    const anonymous = await browser.get(`/page${suffix}?a=1`)
    const location = anonymous.headers.get('location') ?? (await anonymous.text())
    expect(location).toContain('/login?next=%2Fpage%3Fa%3D1')
    const entered = await browser.post(`/page${suffix}`)
    expect([entered.status, entered.headers.getSetCookie().length]).toEqual([redirected, 1])
    const page = await browser.get(`/page${suffix}`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('alice')])
    await browser.post(`/page${suffix}`, { out: '1' })
    expect(sessionCookies(browser)).toEqual([])
  })
})

describe('latchkey()', () => {
  test('fits the types of React Router 8, and of 7.18', () => {
    expectTypeOf<TestAuth>().toExtend<Middlewares[0]>()
    expectTypeOf<TestAuth>().toExtend<Middlewares[1]>()
    expectTypeOf<LoaderArguments[0]>().toExtend<RouterArgs>()
    expectTypeOf<LoaderArguments[1]>().toExtend<RouterArgs>()
    expectTypeOf<Storages[0]>().toExtend<SessionStorageLike>()
    expectTypeOf<Storages[1]>().toExtend<SessionStorageLike>()
  })

  test('says so where its middleware is missing', async () => {
    const auth = newAuth()
    let thrown: unknown
    await app.handle(new Request(`${ORIGIN}/resource`), {
      middleware: (_, next) => next(),
      resource({ context }) {
        try {
          return auth.of(context)
        } catch (error) {
          thrown = error
          return null
        }
      },
    })
    expect(thrown).toMatchObject({ code: 'misuse', message: expect.stringContaining('root.tsx') })
  })

  test('makes its auth once per environment, and is told the address', async () => {
    const addresses: unknown[] = []
    let made = 0
    const env = { SECRET }
    const auth = latchkey(
      ({ SECRET: secret }: typeof env) => {
        made++
        const onEvent = ({ address }: { address?: string | undefined }) => addresses.push(address)
        return createAuth<TestUser>({
          secret,
          origin: ORIGIN,
          users: new Users().provider,
          passwords: plain,
          onEvent,
        })
      },
      { env: () => env, address: ({ context }) => context.get(app.mounted).address },
    )
    const browser = browserOf(auth, () => ({
      address: '192.0.2.7',
      resource: async ({ context }) => (await auth.of(context).login('alice', 'wonderland')).ok,
    }))
    await browser.post('/in')
    await browser.post('/in')
    expect([made, addresses]).toEqual([1, ['192.0.2.7', '192.0.2.7']])
  })
})
