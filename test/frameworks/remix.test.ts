import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createAuth, LoginManager, type RequestAuth, type SessionStore } from 'latchkey'
import { latchkey, type RemixAuth, remixSession } from 'latchkey/remix'
import { type SessionVisitor, sessionStoreContract, TestBrowser } from 'latchkey/testing'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, testApp, Users } from '../app.ts'
import { Cell } from '../reference-app/cell.ts'
import {
  createCookie,
  createCookieSessionStorage,
  createFsSessionStorage,
  createMemorySessionStorage,
  createRouter,
  type Middleware,
  type RequestContext,
  Session,
  type SessionStorage,
  sessionMiddleware,
} from './remix/router.ts'

const CELLS = ['sealed', 'memory'].flatMap((sessions) =>
  ['http://127.0.0.1:9001', 'https://app.test'].map((origin) => [sessions, origin] as const),
)

describe.each(CELLS)('the login story: Remix 3, %s, at %s', (sessions, origin) => {
  const cell = new Cell({
    adapter: 'remix',
    sessions,
    origin,
    port: 9001,
    canEndCopies: sessions === 'memory',
  })
  afterAll(() => cell.close())
  for (const { name, run } of cell.cases()) test(name, run)
})

type TestAuth = RemixAuth<TestUser>
type Work = (auth: RequestAuth<TestUser>, context: RequestContext) => unknown

function browserOf(
  work: Work,
  auth: TestAuth = latchkey(testApp({ now: Date.now }).auth, { onError: () => undefined }),
) {
  const router = createRouter({ middleware: [auth] })
  router.get('/dump', async (context) => {
    const { userId } = await auth.of(context).authenticate()
    return Response.json({ user: userId, session: await auth.of(context).session.all() })
  })
  router.post('/in', async (context) => Response.json(await auth.of(context).login('alice', 'wonderland')))
  router.route('ANY', '*', async (context) => {
    const answer = await work(auth.of(context), context)
    return answer instanceof Response ? answer : Response.json(answer ?? null)
  })
  return { auth, browser: new TestBrowser((request) => router.fetch(request), ORIGIN) }
}

const dumped = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/dump')).json()

describe('latchkey() on Remix 3’s router', () => {
  test.each([
    ['an answer', 200, () => new Response('ok')],
    ['a redirect', 303, () => Response.redirect(`${ORIGIN}/there`, 303)],
    [
      'a thrown redirect',
      303,
      () => {
        throw Response.redirect(`${ORIGIN}/there`, 303)
      },
    ],
    ['a 404', 404, () => new Response('', { status: 404 })],
    ['a 503', 503, () => new Response('', { status: 503 })],
    [
      'an exception',
      500,
      () => {
        throw new Error('broke')
      },
    ],
  ])('%s', async (_, status, end) => {
    const { browser } = browserOf((auth) => {
      auth.session.set('a', 1)
      return end()
    })
    const answer = await browser.post('/')
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([status, status < 500 ? 1 : 0])
    expect(await dumped(browser)).toMatchObject({ session: status < 500 ? { a: 1 } : {} })
  })

  test('of a handler that breaks a logout is kept', async () => {
    const { browser } = browserOf(async (auth) => {
      await auth.logout()
      throw new Error('broke')
    })
    await browser.post('/in')
    expect(await dumped(browser)).toMatchObject({ user: 'alice' })
    expect((await browser.post('/')).status).toBe(500)
    expect(await dumped(browser)).toMatchObject({ user: null })
  })

  test('a form of another site does not arrive', async () => {
    let reached = 0
    const { browser } = browserOf(() => reached++)
    const headers = { 'sec-fetch-site': 'cross-site', accept: 'application/json' }
    const answer = await browser.post('/', {}, headers)
    expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'cross_origin_refused' }])
    expect(reached).toBe(0)
  })

  test.each([
    [
      'a browser is sent to log in, with the page it wanted',
      'GET',
      {},
      '/login',
      303,
      '/login?next=%2Fapp%3Fa%3D1',
    ],
    ['after a form there is no way back to a page', 'POST', {}, '/login', 303, '/login'],
    ['a program is told 401', 'GET', { accept: 'application/json' }, '/login', 401, null],
    ['so is a script', 'GET', { accept: '*/*', 'sec-fetch-mode': 'cors' }, '/login', 401, null],
    ['where no login page is named, everybody is', 'GET', {}, undefined, 401, null],
  ] as const)('requireUser: %s', async (_, method, headers, redirectTo, status, location) => {
    const { browser, auth } = browserOf((_auth, context) =>
      auth.requireUser(context, redirectTo === undefined ? {} : { redirectTo }),
    )
    const answer = await browser.visit('/app?a=1', { method, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location])
    await browser.post('/in')
    expect((await browser.visit('/app?a=1', { method, headers })).status).toBe(200)
  })

  test('on the router and on a route there is one session', async () => {
    const { auth } = browserOf(() => null)
    const between: Middleware = (context) => auth.of(context).session.set('between', 1)
    const router = createRouter({ middleware: [auth, between] })
    router.post('/', {
      middleware: [auth],
      async handler(context) {
        auth.of(context).session.set('within', 1)
        return Response.json(await auth.of(context).session.all())
      },
    })
    const browser = new TestBrowser((request) => router.fetch(request), ORIGIN)
    const answer = await browser.post('/')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(await answer.json()).toEqual({ between: 1, within: 1 })
  })

  test('says so where its middleware is missing', () => {
    const { auth } = browserOf(() => null)
    const context = { request: new Request(ORIGIN), url: new URL(ORIGIN) }
    expect(() => auth.of(context)).toThrowError(/createRouter/)
  })

  test('makes its auth once per environment', async () => {
    let made = 0
    const env = { SECRET }
    const auth = latchkey(
      ({ SECRET: secret }: typeof env) => {
        made++
        return createAuth({ secret, origin: ORIGIN, users: new Users().provider, passwords: plain })
      },
      { env: () => env },
    )
    const { browser } = browserOf(() => null, auth)
    await browser.get('/')
    await browser.get('/')
    expect(made).toBe(1)
  })

  test('fits the types of Remix, and knows the app’s own user type', () => {
    expectTypeOf<TestAuth>().toExtend<Middleware>()
    expectTypeOf<TestAuth['requireUser']>().returns.toEqualTypeOf<Promise<TestUser>>()
  })
})

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-remix-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const cookie = () => createCookie('session', { secrets: ['s3cret'], path: '/', httpOnly: true })

const STORAGES: readonly [name: string, make: () => SessionStorage, canEndCopies: boolean][] = [
  ['memory', () => createMemorySessionStorage(), true],
  ['memory, which takes any id', () => createMemorySessionStorage({ useUnknownIds: true }), true],
  ['files', () => createFsSessionStorage(mkdtempSync(path.join(scratch, 'sessions-'))), true],
  ['cookie', () => createCookieSessionStorage(), false],
]

/** Runs what a test says in one request of a browser, behind Remix's own session middleware. */
function appOver(storage: SessionStorage) {
  type Use = (session: SessionStore, request: Request) => unknown
  const works = new Map<string, Use>()
  const router = createRouter({ middleware: [sessionMiddleware(cookie(), storage)] })
  router.post('/', async (context) => {
    await works.get(context.headers.get('x-work') ?? '')?.(
      remixSession(context.get(Session)),
      context.request,
    )
    return new Response('ok')
  })
  const during = async <T>(browser: TestBrowser, use: (...args: Parameters<Use>) => T | Promise<T>) => {
    const name = String(works.size)
    let value: T | undefined
    works.set(name, async (...args) => {
      value = await use(...args)
    })
    const response = await browser.post('/', {}, { 'x-work': name })
    return { value: value as T, cookies: response.headers.getSetCookie() }
  }
  return { during, browser: () => new TestBrowser((request) => router.fetch(request), ORIGIN) }
}

function visitorOver(storage: SessionStorage): SessionVisitor {
  const app = appOver(storage)
  const visitor = (browser: TestBrowser): SessionVisitor => ({
    request: async (use) => (await app.during(browser, use)).value,
    copy: () => visitor(browser.copy()),
  })
  return visitor(app.browser())
}

/** What a library cannot do that writes sessions as a whole. */
const BEYOND_IT = 'is not revived by a request that was under way when it was cleared'

describe.each(STORAGES)('SessionStore: Remix 3, %s', (_, make, canEndCopies) => {
  const cases = sessionStoreContract(() => visitorOver(make()), { canEndCopies })
  for (const { name, run } of cases) {
    if (name !== BEYOND_IT) test(name, run)
    else test(`cannot promise that it ${name}`, () => expect(run()).rejects.toThrow())
  }
})

const manager = new LoginManager({ secret: SECRET, users: new Users().provider, passwords: plain })
const logIn = (username: string, password: string) => (session: SessionStore, request: Request) =>
  manager.login({ request, session }, username, password)
const logOut = (session: SessionStore, request: Request) => manager.logout({ request, session })
const whoIs = async (session: SessionStore, request: Request) =>
  (await manager.authenticate({ request, session })).userId
const write = (key: string, value: unknown) => (session: SessionStore) => session.set(key, value)
const read = (key: string) => (session: SessionStore) => session.get(key)

interface Attack {
  readonly storage: SessionStorage
  readonly app: ReturnType<typeof appOver>
  readonly browser: TestBrowser
  readonly canEndCopies: boolean
}

const SENTENCES: readonly [sentence: string, prove: (attack: Attack) => Promise<void>][] = [
  [
    'a cookie that was known before the login is worth nothing after it',
    async ({ app, browser }) => {
      await app.during(browser, write('cart', [1]))
      const thief = browser.copy()
      const { cookies } = await app.during(browser, logIn('alice', 'wonderland'))
      expect(cookies).toHaveLength(1)
      expect((await app.during(browser, whoIs)).value).toBe('alice')
      expect((await app.during(browser, read('cart'))).value).toEqual([1])
      expect((await app.during(thief, whoIs)).value).toBeNull()
      await app.during(thief, write('trap', 1))
      expect((await app.during(browser, read('trap'))).value).toBeUndefined()
    },
  ],
  [
    'an id without a record is not adopted',
    async ({ app, browser }) => {
      const [line = ''] = (await cookie().serialize('made-up')).split(';')
      browser.cookies.set('session', line.slice('session='.length))
      const thief = browser.copy()
      await app.during(browser, logIn('alice', 'wonderland'))
      expect((await app.during(browser, whoIs)).value).toBe('alice')
      expect((await app.during(thief, whoIs)).value).toBeNull()
    },
  ],
  [
    'a logout logs out, and ends the record',
    async ({ app, browser, canEndCopies }) => {
      await app.during(browser, logIn('alice', 'wonderland'))
      const thief = browser.copy()
      await app.during(browser, logOut)
      expect((await app.during(browser, whoIs)).value).toBeNull()
      if (canEndCopies) expect((await app.during(thief, whoIs)).value).toBeNull()
    },
  ],
  [
    'another user on the same browser finds nothing of the first',
    async ({ app, browser }) => {
      await app.during(browser, logIn('alice', 'wonderland'))
      await app.during(browser, write('secret', 1))
      await app.during(browser, logIn('bob', 'builder'))
      expect((await app.during(browser, whoIs)).value).toBe('bob')
      expect((await app.during(browser, read('secret'))).value).toBeUndefined()
    },
  ],
  [
    'a visitor who stored nothing gets no cookie',
    async ({ app, browser }) => {
      for (const use of [read('a'), logOut, write('a', undefined)]) {
        expect((await app.during(browser, use)).cookies).toEqual([])
      }
    },
  ],
  [
    'names of every object are none of the session’s',
    async ({ app, browser }) => {
      await app.during(browser, write('a', 1))
      for (const name of ['toString', 'constructor'])
        expect((await app.during(browser, read(name))).value).toBeUndefined()
    },
  ],
]

describe.each(STORAGES)('attacks on the sessions of Remix 3, %s', (_, make, canEndCopies) => {
  test.each(SENTENCES)('%s', async (_sentence, prove) => {
    const storage = make()
    const app = appOver(storage)
    await prove({ storage, app, browser: app.browser(), canEndCopies })
  })
})
