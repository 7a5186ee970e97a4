import { inspect } from 'node:util'
import { Hono } from 'hono'
import {
  type DeviceList,
  type IndexedSessionOptions,
  memoryRecords,
  type RecordStore,
  type RequestAuth,
  sealedSessions,
  storedSessions,
  type UserProvider,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { type AuthVariables, latchkey } from 'latchkey/hono'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, type TestApp, type TestUser, testApp, Users } from '../app.ts'

const MARKER = 'postgres://app:s3cret@db.internal SELECT * FROM users'

/** An engine that a test can break. */
function breakable<T extends object>(
  inner: T,
): { engine: T; mend(): void; fail(): void; hang(): void; failWrites(): void } {
  let mode: 'ok' | 'fail' | 'hang' | 'fail-writes' = 'ok'
  const engine = new Proxy(inner, {
    get: (target, name) => {
      const method = target[name as keyof T]
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        if (mode === 'hang') return new Promise(() => {})
        const isWrite = ['create', 'update', 'delete', 'supersede'].includes(String(name))
        if (mode === 'fail' || (mode === 'fail-writes' && isWrite)) throw new Error(MARKER)
        return method.apply(target, args)
      }
    },
  })
  const to = (next: typeof mode) => () => {
    mode = next
  }
  return { engine, mend: to('ok'), fail: to('fail'), hang: to('hang'), failWrites: to('fail-writes') }
}

const ENGINES = {
  'the record store of stored sessions': () => {
    const { engine, ...control } = breakable<RecordStore>(memoryRecords())
    return {
      app: testApp({ sessions: storedSessions(engine), now: Date.now, timeLimitSeconds: 0.05 }),
      ...control,
    }
  },
  'the revocation list of sealed sessions': () => {
    const { engine: revocation, ...control } = breakable<RecordStore>(memoryRecords())
    return {
      app: testApp({ sessions: sealedSessions({ revocation }), now: Date.now, timeLimitSeconds: 0.05 }),
      ...control,
    }
  },
  'the user provider': () => {
    const users = new Users()
    const { engine, ...control } = breakable<UserProvider<TestUser>>(users.provider)
    return { app: testApp({ users: engine, now: Date.now, timeLimitSeconds: 0.05 }), ...control }
  },
} satisfies Record<
  string,
  () => { app: TestApp; mend(): void; fail(): void; hang(): void; failWrites(): void }
>

describe.each(Object.entries(ENGINES))('%s', (_, make) => {
  test.each(['fail', 'hang'] as const)(
    'when it does not answer (%s), nobody is let in, and nobody’s session is dropped',
    async (how) => {
      const { app, mend, ...breaks } = make()
      const browser = app.browser()
      await app.login(browser, 'alice', 'wonderland')
      const cookie = browser.cookieHeader
      breaks[how]()
      await expect(app.whoIs(browser)).rejects.toMatchObject({ code: 'backend_failed', status: 503 })
      const stranger = app.browser()
      const login = app.login(stranger, 'bob', 'builder')
      if (_ === 'the revocation list of sealed sessions') await login
      else await expect(login).rejects.toMatchObject({ code: 'backend_failed' })
      expect(browser.cookieHeader).toBe(cookie)
      mend()
      expect(await app.whoIs(browser)).toBe('alice')
    },
  )
})

describe('what the client sees of a broken engine', () => {
  const serve = (options: Parameters<typeof testApp>[0] = {}) => {
    const { engine, ...control } = breakable<RecordStore>(memoryRecords())
    const app = testApp({
      sessions: storedSessions(engine),
      now: Date.now,
      timeLimitSeconds: 0.05,
      ...options,
    })
    const reported: unknown[] = []
    const handle = withAuth(
      app.auth,
      async (request, { auth }) => {
        if (request.url.endsWith('/login')) await auth.login('alice', 'wonderland')
        else if (request.url.endsWith('/logout')) await auth.logout()
        else await auth.authenticate()
        return new Response('ok')
      },
      {
        onError: (error) => {
          reported.push(error)
          return undefined
        },
      },
    )
    return { browser: new TestBrowser(handle, ORIGIN), reported, ...control }
  }

  test('503, and not a word of the engine', async () => {
    const { browser, fail, reported } = serve()
    await browser.post('/login')
    fail()
    for (const accept of ['application/json', 'text/html']) {
      const answer = await browser.get('/', { accept })
      const text = await answer.text()
      expect(answer.status).toBe(503)
      expect(text).not.toMatch(/postgres|SELECT|s3cret/)
      expect(answer.headers.get('content-type')).toContain(accept)
    }
    expect(reported[0]).toMatchObject({
      code: 'backend_failed',
      cause: expect.objectContaining({ message: MARKER }),
    })
    expect((reported[0] as Error).message).not.toContain('postgres')
  })

  test('a logout takes the cookie along all the same, and says 503', async () => {
    const { browser, fail } = serve()
    await browser.post('/login')
    fail()
    const answer = await browser.post('/logout')
    expect(answer.status).toBe(503)
    expect(browser.cookies.size).toBe(0)
  })

  test('a login whose session cannot be saved gives no cookie', async () => {
    const { browser, failWrites } = serve()
    failWrites()
    const answer = await browser.post('/login')
    expect(answer.status).toBe(503)
    expect(browser.cookies.size).toBe(0)
  })

  test('a request that only reads does not fail because its session could not be renewed', async () => {
    let later = 0
    const { browser, failWrites } = serve({ now: () => Date.now() + later })
    await browser.post('/login')
    later = 301_000
    failWrites()
    expect((await browser.get('/')).status).toBe(200)
  })

  test('an `onError` that fails itself keeps no logout from being sent', async () => {
    const app = testApp()
    const handle = withAuth(
      app.auth,
      async (_, { auth }) => {
        await auth.login('alice', 'wonderland')
        await auth.logout()
        throw new Error('half-way')
      },
      {
        onError: () => {
          throw new Error('the log is full')
        },
      },
    )
    const original = console.error
    console.error = () => {}
    const answer = await handle(
      new Request(ORIGIN, { method: 'POST', headers: { cookie: '__Host-session=x' } }),
    )
    console.error = original
    expect(answer.headers.getSetCookie()[0]).toContain('Max-Age=0')
  })

  test.each(['fetch', 'hono'])(
    'by default no more is printed than we wrote ourselves: %s',
    async (adapter) => {
      const { engine, failWrites } = breakable<RecordStore>(memoryRecords())
      const { auth } = testApp({ sessions: storedSessions(engine), now: Date.now })
      const hono = new Hono<{ Variables: AuthVariables<TestUser> }>()
      hono.use(latchkey(auth))
      hono.post('/', async (c) => c.json(await c.var.auth.login('alice', 'wonderland')))
      const fetch = withAuth(auth, async (_, context) =>
        Response.json(await context.auth.login('alice', 'wonderland')),
      )
      const printed: unknown[] = []
      const original = console.error
      console.error = (...line: unknown[]) => printed.push(inspect(line))
      failWrites()
      const request = new Request(ORIGIN, { method: 'POST' })
      const answer = await (adapter === 'hono' ? hono.fetch(request) : fetch(request))
      console.error = original
      expect(answer.status).toBe(503)
      expect(printed).toHaveLength(1)
      expect(printed[0]).not.toMatch(/postgres|SELECT/)
    },
  )

  test('a late answer of a hanging engine does no harm', async () => {
    const { browser, hang, mend } = serve()
    await browser.post('/login')
    hang()
    expect((await browser.get('/')).status).toBe(503)
    mend()
    expect((await browser.get('/')).status).toBe(200)
  })
})

/** For how many milliseconds `work` waits until time limits are over, by a clock of its own. */
async function waitedFor(work: () => Promise<unknown>): Promise<number> {
  const { setTimeout, clearTimeout } = globalThis
  const { now } = performance
  const timers = new Map<number, { readonly dueMs: number; fire(): void }>()
  let waitedMs = 0
  let count = 0
  let isDone = false
  globalThis.setTimeout = ((fire: () => void, ms: number) => {
    timers.set(++count, { dueMs: waitedMs + ms, fire })
    return count
  }) as unknown as typeof setTimeout
  globalThis.clearTimeout = ((timer: number) => timers.delete(timer)) as unknown as typeof clearTimeout
  performance.now = () => waitedMs
  const done = work().finally(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve))
    const [first] = [...timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)
    if (!first || isDone) continue
    const [timer, { dueMs, fire }] = first
    timers.delete(timer)
    waitedMs = dueMs
    fire()
  }
  Object.assign(globalThis, { setTimeout, clearTimeout })
  performance.now = now
  await done
  return waitedMs
}

describe('a session that nobody gets the cookie of', () => {
  /** A store whose named methods fail, or hang. */
  const start = (options: IndexedSessionOptions = {}) => {
    const inner = memoryRecords()
    const broken = new Map<string, 'fail' | 'hang'>()
    const store = new Proxy(inner, {
      get: (target, name) => {
        const method = target[name as keyof typeof inner]
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const how = broken.get(String(name))
          if (how === 'fail') throw new Error(MARKER)
          if (how === 'hang') return new Promise(() => {})
          return (method as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
    const app = testApp({ sessions: storedSessions(store, options), now: Date.now })
    const devices = (browser: TestBrowser) =>
      app.during(browser, (auth) => (auth.devices as DeviceList).listSessions())
    return { app, broken, devices }
  }
  type Auth = RequestAuth<TestUser>
  const rotate = async (auth: Auth) => {
    await auth.authenticate()
    auth.session.regenerateId()
  }

  test('ends with the rotation that failed', async () => {
    const { app, broken, devices } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    broken.set('supersede', 'fail')
    for (let i = 0; i < 3; i++)
      await expect(app.during(browser, rotate)).rejects.toMatchObject({ code: 'backend_failed' })
    broken.clear()
    expect(await devices(browser)).toMatchObject([{ current: true }])
  })

  test('ends with the login that failed while others were counted', async () => {
    const { app, broken, devices } = start({ maxSessionsPerUser: 5 })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    broken.set('listByOwner', 'fail')
    for (const other of [app.browser(), app.browser()]) {
      const login = app.login(other, 'alice', 'wonderland')
      await expect(login).rejects.toMatchObject({ code: 'backend_failed' })
      expect(other.cookies.size).toBe(0)
    }
    broken.clear()
    expect(await devices(browser)).toMatchObject([{ current: true }])
  })

  const AFTER: readonly (readonly [sentence: string, work: (auth: Auth) => Promise<unknown>])[] = [
    ['logs out, and another in', async (auth) => auth.logout().then(() => auth.login('bob', 'builder'))],
    [
      'empties the session, and begins anew',
      async ({ session }) => {
        await session.clear()
        session.set('a', 1)
        return expect(await session.get('a')).toBe(1)
      },
    ],
  ]
  test.each(AFTER)('a handler whose session could not be read once %s', async (_, work) => {
    const { app, broken } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    broken.set('read', 'fail')
    await app.during(browser, async (auth) => {
      await Promise.resolve(auth.authenticate()).catch(() => {})
      broken.clear()
      await work(auth)
    })
    expect(await app.whoIs(browser)).not.toBe('alice')
  })

  const WAITING: readonly (readonly [sentence: string, work: (auth: Auth) => Promise<unknown>])[] = [
    ['a logout', (auth) => auth.logout()],
    ['a logout, for a handler that goes on', (auth) => auth.logout().catch(() => {})],
    ['an end to all sessions', (auth) => (auth.devices as DeviceList).revokeAll()],
    [
      'who it is, for a handler that goes on and writes',
      async (auth) => {
        await Promise.resolve(auth.authenticate()).catch(() => {})
        auth.session.set('a', 1)
      },
    ],
    [
      'who it is, for a handler that asks again',
      async (auth) => {
        await Promise.resolve(auth.authenticate()).catch(() => {})
        await auth.session.get('a')
      },
    ],
  ]
  test.each(WAITING)('a silent store is waited for once: %s', async (_, work) => {
    const { app, broken } = start()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const all = ['read', 'update', 'supersede', 'delete', 'deleteByOwner', 'listByOwner']
    for (const methods of [all, all.slice(1)]) {
      for (const method of methods) broken.set(method, 'hang')
      const waitedMs = await waitedFor(() => app.during(browser.copy(), work).catch(() => {}))
      if (methods === all) expect(waitedMs).toBeGreaterThanOrEqual(2000)
      expect(waitedMs).toBeLessThanOrEqual(2200)
      broken.clear()
    }
  })
})

describe('guards', () => {
  test('one that hangs counts as broken, and no session is made', async () => {
    const app = testApp({ guards: [() => new Promise(() => {})], timeLimitSeconds: 0.05 })
    const browser = app.browser()
    await expect(app.login(browser, 'alice', 'wonderland')).rejects.toMatchObject({ code: 'backend_failed' })
    expect(browser.cookies.size).toBe(0)
  })

  test('what one throws reaches the caller as it is', async () => {
    const thrown = new TypeError('guard broke')
    const app = testApp({
      guards: [
        () => {
          throw thrown
        },
      ],
    })
    const browser = app.browser()
    await expect(app.login(browser, 'alice', 'wonderland')).rejects.toBe(thrown)
    expect(browser.cookies.size).toBe(0)
  })
})
