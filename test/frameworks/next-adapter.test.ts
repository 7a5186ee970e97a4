import { createRequire } from 'node:module'
import {
  createAuth,
  type DeviceList,
  memoryRecords,
  type RequestAuth,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import { type Cookie, serializeCookie } from 'latchkey/adapter'
import { latchkey, type Visitor } from 'latchkey/next'
import type { TestBrowser } from 'latchkey/testing'
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { keepCookie } from '../../adapters/next/cookie-jar.ts'
import { visitorOf } from '../../adapters/next/visitor.ts'
import { ORIGIN, opened, plain, SECRET, sessionCookies, setCookiesOf, type TestUser, Users } from '../app.ts'
import { serveApp } from './next/serve.ts'
import { type Story, storyOver, submit, type Way } from './next/story-client.ts'

const ADA = { name: 'ada', password: 'secret of ada' }
const WAYS: readonly Way[] = ['form', 'script']

let story: Story
beforeAll(async () => {
  story = await storyOver(await serveApp('story', ['src', 'adapters/next']))
}, 300_000)
afterAll(() => story?.close())
afterEach(() => vi.restoreAllMocks())

/** What Next prints of errors, which it keeps from the client. */
function printed(): () => string {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const text = (value: unknown): string =>
    value instanceof Error && 'code' in value ? `${value} ${value.code}` : String(value)
  return () => spy.mock.calls.flat().map(text).join('\n')
}

const logIn = (browser: TestBrowser, fields: Record<string, string> = ADA, way: Way = 'form') =>
  submit(browser, 'logIn', { way, fields })
const sessionOf = async (browser: TestBrowser) => (await browser.get('/api/session')).json()
const whoIs = async (browser: TestBrowser) => (await (await browser.get('/api/who')).json()).userId
const pageOf = async (browser: TestBrowser, path = '/account') => (await browser.get(path)).text()

describe('Server Actions', () => {
  test('a login by form redirects with the session', async () => {
    const browser = story.browser()
    const answer = await logIn(browser)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account'])
    const [cookie = '', ...others] = answer.headers.getSetCookie()
    expect(others).toEqual([])
    expect(
      cookie
        .replace(/=[^;]+/, '=…')
        .split('; ')
        .toSorted(),
    ).toEqual(['HttpOnly', 'Path=/', 'SameSite=lax', 'Secure', '__Host-session=…'].toSorted())
    expect(await pageOf(browser)).toContain('<!-- -->Name of ada</h1>')
    expect(await whoIs(browser)).toBe('ada')
  })

  test('a login by script comes back with the page, rendered for the user', async () => {
    const browser = story.browser()
    const answer = await logIn(browser, ADA, 'script')
    expect([answer.status, answer.headers.get('x-action-redirect')]).toEqual([200, '/account;push'])
    expect(await answer.text()).toContain('Name of ada')
    expect(await whoIs(browser)).toBe('ada')
  })

  test.each(WAYS)('what is rendered right after an action knows what it did: %s', async (way) => {
    const browser = story.browser()
    const answer = await submit(browser, 'logInAndStay', { way, fields: ADA })
    expect(await answer.text()).toContain('Name of ada')
  })

  test.each(WAYS)('wrong password: the code, and no cookie: %s', async (way) => {
    const browser = story.browser()
    const answer = await logIn(browser, { ...ADA, password: 'wrong' }, way)
    const to = answer.headers.get('location') ?? answer.headers.get('x-action-redirect')
    expect(to).toMatch(/^\/login\?error=invalid_credentials(;push)?$/)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([
    ['/account?a=1', '/account?a=1'],
    ['//evil.example', '/account'],
    ['https://app.test/x', '/x'],
  ])('the way back after a login: %s', async (next, location) => {
    expect((await logIn(story.browser(), { ...ADA, next })).headers.get('location')).toBe(location)
  })

  test.each(WAYS)('a logout takes the cookie away: %s', async (way) => {
    const browser = story.browser()
    await logIn(browser)
    const [cookie] = (await submit(browser, 'logOut', { way })).headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-session=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure;/,
    )
    expect(sessionCookies(browser)).toEqual([])
    expect(await pageOf(browser)).toContain('<!-- -->nobody</h1>')
  })

  describe('an action that calls another action is one request', () => {
    test.each([
      ['askAndLogOut', 'form'],
      ['askAndLogOut', 'script'],
      ['writeAndLogOut', 'form'],
      ['writeAndLogOut', 'script'],
    ] as const)('the logout inside holds: %s, %s', async (action, way) => {
      const browser = story.browser()
      await logIn(browser)
      expect(namesIn(await submit(browser, action, { way }))).toEqual(LOGGED_OUT)
      expect(await whoIs(browser)).toBeNull()
    })

    test.each(WAYS)('the login inside holds, and what both wrote: %s', async (way) => {
      const browser = story.browser()
      await submit(browser, 'writeAndLogIn', { way, fields: ADA })
      expect(await whoIs(browser)).toBe('ada')
      expect(await sessionOf(browser)).toEqual({ outer: 1 })
    })

    test('the outer action decides what is kept of one inside that threw', async () => {
      const browser = story.browser()
      await submit(browser, 'catchAndWrite')
      expect(await sessionOf(browser)).toEqual({ lost: 1, outer: 1 })
    })

    test('so is a route handler that calls an action', async () => {
      const browser = story.browser()
      await logIn(browser)
      const answer = await browser.post('/api/out')
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login'])
      expect(namesIn(answer)).toEqual(LOGGED_OUT)
      expect(await whoIs(browser)).toBeNull()
    })
  })

  test.each([
    ['writeAndRedirect', 'form', 303],
    ['writeAndRedirect', 'script', 200],
    ['writeAndNotFound', 'form', 404],
    ['writeAndNotFound', 'script', 404],
  ] as const)('what is thrown as an answer carries the session: %s, %s', async (action, way, status) => {
    const browser = story.browser()
    expect((await submit(browser, action, { way })).status).toBe(status)
    expect(await sessionOf(browser)).toEqual({ kept: 1 })
  })

  test.each(WAYS)('of an action that breaks, nothing is kept: %s', async (way) => {
    printed()
    const browser = story.browser()
    await logIn(browser)
    const answer = await submit(browser, 'writeAndThrow', { way })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])
    expect([await sessionOf(browser), await whoIs(browser)]).toEqual([{}, 'ada'])
  })

  test.each(
    WAYS.flatMap((way) =>
      (['logOutAndThrow', 'logOutAndWriteTooMuch'] as const).map((action) => [action, way] as const),
    ),
  )('but a logout is: %s, %s', async (action, way) => {
    printed()
    const browser = story.browser()
    await logIn(browser)
    expect((await submit(browser, action, { way })).status).toBe(500)
    expect(sessionCookies(browser)).toEqual([])
  })

  test.each(WAYS)('a session that cannot be saved is an error, not a redirect: %s', async (way) => {
    const errors = printed()
    const browser = story.browser()
    await logIn(browser)
    const answer = await submit(browser, 'writeTooMuch', { way })
    expect([answer.status, answer.headers.get('location')]).toEqual([500, null])
    expect(errors()).toContain('of 4096')
    expect(await whoIs(browser)).toBe('ada')
  })

  test('sets a cookie only when it changed, so that the router keeps its pages', async () => {
    const browser = story.browser()
    await logIn(browser)
    const read = await submit(browser, 'readOnly', { way: 'script' })
    expect([read.headers.getSetCookie(), read.headers.get('x-action-revalidated')]).toEqual([[], null])
    const written = await submit(browser, 'writeAndRedirect', { way: 'script' })
    expect(written.headers.getSetCookie()).toHaveLength(1)
    expect(written.headers.get('x-action-revalidated')).not.toBeNull()
  })

  test.each(WAYS)('of another site are refused by name: %s', async (way) => {
    const errors = printed()
    const browser = story.browser()
    await logIn(browser)
    const headers = { 'sec-fetch-site': 'cross-site' }
    const answer = await submit(browser, 'logOut', { way, headers })
    expect(answer.status).toBe(500)
    expect(errors()).toMatch(/LatchkeyError.* cross_origin_refused/)
    expect(await whoIs(browser)).toBe('ada')
  })

  test.each([
    ['https://app.test', 303, null],
    // Next looks at hosts alone, and would let this pass.
    ['http://app.test', 500, 'ada'],
  ])('without Sec-Fetch-Site it is the origin that decides: %s', async (origin, status, user) => {
    printed()
    const browser = story.browser()
    await logIn(browser)
    const headers = { 'sec-fetch-site': '', origin }
    expect((await submit(browser, 'logOut', { headers })).status).toBe(status)
    expect(await whoIs(browser)).toBe(user)
  })

  test('called while a page renders: an error by name, and no cookie', async () => {
    const answer = await story.browser().get('/renders-action')
    expect(await answer.text()).toContain('<pre id="answer">LatchkeyError misuse</pre>')
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('Server Components', () => {
  test('layout, page and metadata ask once', async () => {
    const browser = story.browser()
    await logIn(browser)
    const before = story.lookups()
    const html = await pageOf(browser)
    expect(story.lookups() - before).toBe(1)
    expect(html).toContain('<title>Name of ada</title>')
    expect(html).toContain('<nav>Name of ada</nav>')
    await pageOf(browser)
    expect(story.lookups() - before).toBe(2)
  })

  test('whatever would write is an error by name', async () => {
    const html = await pageOf(story.browser(), '/writes')
    const answers = JSON.parse(
      (/<pre id="answers">(.*?)<\/pre>/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"'),
    ) as string[][]
    expect(answers).toHaveLength(9)
    for (const [, ...error] of answers) expect(error).toEqual(['LatchkeyError', 'misuse'])
  })

  test('and by type', () => {
    expectTypeOf<Visitor<TestUser, undefined>['devices']>().toEqualTypeOf<undefined>()
    expectTypeOf<Visitor<TestUser, DeviceList>['devices']>().toHaveProperty('listSessions')
    const read = (visitor: Visitor<TestUser>): void => {
      expectTypeOf(visitor.user).toEqualTypeOf<TestUser | null>()
      // @ts-expect-error a component logs nobody out
      visitor.logout()
      // @ts-expect-error nor in
      visitor.login('a', 'b')
      // @ts-expect-error nor does it write to the session
      visitor.session.set('a', 1)
      // @ts-expect-error or end it
      visitor.session.clear()
    }
    expectTypeOf(read).toBeFunction()
  })

  test('a list of devices can be read, and no device ended', async () => {
    const auth = createAuth<TestUser, DeviceList>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
      sessions: storedSessions(memoryRecords()),
    })
    const first = opened(auth, new Request(ORIGIN))
    await first.auth.login('alice', 'wonderland')
    const [cookie = ''] = setCookiesOf(await first.close({ failed: false }))
    const second = opened(auth, new Request(ORIGIN, { headers: { cookie: cookie.split(';')[0] ?? '' } }))
    const { devices } = await visitorOf(second.auth)
    expect(await devices.listSessions()).toMatchObject([{ current: true }])
    expect(() => Reflect.get(devices, 'revokeAll')).toThrow('auth.devices.revokeAll')
  })

  test('nothing about the session is written', async () => {
    const browser = story.browser()
    await logIn(browser)
    expect((await browser.get('/account')).headers.getSetCookie()).toEqual([])
  })
})

/** A page, the same for the router, and its prefetch of it, which renders nothing of what is not for all. */
const ASKED = [
  ['/account', {}, true],
  ['/account', { rsc: '1' }, true],
  ['/account', { rsc: '1', 'next-router-prefetch': '1' }, false],
] as const

/** The router puts a hash of its headers into the path; without it, Next says what it is. */
async function follow(
  browser: TestBrowser,
  path: string,
  headers: Record<string, string>,
): Promise<Response> {
  const answer = await browser.get(path, headers)
  return answer.status === 307 ? browser.get(answer.headers.get('location') ?? '', headers) : answer
}

describe('caching', () => {
  test('a page that reads the session is made for each request, and kept by nobody', async () => {
    for (const browser of [story.browser(), story.browser()]) {
      await logIn(browser)
      for (const [path, headers, isRendered] of ASKED) {
        const answer = await follow(browser, path, headers)
        expect(answer.headers.get('cache-control')).toMatch(/private.*no-store/)
        expect(answer.headers.get('x-nextjs-cache')).toBeNull()
        expect((await answer.text()).includes('Name of ada')).toBe(isRendered)
      }
    }
    expect(await pageOf(story.browser())).not.toContain('Name of ada')
  })

  test('a page that does not read it stays static', async () => {
    const answer = await story.browser().get('/public')
    expect(answer.headers.get('cache-control')).toContain('s-maxage')
  })

  test.each(['/frozen', '/api/frozen'])(
    'made for all by force, it is told that there is nobody: %s',
    async (path) => {
      const browser = story.browser()
      await logIn(browser)
      const answer = await browser.get(path)
      expect(await answer.text()).toContain('LatchkeyError: There is no request here')
      expect(answer.headers.getSetCookie()).toEqual([])
    },
  )

  test('a handler that says public is overruled once it sets our cookie', async () => {
    const browser = story.browser()
    const answer = await browser.get('/api/answers?as=public')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
    expect(answer.headers.get('vary')).toContain('Cookie')
  })
})

describe('route handlers', () => {
  test.each([
    ['GET', 'redirect', 307, '/account?a=1;b=2'],
    ['POST', 'redirect', 303, '/account?a=1;b=2'],
    ['GET', 'permanent', 308, '/account'],
    ['GET', 'not-found', 404, null],
    ['POST', 'not-found', 404, null],
  ])('%s: what %s throws is an answer with the session', async (method, as, status, location) => {
    const browser = story.browser()
    const answer = await browser.visit(`/api/answers?as=${as}`, { method })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location])
    expect(await sessionOf(browser)).toEqual({ kept: 1 })
  })

  test('anything else is an error, and nothing is kept', async () => {
    printed()
    const browser = story.browser()
    expect((await browser.get('/api/answers?as=error')).status).toBe(500)
    expect(sessionCookies(browser)).toEqual([])
  })

  test('cookies of the app’s own arrive beside ours, which keeps its attributes', async () => {
    const answer = await story.browser().get('/api/answers?as=cookies')
    const [ours = '', own] = answer.headers.getSetCookie()
    expect(own).toBe('own=1; Path=/')
    for (const attribute of ['__Host-session=', 'Path=/', 'Secure', 'HttpOnly', 'SameSite=lax'])
      expect(ours).toContain(attribute)
  })

  test('have the parameters of their path', async () => {
    expect(await (await story.browser().get('/api/things/7')).json()).toEqual({ id: '7' })
  })

  test('take a request of Next’s own kind, with its body', async () => {
    const browser = story.browser()
    await browser.visit('/api/session?key=cart', { method: 'POST', json: [1] })
    expect(await sessionOf(browser)).toEqual({ cart: [1] })
  })

  test('refuse another site', async () => {
    const answer = await story
      .browser()
      .visit('/api/session?key=a', { method: 'POST', json: 1, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(answer.status).toBe(403)
  })
})

/** What a script sends by `fetch(url)`. */
const SCRIPT = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

describe('proxy', () => {
  test.each([
    [
      'a browser is sent to log in, with the page it wanted',
      '/guarded/a?b=1',
      'GET',
      {},
      303,
      '/login?next=%2Fguarded%2Fa%3Fb%3D1',
    ],
    [
      'so is the router of Next, whose own parameter is no part of it',
      '/guarded/a?b=1&_rsc=x',
      'GET',
      { rsc: '1', 'next-url': '/', ...SCRIPT },
      303,
      '/login?next=%2Fguarded%2Fa%3Fb%3D1',
    ],
    ['after a form there is no way back to a page', '/guarded/a', 'POST', {}, 303, '/login'],
    ['a program is told 401', '/guarded/a', 'GET', { accept: 'application/json' }, 401, null],
    ['so is a script', '/guarded/a', 'GET', SCRIPT, 401, null],
    ['so is an image', '/guarded/a', 'GET', { accept: 'image/*', 'sec-fetch-dest': 'image' }, 401, null],
    [
      'a preflight is allowed nothing',
      '/guarded/a',
      'OPTIONS',
      { ...SCRIPT, origin: 'https://spa.test', 'access-control-request-method': 'POST' },
      204,
      null,
    ],
    ['so is everybody where no login page is named', '/guarded/api', 'GET', {}, 401, null],
  ])('%s', async (_, path, method, headers, status, location) => {
    const answer = await story.browser().visit(path, { method, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location])
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('a user passes, and is known', async () => {
    const browser = story.browser()
    await logIn(browser)
    const answer = await browser.get('/guarded/a')
    expect(await answer.text()).toBe('early: ada')
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

/** The session cookie is removed, and the browser is told when the session ended. */
const LOGGED_OUT = ['__Host-session', '__Host-session-ended']

function namesIn(answer: Response): string[] {
  return answer.headers.getSetCookie().map((cookie) => cookie.replace(/=.*/, ''))
}

describe('without an origin in the configuration', () => {
  test('what was asked for decides on the cookie, the same everywhere', async () => {
    const browser = story.browser('http://localhost:3000')
    const [cookie = ''] = (await logIn(browser)).headers.getSetCookie()
    expect(cookie).toMatch(/^session-[0-9a-f]{4}=/)
    expect(cookie).not.toContain('Secure')
    expect(await pageOf(browser)).toContain('<nav>Name of ada</nav>')
    expect(await whoIs(browser)).toBe('ada')
    expect(await (await browser.get('/guarded/a')).text()).toBe('early: ada')
  })
})

describe('cookies of others', () => {
  test('a second one with our name, from elsewhere, hides ours nowhere', async () => {
    const browser = story.browser('http://localhost:3000')
    await logIn(browser)
    const [name] = sessionCookies(browser)
    for (const cookie of [
      `${name}=planted; ${browser.cookieHeader}`,
      `${browser.cookieHeader}; ${name}=planted`,
    ]) {
      expect(await (await browser.get('/account', { cookie })).text()).toContain('<nav>Name of ada</nav>')
      expect((await (await browser.get('/api/who', { cookie })).json()).userId).toBe('ada')
    }
  })

  test('what is encoded in one brings no other along', async () => {
    const browser = story.browser()
    await logIn(browser)
    const cookie = `x=${encodeURIComponent(`1; ${browser.cookieHeader}`)}`
    expect(await (await browser.get('/account', { cookie })).text()).toContain('<nav>Anonymous</nav>')
  })
})

describe('the jar of Next', () => {
  interface Jar {
    set(name: string, value: string, attributes: object): unknown
    toString(): string
  }
  const require = createRequire(new URL('./next/package.json', import.meta.url))
  const {
    ResponseCookies,
  }: {
    ResponseCookies: new (headers: Headers) => Jar
  } = require('next/dist/server/web/spec-extension/cookies')

  const attributesOf = (line: string): string[] =>
    line
      .split('; ')
      .map((part) => (part.startsWith('Expires=') ? 'expires' : part.toLowerCase()))
      .toSorted()

  const COOKIES = [
    {},
    { maxAgeSeconds: 600 },
    { path: '/a=b', sameSite: 'strict' },
    { domain: 'app.test', sameSite: 'none' },
    { partitioned: true },
    { insecure: true },
  ] as const

  test.each(COOKIES)('keeps every attribute: %o', async (cookie) => {
    const auth = createAuth<TestUser>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
      sessions: sealedSessions(),
      cookie,
    })
    const cookieOf = async (work: (auth: RequestAuth<TestUser>) => unknown, sent = ''): Promise<Cookie> => {
      const visit = opened(auth, new Request(ORIGIN, { headers: { cookie: sent } }))
      await work(visit.auth)
      return (await visit.close({ failed: false })).cookies[0] as Cookie
    }
    const set = await cookieOf(({ session }) => session.set('a', 1))
    const expired = await cookieOf(({ session }) => session.clear(), `${set.name}=${set.value}`)
    for (const kept of [set, expired]) {
      const jar = new ResponseCookies(new Headers())
      keepCookie(jar as never, kept)
      const line = serializeCookie(kept)
      // Next adds `Expires` to `Max-Age`.
      const added = /max-age=(?!0)/i.test(line) ? ['expires'] : []
      expect(attributesOf(jar.toString())).toEqual([...attributesOf(line), ...added].toSorted())
    }
  })
})

test('a function in place of the auth is called once, at the first request, not when the app is loaded', async () => {
  let made = 0
  const auth = latchkey(() => {
    made++
    return createAuth<TestUser>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
    })
  })
  const handler = auth.route(() => new Response('ok'))
  expect(made).toBe(0)
  const request = new Request(ORIGIN, { headers: { host: 'app.test' } })
  for (let i = 0; i < 2; i++)
    expect((await handler(request, { params: Promise.resolve({}) })).status).toBe(200)
  expect(made).toBe(1)
})

test('200 users, 10,000 interleaved requests: no answer names another', async () => {
  const browsers = Array.from({ length: 200 }, (_, i) => ({ id: `u${i}`, browser: story.browser() }))
  for (const { id, browser } of browsers)
    await submit(browser, 'logIn', { fields: { name: id, password: `secret of ${id}` } })
  let wrong = 0
  const ask = async ({ id, browser }: (typeof browsers)[number], round: number): Promise<void> => {
    // Every tenth is a page, the others are handlers.
    const text = await (await browser.get(round % 10 === 0 ? '/account' : '/api/who')).text()
    const names = new Set(Array.from(text.matchAll(/Name of (\w+)/g), ([, name]) => name))
    if (names.size !== 1 || !names.has(id)) wrong++
  }
  for (let round = 0; round < 50; round++) await Promise.all(browsers.map((one) => ask(one, round)))
  expect(wrong).toBe(0)
}, 300_000)

describe('API routes of the Pages Router, by latchkey/node', () => {
  test('know the user of the same session, and end it', async () => {
    const browser = story.browser()
    expect((await browser.get('/api/me')).status).toBe(401)
    await logIn(browser)
    expect(await (await browser.get('/api/me')).json()).toEqual({ userId: 'ada' })
    const forged = await browser.post(
      '/api/me',
      {},
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
    )
    expect(forged.status).toBe(403)
    expect(await whoIs(browser)).toBe('ada')
    expect((await browser.post('/api/me')).status).toBe(401)
    expect(await whoIs(browser)).toBeNull()
  })
})
