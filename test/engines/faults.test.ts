import { createClient } from '@redis/client'
import { createAuth, storedSessions } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser } from 'latchkey/testing'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, sessionCookies, Users } from '../app.ts'
import { type OpenedStore, openStore } from './open.ts'
import { OwnServer, obstacleTo } from './own-server.ts'
import { describeWhere } from './reach.ts'
import { TcpProxy } from './tcp-proxy.ts'

const LIMIT_SECONDS = 0.5
/** What an answer may take beyond the limit: this machine is busy with other tests. */
const MARGIN_SECONDS = 0.4

/** Makes the engine refuse writes and answer reads, as a replica does after half a failover; and undoes it. */
const READ_ONLY: Record<'redis' | 'postgres' | 'mysql', (url: string, isOn: boolean) => Promise<void>> = {
  async redis(url, isOn) {
    const client = await createClient({ url }).connect()
    await client.configSet('min-replicas-to-write', isOn ? '1' : '0')
    client.destroy()
  },
  async postgres(url, isOn) {
    const client = new Pg.Client(url)
    await client.connect()
    // By the user, so that connections that are open already see it at their next statement as well.
    await client.query(isOn ? 'REVOKE ALL ON places FROM app' : 'GRANT ALL ON places TO app')
    if (isOn) await client.query('GRANT SELECT ON places TO app')
    await client.end()
  },
  async mysql(url, isOn) {
    const client = await mysql.createConnection(url)
    await client.query(`SET GLOBAL read_only = ${isOn ? 1 : 0}`)
    await client.end()
  },
}

/** A user of the app's own: what refuses writes would let an administrator pass. */
const APP_USER: Record<'redis' | 'postgres' | 'mysql', (url: string) => Promise<string>> = {
  redis: async (url) => url,
  async postgres(url) {
    const client = new Pg.Client(url)
    await client.connect()
    await client.query('CREATE ROLE app LOGIN')
    await client.query('GRANT ALL ON places TO app')
    await client.end()
    return url.replace('postgres://postgres@', 'postgres://app@')
  },
  async mysql(url) {
    const client = await mysql.createConnection(url)
    await client.query("CREATE USER app@'%'")
    await client.query("GRANT ALL ON app.* TO app@'%'")
    await client.end()
    return url.replace('//root@', '//app@')
  },
}

for (const engine of ['redis', 'postgres', 'mysql'] as const) {
  describeWhere(obstacleTo(engine), `an engine in trouble: ${engine}`, () => {
    let server: OwnServer
    let proxy: TcpProxy
    let store: OpenedStore
    let visit: (browser: TestBrowser, path: string) => Promise<Answer>
    let browser: TestBrowser
    let handle: (request: Request) => Promise<Response>
    const strays: unknown[] = []
    const stray = (error: unknown): void => void strays.push(error)

    beforeAll(async () => {
      process.on('unhandledRejection', stray)
      process.on('uncaughtExceptionMonitor', stray)
      server = await OwnServer.start(engine)
      if (engine === 'mysql') {
        const client = await mysql.createConnection(server.url)
        await client.query('CREATE DATABASE app')
        await client.end()
      }
      const direct = server.url.replace(/mysql$/, 'app')
      const owner = await openStore(engine, { place: 'places', url: direct })
      await owner.setUp()
      await owner.close()
      proxy = await TcpProxy.to({ host: '127.0.0.1', port: server.port })
      const url = (await APP_USER[engine](direct)).replace(`:${server.port}`, `:${proxy.port}`)
      store = await openStore(engine, { place: 'places', url })
      const auth = createAuth({
        secret: SECRET,
        origin: ORIGIN,
        users: new Users().provider,
        passwords: plain,
        sessions: storedSessions(store.records),
        timeLimitSeconds: LIMIT_SECONDS,
        throttle: false,
      })
      handle = withAuth(
        auth,
        async (request, { auth: current }) => {
          const { pathname } = new URL(request.url)
          if (pathname === '/login') return Response.json((await current.login('alice', 'wonderland')).ok)
          if (pathname === '/logout') await current.logout()
          const { userId } = await current.authenticate()
          if (pathname === '/write') current.session.set('a', 1)
          return Response.json(userId)
        },
        { onError: () => undefined },
      )
      visit = async (who, path) => {
        const began = performance.now()
        const response = await who.visit(path, { method: path === '/' ? 'GET' : 'POST' })
        const seconds = (performance.now() - began) / 1000
        const isJson = response.headers.get('content-type')?.includes('json')
        return { status: response.status, user: isJson ? await response.json() : undefined, seconds }
      }
    })

    afterAll(async () => {
      await store?.close()
      await proxy?.close()
      await server?.dispose()
      process.off('unhandledRejection', stray)
      process.off('uncaughtExceptionMonitor', stray)
      expect(strays).toEqual([])
    })

    const comesBack = async (who: TestBrowser): Promise<void> => {
      const givenUp = Date.now() + 20_000
      for (;;) {
        const { status, user } = await visit(who, '/')
        if (status === 200) return expect(user).toBe('alice')
        if (Date.now() > givenUp) throw new Error('the good cookie does not work again')
      }
    }

    beforeEach(async () => {
      browser = new TestBrowser(handle, ORIGIN)
      const givenUp = Date.now() + 20_000
      while ((await visit(browser, '/login')).status !== 200)
        if (Date.now() > givenUp) throw new Error('no login although all is well')
    })

    const TROUBLES: readonly (readonly [name: string, begin: () => unknown, end: () => unknown])[] = [
      ['refuses connections', () => proxy.set('refuse'), () => proxy.set('pass')],
      ['does not answer', () => proxy.set('hang'), () => proxy.set('pass')],
      ['breaks connections', () => proxy.set('reset'), () => proxy.set('pass')],
      ['answers garbage', () => proxy.set('garbage'), () => proxy.set('pass')],
      ['is frozen (SIGSTOP)', () => server.freeze(), () => server.thaw()],
      ['was killed (SIGKILL)', () => server.kill(), () => server.start()],
    ]

    describe.each(TROUBLES)('that %s', (_, begin, end) => {
      afterEach(() => end())

      test('authenticates nobody, drops nothing, answers in time, and is well again afterwards', async () => {
        const [leaving, writing] = [browser.copy(), browser.copy()]
        const held = new Map(browser.cookies)
        await begin()
        const answers: Record<string, Answer> = {
          look: await visit(browser, '/'),
          write: await visit(writing, '/write'),
          login: await visit(new TestBrowser(handle, ORIGIN), '/login'),
          loginAgain: await visit(browser.copy(), '/login'),
          logout: await visit(leaving, '/logout'),
        }
        const stranger = await visit(new TestBrowser(handle, ORIGIN), '/')
        for (const [name, { status, seconds }] of Object.entries(answers)) {
          expect([name, status]).toEqual([name, 503])
          expect([name, seconds < LIMIT_SECONDS + MARGIN_SECONDS, seconds]).toEqual([name, true, seconds])
        }
        expect(stranger).toMatchObject({ status: 200, user: null })
        // A good cookie is kept; whoever logs out is rid of his.
        expect(browser.cookies).toEqual(held)
        expect(writing.cookies).toEqual(held)
        expect(sessionCookies(leaving)).toEqual([])
        await end()
        const fresh = new TestBrowser(handle, ORIGIN)
        const givenUp = Date.now() + 20_000
        while ((await visit(fresh, '/login')).status !== 200)
          if (Date.now() > givenUp) throw new Error('no login although all is well again')
        await comesBack(fresh)
      })

      test('takes good cookies again, without a new login', async () => {
        await begin()
        expect((await visit(browser, '/')).status).toBe(503)
        await end()
        await comesBack(browser)
      })
    })

    describe('that answers reads and refuses writes', () => {
      afterEach(() => READ_ONLY[engine](server.url, false))

      test('lets users read; logins, writes and logouts fail, and say so', async () => {
        const [leaving, writing] = [browser.copy(), browser.copy()]
        await READ_ONLY[engine](server.url.replace(/mysql$/, 'app'), true)
        expect(await visit(browser, '/')).toMatchObject({ status: 200, user: 'alice' })
        expect((await visit(writing, '/write')).status).toBe(503)
        const stranger = new TestBrowser(handle, ORIGIN)
        expect((await visit(stranger, '/login')).status).toBe(503)
        expect(sessionCookies(stranger)).toEqual([])
        expect((await visit(leaving, '/logout')).status).toBe(503)
        expect(sessionCookies(leaving)).toEqual([])
        await READ_ONLY[engine](server.url.replace(/mysql$/, 'app'), false)
        await comesBack(browser)
      })
    })
  })
}

interface Answer {
  readonly status: number
  readonly user: unknown
  readonly seconds: number
}
