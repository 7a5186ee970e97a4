import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LoginManager, protectPaths, type RequestAuth } from 'latchkey'
import { withSession } from 'latchkey/adapter'
import { withAuth } from 'latchkey/fetch'
import { routerSession, singleFetchPage } from 'latchkey/react-router'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, sessionCookies, type TestUser, testApp, Users } from '../app.ts'
import {
  createFileSessionStorage,
  type LoaderFunctionArgs,
  redirect,
  remix2,
} from './react-router/remix-2.ts'

/** The request handler wrapped, as a server of one's own does it: loaders and actions find `auth` in their context. */
function wrapped(modules: Parameters<typeof remix2>[0]): TestBrowser {
  const handler = remix2(modules)
  const { auth } = testApp({ now: Date.now })
  return new TestBrowser(
    withAuth(auth, (request, { auth }) => handler(request, { auth }), { page: singleFetchPage }),
    ORIGIN,
  )
}

const authOf = ({ context }: LoaderFunctionArgs): RequestAuth<TestUser> =>
  context.auth as RequestAuth<TestUser>
const Page = () => null

const pages = {
  login: {
    default: Page,
    async action(args: LoaderFunctionArgs) {
      const form = await args.request.formData()
      const outcome = await authOf(args).login(form.get('username'), form.get('password'))
      throw redirect(outcome.ok ? '/app' : `/login?error=${outcome.code}`, 303)
    },
  },
  logout: {
    default: Page,
    async action(args: LoaderFunctionArgs) {
      await authOf(args).logout()
      return redirect('/login', 303)
    },
  },
  app: {
    default: Page,
    async loader(args: LoaderFunctionArgs) {
      const { userId } = await authOf(args).authenticate()
      if (userId === null) throw redirect('/login', 303)
      return { userId }
    },
  },
  write: {
    default: Page,
    async action(args: LoaderFunctionArgs) {
      authOf(args).session.set('a', 1)
      if (args.request.headers.has('x-throw')) throw new Error('broke')
      return null
    },
  },
  session: { loader: async (args: LoaderFunctionArgs) => Response.json(await authOf(args).session.all()) },
}

describe('Remix 2, its request handler wrapped in latchkey/fetch', () => {
  const alice = { username: 'alice', password: 'wonderland' }

  test.each(['', '.data'])('logs in and out by an action%s that throws its redirect', async (suffix) => {
    const browser = wrapped(pages)
    const entered = await browser.post(`/login${suffix}`, alice)
    expect(entered.status).toBe(suffix === '' ? 303 : 202)
    expect(entered.headers.getSetCookie()).toHaveLength(1)
    const page = await browser.get(`/app${suffix}`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('alice')])
    expect(page.headers.get('vary')).toMatch(/cookie/i)
    await browser.post(`/logout${suffix}`)
    expect(sessionCookies(browser)).toEqual([])
    expect((await browser.get(`/app${suffix}`)).status).toBe(suffix === '' ? 303 : 202)
  })

  test.each([
    ['/guarded.data', 202],
    ['/guarded.data?_routes=guarded', 202],
    ['/guarded-resource', 401],
  ])('what a script requests: %s', async (where, status) => {
    const loader = async (args: LoaderFunctionArgs) => {
      const denied = await authOf(args).requireUser({ redirectTo: '/login' })
      if (denied) throw denied
      return null
    }
    const browser = wrapped({ guarded: { default: Page, loader }, 'guarded-resource': { loader } })
    const answer = await browser.get(where, { accept: '*/*', 'sec-fetch-mode': 'cors' })
    const says = status === 202 ? '/login?next=%2Fguarded' : 'login_required'
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(says)])
  })

  test.each(['', '.data'])('of an action%s that breaks nothing is kept', async (suffix) => {
    const browser = wrapped(pages)
    expect((await browser.post(`/write${suffix}`, {}, { 'x-throw': '1' })).status).toBe(500)
    expect(await (await browser.get('/session')).json()).toEqual({})
    await browser.post(`/write${suffix}`)
    expect(await (await browser.get('/session')).json()).toEqual({ a: 1 })
  })

  test.each([
    ['/app', 'protected'],
    ['/app.data', 'protected'],
    ['/app.data.data', 'protected'],
    ['/app.data?_routes=app', 'protected'],
    ['/login', 'open'],
    ['/login.data', 'open'],
    ['/login.data.data', 'protected'],
    ['/_.data', 'protected'],
    ['/_root.data', 'protected'],
    ['/%5Froot.data', 'protected'],
  ])('a rule by path: %s is %s', async (path, expected) => {
    const { auth } = testApp({ now: Date.now, protect: protectPaths({ exclude: ['/login'] }) })
    const handler = remix2({
      app: { default: Page, loader: () => 'MARKER' },
      login: { default: Page, loader: () => 'MARKER' },
      ':slug': { default: Page, loader: () => 'MARKER' },
    })
    const handle = withAuth(auth, (request, { auth }) => handler(request, { auth }), {
      page: singleFetchPage,
    })
    const answer = await handle(new Request(ORIGIN + path))
    expect((await answer.text()).includes('MARKER')).toBe(expected === 'open')
  })

  test('a form of another site does not arrive', async () => {
    const browser = wrapped(pages)
    expect((await browser.post('/login', alice, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(sessionCookies(browser)).toEqual([])
  })
})

describe('Remix 2, with the sessions that it has', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-remix-2-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const storage = createFileSessionStorage({ dir, cookie: { name: '__session', secrets: ['s3cret'] } })
  const manager = new LoginManager({ secret: SECRET, users: new Users().provider, passwords: plain })

  const browserOf = () =>
    new TestBrowser(
      remix2({
        login: {
          async action({ request }: LoaderFunctionArgs) {
            const visit = routerSession(storage, request)
            const form = await request.formData()
            const context = { request, session: visit.session }
            const outcome = await manager.login(context, form.get('username'), form.get('password'))
            const answer = redirect(outcome.ok ? '/app' : `/login?error=${outcome.code}`, 303)
            return withSession(answer, await visit.commit())
          },
        },
        logout: {
          async action({ request }: LoaderFunctionArgs) {
            const visit = routerSession(storage, request)
            await manager.logout({ request, session: visit.session })
            return withSession(redirect('/login', 303), await visit.commit())
          },
        },
        app: {
          default: Page,
          async loader({ request }: LoaderFunctionArgs) {
            const { session } = routerSession(storage, request)
            return { user: (await manager.authenticate({ request, session })).userId }
          },
        },
      }),
      ORIGIN,
    )

  test('logs in and out', async () => {
    const browser = browserOf()
    const entered = await browser.post('/login', { username: 'alice', password: 'wonderland' })
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/app'])
    expect(await (await browser.get('/app')).text()).toContain('alice')
    const thief = browser.copy()
    await browser.post('/logout')
    expect(sessionCookies(browser)).toEqual([])
    expect(await (await browser.get('/app')).text()).not.toContain('alice')
    expect(await (await thief.get('/app')).text()).not.toContain('alice')
  })

  test('a wrong password sets no cookie', async () => {
    const answer = await browserOf().post('/login', { username: 'alice', password: 'wrong' })
    expect([answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual([
      '/login?error=invalid_credentials',
      [],
    ])
  })
})
