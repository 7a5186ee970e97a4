import {
  type Auth,
  type Authenticator,
  apiKeyAuthenticator,
  createAuth,
  handleRequest,
  memoryRecords,
  protectPaths,
  type RequestAuth,
  sessionAuthenticator,
  storedSessions,
  type UserProvider,
  type Visit,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import {
  ORIGIN,
  opened,
  plain,
  SECRET,
  SESSION_MODES,
  setCookiesOf,
  type TestUser,
  testApp,
  Users,
} from '../app.ts'

type Handle = (auth: RequestAuth<TestUser>) => unknown

/** How a handler of the same app runs inside of another one, for the same request. */
const WAYS: readonly [
  way: string,
  nest: (auth: Auth<TestUser>, request: Request, key: object, inner: Handle) => Promise<Response>,
][] = [
  [
    'withAuth in withAuth',
    (auth, request, _, inner) =>
      withAuth(auth, async (_, own) => answer(await inner(own.auth)), { onError })(request),
  ],
  [
    'handleRequest in handleRequest',
    (auth, request, _, inner) =>
      handleRequest(auth, request, async (own) => answer(await inner(own)), { onError }),
  ],
  [
    'another Request, of which the framework says that it is the same one',
    (auth, { headers }, key, inner) =>
      handleRequest(
        auth,
        new Request(`${ORIGIN}/inner`, { method: 'POST', headers }),
        async (own) => answer(await inner(own)),
        { key, onError },
      ),
  ],
]

const answer = (_: unknown): Response => new Response('ok')
const onError = () => new Response(null, { status: 500 })

describe.each(Object.entries(SESSION_MODES))('one request, opened twice: %s', (_, mode) => {
  describe.each(WAYS)('%s', (_, nest) => {
    /** A browser, each of whose requests runs what the test says. */
    const start = () => {
      const clock = testClock()
      const { auth } = testApp(mode(clock), clock)
      let send: (request: Request) => Promise<Response>
      const browser = new TestBrowser((request) => send(request), ORIGIN)
      /** One request whose handler runs `inner` when it calls its second argument. */
      const run = (
        inner: Handle,
        outer: (auth: RequestAuth<TestUser>, nested: () => Promise<Response>) => unknown,
      ): Promise<Response> => {
        const key = {}
        send = (request) =>
          handleRequest(
            auth,
            request,
            async (own) => answer(await outer(own, () => nest(auth, request, key, inner))),
            { ...(nest === WAYS[2]?.[1] ? { key } : {}), onError },
          )
        return browser.post('/')
      }
      const during = async <T>(use: (auth: RequestAuth<TestUser>) => T | Promise<T>): Promise<T> => {
        let value: T | undefined
        await run(
          () => {},
          async (own) => {
            value = await use(own)
          },
        )
        return value as T
      }
      return {
        run,
        during,
        logIn: () => during((own) => own.login('alice', 'wonderland')),
        whoIs: () => during(async (own) => (await own.authenticate()).userId),
        data: () => during(({ session }) => session.all()),
      }
    }

    test.each<[sentence: string, before: Handle, after: Handle]>([
      ['asked who it was', (auth) => auth.authenticate(), () => {}],
      ['wrote before', ({ session }) => session.set('outer', 1), () => {}],
      ['writes afterwards', () => {}, ({ session }) => session.set('outer', 1)],
      ['renews the id afterwards', (auth) => auth.authenticate(), ({ session }) => session.regenerateId()],
    ])('a logout inside is not undone by the outer handler, which %s', async (_, before, after) => {
      const { run, logIn, whoIs } = start()
      await logIn()
      await run(
        (auth) => auth.logout(),
        async (auth, nested) => {
          await before(auth)
          await nested()
          expect((await auth.authenticate()).userId).toBeNull()
          await after(auth)
        },
      )
      expect(await whoIs()).toBeNull()
    })

    test('a login inside is the outer handler’s too, with what both write, and one cookie', async () => {
      const { run, whoIs, data } = start()
      const response = await run(
        async (auth) => {
          await auth.login('alice', 'wonderland')
          auth.session.set('inner', 1)
        },
        async (auth, nested) => {
          auth.session.set('before', 1)
          expect((await nested()).headers.getSetCookie()).toEqual([])
          expect((await auth.authenticate()).userId).toBe('alice')
          auth.session.set('after', 1)
        },
      )
      expect(response.headers.getSetCookie()).toHaveLength(1)
      expect(await whoIs()).toBe('alice')
      expect(await data()).toEqual({ before: 1, inner: 1, after: 1 })
    })

    test('of an inner handler that throws the outer one may keep what it has done', async () => {
      const { run, data } = start()
      await run(
        ({ session }) => {
          session.set('inner', 1)
          throw new Error('the inner handler broke')
        },
        async ({ session }, nested) => {
          session.set('outer', 1)
          expect((await nested()).status).toBe(500)
        },
      )
      expect(await data()).toEqual({ outer: 1, inner: 1 })
    })

    test('an outer handler that throws discards what the inner one has done, except a logout', async () => {
      const { run, logIn, whoIs, data } = start()
      await logIn()
      const fail = async (_: RequestAuth<TestUser>, nested: () => Promise<Response>) => {
        await nested()
        throw new Error('the outer handler broke')
      }
      await run(({ session }) => session.set('inner', 1), fail)
      expect(await data()).toEqual({})
      expect(await whoIs()).toBe('alice')
      await run((auth) => auth.logout(), fail)
      expect(await whoIs()).toBeNull()
    })

    test('several inner handlers at the same time are one request too', async () => {
      const { run, data } = start()
      let n = 0
      await run(
        ({ session }) => session.set(`inner${n++}`, 1),
        (_, nested) => Promise.all([nested(), nested(), nested()]),
      )
      const all = await data()
      expect(all).toEqual({ inner0: 1, inner1: 1, inner2: 1 })
    })
  })
})

describe('another visitor is another visit, under the same key too', () => {
  const app = testApp()

  test.each<[sentence: string, headers: (own: string, other: string) => Record<string, string>]>([
    ['with another session cookie', (_, other) => ({ cookie: other })],
    ['without one', () => ({})],
    ['with a second one', (own, other) => ({ cookie: `${own}; ${other}` })],
  ])('%s', async (_, headersOf) => {
    const [browser, other] = [app.browser(), app.browser()]
    await app.login(browser, 'alice', 'wonderland')
    await app.login(other, 'bob', 'builder')
    const key = {}
    const open = async (sent: Record<string, string>): Promise<Visit<TestUser>> => {
      const visit = await app.auth.open(new Request(ORIGIN, { method: 'POST', headers: sent }), { key })
      if (visit instanceof Response) throw new Error('refused')
      return visit
    }
    const outer = await open({ cookie: browser.cookieHeader })
    const inner = await open(headersOf(browser.cookieHeader, other.cookieHeader))
    const again = await open(headersOf(browser.cookieHeader, other.cookieHeader))
    expect(inner.auth.session).not.toBe(outer.auth.session)
    // Opened twice, that other visitor is one visit too.
    again.auth.session.set('a', 1)
    expect(await inner.auth.session.get('a')).toBe(1)
    expect(await outer.auth.session.get('a')).toBeUndefined()
    const theme = await open({ cookie: `${browser.cookieHeader}; theme=dark` })
    theme.auth.session.set('b', 1)
    expect(await outer.auth.session.get('b')).toBe(1)
    await inner.auth.logout()
    expect((await outer.auth.authenticate()).userId).toBe('alice')
  })
})

describe('opening and closing', () => {
  const request = () => new Request(ORIGIN, { method: 'POST' })

  test('only the first of those who opened it saves and gives cookies, and its `failed` counts', async () => {
    const { auth } = testApp()
    const same = request()
    const [first, second, third] = [opened(auth, same), opened(auth, same), opened(auth, same)]
    second.auth.session.set('a', 1)
    expect(await second.close({ failed: true })).toEqual({ used: true, cookies: [], isPrivate: true })
    expect(setCookiesOf(await third.close({ failed: true }))).toEqual([])
    expect(setCookiesOf(await first.close({ failed: false }))).toHaveLength(1)
  })

  test('an inner handler that outlives the response changes nothing, and is told so', async () => {
    const { auth } = testApp()
    const same = request()
    const [outer, inner] = [opened(auth, same), opened(auth, same)]
    await outer.auth.login('alice', 'wonderland')
    expect(setCookiesOf(await outer.close({ failed: false }))).toHaveLength(1)
    expect((await inner.auth.authenticate()).userId).toBe('alice')
    expect(() => inner.auth.session.set('late', 1)).toThrow(
      expect.objectContaining({ code: 'session_closed' }),
    )
    expect(setCookiesOf(await inner.close({ failed: true }))).toEqual([])
  })

  describe('where cookies can be set until all are done, the last one to close saves', () => {
    const open = async (auth: Auth<TestUser>, key: object): Promise<Visit<TestUser>> => {
      const visit = await auth.open(request(), { key, lastSaves: true })
      if (visit instanceof Response) throw new Error('refused')
      return visit
    }

    test.each([
      [false, 1],
      [true, 0],
    ])('and the first one’s `failed` counts: %s', async (failed, cookies) => {
      const { auth } = testApp()
      const key = {}
      const [first, second] = [await open(auth, key), await open(auth, key)]
      first.auth.session.set('first', 1)
      expect(setCookiesOf(await first.close({ failed }))).toEqual([])
      second.auth.session.set('second', 1)
      expect(setCookiesOf(await second.close({ failed: !failed }))).toHaveLength(cookies)
      for (const visit of [first, second])
        expect(() => visit.close({ failed: false })).toThrow(expect.objectContaining({ code: 'misuse' }))
    })

    test('also if saving fails first', async () => {
      const { auth } = testApp()
      const key = {}
      const [first, second] = [await open(auth, key), await open(auth, key)]
      await first.close({ failed: false })
      second.auth.session.set('a', 'x'.repeat(5000))
      await expect(second.close({ failed: false })).rejects.toMatchObject({ code: 'session_too_large' })
      expect(setCookiesOf(await second.close({ failed: true }))).toEqual([])
    })

    test('also if a page has read before', async () => {
      const { auth } = testApp()
      const key = {}
      await auth.open(new Request(ORIGIN), { key, readOnly: true })
      const [first, second] = [await open(auth, key), await open(auth, key)]
      expect([first.auth.request.method, second.auth.request.method]).toEqual(['POST', 'POST'])
      await first.close({ failed: false })
      second.auth.session.set('a', 1)
      expect(setCookiesOf(await second.close({ failed: false }))).toHaveLength(1)
    })
  })

  test('a visit that is closed twice is a mistake of the adapter’s, and says so', async () => {
    const { auth } = testApp()
    const read = opened(auth, request())
    await read.close({ failed: false })
    expect(() => read.close({ failed: false })).toThrow(expect.objectContaining({ code: 'misuse' }))
    const same = request()
    const [written, inner] = [opened(auth, same), opened(auth, same)]
    written.auth.session.set('a', 1)
    await inner.close({ failed: false })
    expect(() => inner.close({ failed: false })).toThrow(expect.objectContaining({ code: 'misuse' }))
    await written.close({ failed: false })
    expect(() => written.close({ failed: true })).toThrow(expect.objectContaining({ code: 'misuse' }))
  })

  test('a close that failed can be repeated, and keeps nothing but a logout', async () => {
    const { auth } = testApp()
    const visit = opened(auth, request())
    visit.auth.session.set('a', 'x'.repeat(5000))
    await expect(visit.close({ failed: false })).rejects.toMatchObject({ code: 'session_too_large' })
    expect(setCookiesOf(await visit.close({ failed: true }))).toEqual([])
  })

  test('a response of 200 may stand for a request that has failed: nothing is kept but a logout', async () => {
    const { auth } = testApp()
    const answer = await handleRequest(
      auth,
      request(),
      ({ session }) => {
        session.set('a', 1)
        return new Response('it broke')
      },
      { isFailed: () => true },
    )
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
  })

  test('what was closed is not found again: the same Request is a new visit', async () => {
    const { auth } = testApp()
    const same = request()
    const first = opened(auth, same)
    await first.close({ failed: false })
    const second = opened(auth, same)
    expect(second).not.toBe(first)
    second.auth.session.set('a', 1)
    expect(setCookiesOf(await second.close({ failed: false }))).toHaveLength(1)
  })

  test('two auths in one request do not know each other', async () => {
    const options = { secret: SECRET, origin: ORIGIN, users: new Users().provider, passwords: plain }
    const one = createAuth({ ...options, cookie: { name: 'one' } })
    const two = createAuth({ ...options, cookie: { name: 'two' }, sessions: storedSessions(memoryRecords()) })
    const same = request()
    const [outer, inner, again] = [opened(one, same), opened(two, same), opened(one, same)]
    await again.auth.login('alice', 'wonderland')
    await inner.auth.login('bob', 'builder')
    expect(outer.auth.user?.id).toBe('alice')
    expect(setCookiesOf(await again.close({ failed: false }))).toEqual([])
    const cookies = setCookiesOf(await inner.close({ failed: false }))
    cookies.push(...setCookiesOf(await outer.close({ failed: false })))
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-two', '__Host-one'])
    expect(opened(one, same).auth).not.toBe(outer.auth)
    expect(opened(two, same).auth).not.toBe(inner.auth)
  })

  test('who only reads sees what is open under the key, and takes no part in closing it', async () => {
    const { auth } = testApp()
    const key = {}
    const visit = await auth.open(request(), { key })
    if (visit instanceof Response) throw new Error('refused')
    await visit.auth.login('alice', 'wonderland')
    const reader = await auth.open(new Request(ORIGIN), { key, readOnly: true })
    if (reader instanceof Response) throw new Error('refused')
    expect((await reader.auth.authenticate()).userId).toBe('alice')
    expect(setCookiesOf(await visit.close({ failed: false }))).toHaveLength(1)
  })

  test('an inner handler has its own request, and what it asks for by name is looked for there', async () => {
    const users = new Users()
    const provider = { ...users.provider, findByToken: () => users.named('bob') }
    const { auth } = testApp({ users: provider })
    const key = {}
    const outer = await auth.open(new Request(ORIGIN), { key })
    const headers = { accept: 'application/json', 'x-api-key': 'k' }
    const inner = await auth.open(new Request(`${ORIGIN}/inner`, { headers }), { key })
    if (outer instanceof Response || inner instanceof Response) throw new Error('refused')
    expect(inner.auth.request.url).toBe(`${ORIGIN}/inner`)
    const denied = await inner.auth.requireUser({ redirectTo: '/login' })
    expect([denied?.status, denied?.headers.get('content-type')]).toEqual([401, 'application/json'])
    expect((await inner.auth.authenticateBy(apiKeyAuthenticator())).userId).toBe('bob')
  })

  test.each<[sentence: string, authenticators: readonly Authenticator<TestUser>[], isOne: boolean]>([
    ['a key, where keys count', [apiKeyAuthenticator()], false],
    ['anything, where an authenticator of the app’s own may read it', [{ authenticate: () => null }], false],
    ['what nobody reads', [], true],
    [
      'what an authenticator of the app’s own says that it does not read',
      [{ authenticate: () => null, credentialOf: ({ headers }) => headers.get('x-own') }],
      true,
    ],
  ])(
    'an inner request with another credential is another identity over one session: %s',
    async (_, more, isOne) => {
      const users = new Users()
      const provider = { ...users.provider, findByToken: () => users.named('bob') }
      const app = testApp({ users: provider, authenticators: [...more, sessionAuthenticator()] })
      const browser = app.browser()
      await app.during(browser, (auth) => auth.loginUser(users.named('alice')))
      const key = {}
      const open = async (headers: Record<string, string>): Promise<Visit<TestUser>> => {
        const sent = new Request(ORIGIN, { headers: { cookie: browser.cookieHeader, ...headers } })
        const visit = await app.auth.open(sent, { key })
        if (visit instanceof Response) throw new Error('refused')
        return visit
      }
      const [outer, inner] = [await open({}), await open({ 'x-api-key': 'k' })]
      const byKey = more.some(({ needs }) => needs) ? 'bob' : 'alice'
      expect([(await outer.auth.authenticate()).userId, (await inner.auth.authenticate()).userId]).toEqual([
        'alice',
        byKey,
      ])
      expect(outer.auth.token === inner.auth.token).toBe(isOne)
      await inner.auth.logout()
      await inner.close({ failed: false })
      expect(outer.auth.user).toBeNull()
      outer.auth.session.set('late', 1)
      const [cookie = '', ...others] = setCookiesOf(await outer.close({ failed: false }))
      expect(others).toEqual([expect.stringMatching(/^__Host-session-ended=1\.\d+;/)])
      const after = opened(app.auth, new Request(ORIGIN, { headers: { cookie: cookie.split(';')[0] ?? '' } }))
      expect((await after.auth.authenticate()).userId).toBeNull()
    },
  )

  test('an inner request with the same headers is the same visitor, whatever an authenticator reads', async () => {
    const { auth } = testApp({ authenticators: [sessionAuthenticator(), { authenticate: () => null }] })
    const key = {}
    const headers = { 'x-own': 'k' }
    const [outer, inner] = await Promise.all(
      ['/', '/inner'].map((path) => auth.open(new Request(ORIGIN + path, { headers }), { key })),
    )
    if (!outer || !inner || outer instanceof Response || inner instanceof Response) throw new Error('refused')
    outer.auth.session.set('a', 1)
    expect(await inner.auth.session.get('a')).toBe(1)
  })

  test.each<[sentence: string, denied: unknown]>([
    ['a Response of another realm', { status: 401, headers: new Headers(), body: null }],
    [
      'a promise of another library',
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library is what is tried
      { then: (done: (it: unknown) => void) => done(new Response(null, { status: 401 })) },
    ],
  ])('what a rule of the app’s own answers denies: %s', async (_, denied) => {
    const { auth } = testApp({ protect: (() => denied) as never })
    const opening = await auth.open(request()).valueOf()
    expect('auth' in (opening as object)).toBe(false)
  })

  test.each<[sentence: string, answer: unknown]>([
    ['false', false],
    ['true', true],
    ['a text', 'denied'],
    ['a function', () => null],
    ['an object without a status', {}],
  ])('a rule that answers what is no response lets nobody in: %s', async (_, answered) => {
    const { auth } = testApp({ protect: (() => answered) as never })
    const opening = Promise.resolve(auth.open(request()))
    await expect(opening).rejects.toMatchObject({ code: 'misuse' })
  })

  test.each<[sentence: string, answer: unknown]>([
    ['null', null],
    ['nothing', undefined],
  ])('a rule lets in by %s', async (_, answered) => {
    const { auth } = testApp({ protect: (() => answered) as never })
    expect('auth' in (await auth.open(request()))).toBe(true)
  })

  test.each([
    ['after a saver', false],
    ['after a reader: it saves', true],
  ])('with another credential, %s, the response is private', async (_, readOnly) => {
    const users = new Users()
    const provider = { ...users.provider, findByToken: () => users.named('bob') }
    const { auth } = testApp({
      users: provider,
      authenticators: [apiKeyAuthenticator(), sessionAuthenticator()],
    })
    const key = {}
    const outer = auth.open(request(), { key, readOnly }) as Visit<TestUser>
    const headers = { 'x-api-key': 'k' }
    const inner = auth.open(new Request(ORIGIN, { headers }), { key }) as Visit<TestUser>
    expect((await inner.auth.authenticate()).userId).toBe('bob')
    inner.auth.session.set('a', 1)
    const closings = [await inner.close({ failed: false })]
    if (!readOnly) closings.push(await outer.close({ failed: false }))
    expect(closings.map(({ isPrivate }) => isPrivate)).toEqual(readOnly ? [true] : [true, true])
    expect(closings.map(({ cookies }) => cookies.length)).toEqual(readOnly ? [1] : [0, 1])
    expect((await outer.auth.authenticate()).userId).toBeNull()
  })

  test('a response that cannot carry the session is an error, and no second close', async () => {
    const { auth } = testApp()
    const errors: unknown[] = []
    const answer = await handleRequest(
      auth,
      request(),
      async (own) => {
        await own.login('alice', 'wonderland')
        const closed = {
          get() {
            throw new TypeError('This response can be neither changed nor copied.')
          },
        }
        return Object.defineProperties(new Response('welcome'), { headers: closed, body: closed })
      },
      {
        onError(error) {
          errors.push(error)
          return new Response('sorry', { status: 500 })
        },
      },
    )
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])
    expect(errors).not.toContainEqual(expect.objectContaining({ code: 'misuse' }))
  })

  test('who asks several times at once is told once', async () => {
    let asked = 0
    const users = new Users()
    const provider: UserProvider<TestUser> = {
      ...users.provider,
      async findById(id) {
        asked++
        return users.byId.get(id) ?? null
      },
    }
    const app = testApp({ users: provider })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    asked = 0
    await app.during(browser, async (auth) => {
      const tokens = await Promise.all([auth.authenticate(), auth.authenticate(), auth.authenticate()])
      expect(new Set(tokens).size).toBe(1)
    })
    expect(asked).toBe(1)
  })

  test('what handlers get opens, judges and saves nothing', () => {
    const { auth } = opened(testApp().auth, request())
    for (const name of ['begin', 'open', 'close', 'commit', 'protect', 'checkCrossOrigin'])
      expect(name in auth).toBe(false)
  })
})

describe('a request inside of another is judged by itself', () => {
  const app = testApp({ protect: protectPaths({ include: ['/admin'] }) })
  const key = {}
  const statusOf = async (path: string, headers: Record<string, string> = {}) => {
    const visit = await app.auth.open(new Request(ORIGIN + path, { method: 'POST', headers }), { key })
    return visit instanceof Response ? visit.status : 200
  }

  test.each<[sentence: string, path: string, headers: Record<string, string>, status: number]>([
    ['a protected path', '/admin', {}, 401],
    ['one below it', '/admin/users', {}, 401],
    ['a public one', '/', {}, 200],
    ['one that another site has sent', '/', { origin: 'https://evil.test' }, 403],
  ])('%s', async (_, path, headers, status) => {
    expect(await statusOf('/')).toBe(200)
    expect(await statusOf(path, headers)).toBe(status)
  })
})
