import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LoginManager, type SessionStore } from 'latchkey'
import { withSession } from 'latchkey/adapter'
import { routerSession, type SessionStorageLike } from 'latchkey/react-router'
import { type SessionVisitor, sessionStoreContract, TestBrowser } from 'latchkey/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, sessionCookies, Users } from '../app.ts'
import {
  createCookieSessionStorage,
  createMemorySessionStorage,
  createSessionStorage,
  NAME,
  STORAGES,
} from './react-router/storages.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-router-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const newFolder = (): string => mkdtempSync(path.join(scratch, 'sessions-'))

/** Runs what a test says in one request of a browser over a storage. */
function appOver(storage: SessionStorageLike) {
  const works = new Map<string, (request: Request) => Promise<Response>>()
  const send = (request: Request) =>
    works.get(request.headers.get('x-work') ?? '')?.(request) as Promise<Response>
  const during = async <T>(
    browser: TestBrowser,
    use: (session: SessionStore, request: Request) => T | Promise<T>,
    failed = false,
  ) => {
    const name = String(works.size)
    let value: T | undefined
    works.set(name, async (request) => {
      const visit = routerSession(storage, request)
      value = await use(visit.session, request)
      return withSession(new Response('ok'), await visit.commit({ failed }))
    })
    const response = await browser.post('/', {}, { 'x-work': name })
    return { value: value as T, response, cookies: response.headers.getSetCookie() }
  }
  return { during, browser: () => new TestBrowser(send, ORIGIN) }
}

function visitorOver(storage: SessionStorageLike): SessionVisitor {
  const app = appOver(storage)
  const visitor = (browser: TestBrowser): SessionVisitor => ({
    request: async (use) => (await app.during(browser, use)).value,
    copy: () => visitor(browser.copy()),
  })
  return visitor(app.browser())
}

describe.each(STORAGES)('SessionStore: %s', (_, make, canEndCopies) => {
  const cases = sessionStoreContract(() => visitorOver(make(newFolder())), { canEndCopies })
  for (const { name, run } of cases) test(name, run)
})

const manager = new LoginManager({ secret: SECRET, users: new Users().provider, passwords: plain })
const logIn = (username: string, password: string) => (session: SessionStore, request: Request) =>
  manager.login({ request, session }, username, password)
const logOut = (session: SessionStore, request: Request) => manager.logout({ request, session })
const whoIs = async (session: SessionStore, request: Request) =>
  (await manager.authenticate({ request, session })).userId
const read = (key: string) => (session: SessionStore) => session.get(key)
const write =
  (key: string, value: unknown = 1) =>
  (session: SessionStore) =>
    session.set(key, value)

const remove = (key: string) => (session: SessionStore) => session.set(key, undefined)

/** What the storage itself gives to whoever holds this cookie. */
const dataOf = async (storage: SessionStorageLike, browser: TestBrowser) =>
  (await storage.getSession(browser.cookieHeader)).data

interface Attack {
  readonly storage: SessionStorageLike
  readonly app: ReturnType<typeof appOver>
  readonly browser: TestBrowser
  readonly canEndCopies: boolean
}

const SENTENCES: readonly [sentence: string, prove: (attack: Attack) => Promise<void>][] = [
  [
    'an id without a record is not adopted',
    async ({ storage, app, browser }) => {
      await app.during(browser, write('a'))
      const thief = browser.copy()
      await storage.destroySession(await storage.getSession(browser.cookieHeader))
      const before = browser.cookieHeader
      await app.during(browser, write('b'))
      expect(browser.cookieHeader).not.toBe(before)
      expect(await app.during(thief, read('b'))).toMatchObject({ value: undefined })
    },
  ],
  [
    'a session that the app began itself moves to a new id with its data',
    async ({ storage, app, browser, canEndCopies }) => {
      const begun = await storage.getSession()
      begun.set('cart', [1])
      const [pair = ''] = (await storage.commitSession(begun)).split(';')
      browser.cookies.set(NAME, pair.slice(NAME.length + 1))
      const thief = browser.copy()
      expect((await app.during(browser, read('cart'))).cookies).toEqual([])
      await app.during(browser, write('a'))
      expect(browser.cookieHeader).not.toBe(thief.cookieHeader)
      expect((await app.during(browser, read('cart'))).value).toEqual([1])
      if (canEndCopies) expect(await dataOf(storage, thief)).toEqual({})
    },
  ],
  [
    'a cookie that was known before the login is worth nothing after it',
    async ({ storage, app, browser, canEndCopies }) => {
      await app.during(browser, write('cart', [1]))
      const thief = browser.copy()
      const { cookies } = await app.during(browser, logIn('alice', 'wonderland'))
      expect(cookies).toHaveLength(1)
      expect((await app.during(browser, whoIs)).value).toBe('alice')
      expect((await app.during(browser, read('cart'))).value).toEqual([1])
      expect((await app.during(thief, whoIs)).value).toBeNull()
      if (canEndCopies) expect(await dataOf(storage, thief)).toEqual({})
    },
  ],
  [
    'nor when it is tossed back after the login',
    async ({ app, browser }) => {
      await app.during(browser, write('cart', [1]))
      const thief = browser.copy()
      await app.during(browser, logIn('alice', 'wonderland'))
      await app.during(thief, write('trap'))
      expect((await app.during(browser, read('trap'))).value).toBeUndefined()
      expect((await app.during(thief, whoIs)).value).toBeNull()
    },
  ],
  [
    'a logout leaves neither cookie nor record',
    async ({ storage, app, browser, canEndCopies }) => {
      await app.during(browser, logIn('alice', 'wonderland'))
      const thief = browser.copy()
      const { cookies } = await app.during(browser, logOut)
      expect(cookies).toHaveLength(1)
      expect(sessionCookies(browser)).toEqual([])
      expect((await app.during(browser, whoIs)).value).toBeNull()
      if (!canEndCopies) return
      expect(await dataOf(storage, thief)).toEqual({})
      expect((await app.during(thief, whoIs)).value).toBeNull()
    },
  ],
  [
    'another user on the same browser finds nothing of the first',
    async ({ app, browser }) => {
      await app.during(browser, logIn('alice', 'wonderland'))
      await app.during(browser, write('secret'))
      const { cookies } = await app.during(browser, logIn('bob', 'builder'))
      expect(cookies).toHaveLength(1)
      expect((await app.during(browser, whoIs)).value).toBe('bob')
      expect((await app.during(browser, read('secret'))).value).toBeUndefined()
    },
  ],
  [
    'out, in and rotated several times in one request: one cookie, one good session',
    async ({ app, browser }) => {
      await app.during(browser, write('x'))
      const { cookies } = await app.during(browser, async (session, request) => {
        await session.regenerateId()
        await manager.logout({ request, session })
        await manager.login({ request, session }, 'alice', 'wonderland')
        await session.regenerateId()
        await session.set('y', 2)
      })
      expect(cookies).toHaveLength(1)
      expect((await app.during(browser, whoIs)).value).toBe('alice')
      expect((await app.during(browser, read('x'))).value).toBeUndefined()
      expect((await app.during(browser, read('y'))).value).toBe(2)
    },
  ],
  [
    'of a request that failed nothing is kept but a logout',
    async ({ app, browser }) => {
      await app.during(browser, logIn('alice', 'wonderland'))
      expect((await app.during(browser, write('half'), true)).cookies).toEqual([])
      expect((await app.during(browser, read('half'))).value).toBeUndefined()
      const stranger = app.browser()
      expect((await app.during(stranger, logIn('bob', 'builder'), true)).cookies).toEqual([])
      await app.during(browser, logOut, true)
      expect((await app.during(browser, whoIs)).value).toBeNull()
    },
  ],
  [
    'a logout wins over all that is under way: a write, a new id, a login',
    async ({ app, browser, canEndCopies }) => {
      for (const use of [
        write('a'),
        (session: SessionStore) => session.regenerateId(),
        logIn('alice', 'wonderland'),
      ]) {
        await app.during(browser, logIn('alice', 'wonderland'))
        const slow = browser.copy()
        const { cookies } = await app.during(slow, async (session, request) => {
          await session.get('a')
          await app.during(browser, logOut)
          await use(session, request)
        })
        expect((await app.during(browser, whoIs)).value).toBeNull()
        if (!canEndCopies) continue
        expect(cookies).toEqual([])
        expect((await app.during(slow, whoIs)).value).toBeNull()
      }
    },
  ],
  [
    'a new id is a new cookie, also where the session lives in it',
    async ({ app, browser }) => {
      await app.during(browser, write('a'))
      const before = browser.cookieHeader
      await app.during(browser, (session) => session.regenerateId())
      expect(browser.cookieHeader).not.toBe(before)
    },
  ],
  [
    'a visitor who stored nothing gets no cookie',
    async ({ app, browser }) => {
      for (const use of [() => undefined, read('a'), logOut, remove('a')]) {
        expect((await app.during(browser, use)).cookies).toEqual([])
      }
      const none = await app.during(browser, () => undefined)
      expect(none.response.headers.get('vary')).toBeNull()
      expect((await app.during(browser, read('a'))).response.headers.get('vary')).toBe('Cookie')
    },
  ],
  [
    'an answer with the cookie is kept by no shared cache',
    async ({ app, browser }) => {
      const { response } = await app.during(browser, write('a'))
      expect(response.headers.get('cache-control')).toBe('private')
    },
  ],
  [
    'a session without data is none',
    async ({ app, browser }) => {
      await app.during(browser, write('a'))
      await app.during(browser, remove('a'))
      expect(sessionCookies(browser)).toEqual([])
    },
  ],
  [
    'names of every object are none of the session’s, and our mark is not the app’s',
    async ({ app, browser }) => {
      await app.during(browser, write('a'))
      for (const name of ['toString', 'constructor', '__flash_a__'])
        expect((await app.during(browser, read(name))).value).toBeUndefined()
      for (const use of [read('_latchkey'), write('_latchkey'), write('__proto__')])
        await expect(app.during(browser, async (session) => use(session))).rejects.toMatchObject({
          code: 'session_key_refused',
        })
    },
  ],
  [
    'flash messages survive a new id, and are not used up by it',
    async ({ storage, app, browser }) => {
      await app.during(browser, write('__flash_notice__', 'welcome'))
      await app.during(browser, logIn('alice', 'wonderland'))
      expect(await dataOf(storage, browser)).toMatchObject({ __flash_notice__: 'welcome' })
    },
  ],
  [
    'what is written too late is told so',
    async ({ app, browser }) => {
      let late: SessionStore | undefined
      await app.during(browser, (session) => {
        late = session
      })
      const attempts = [() => late?.set('a', 1), () => late?.clear(), () => late?.regenerateId()]
      for (const attempt of attempts)
        await expect(async () => attempt()).rejects.toMatchObject({ code: 'session_closed' })
    },
  ],
]

describe.each(STORAGES)('attacks on the sessions of %s', (_, make, canEndCopies) => {
  test.each(SENTENCES)('%s', async (_sentence, prove) => {
    const storage = make(newFolder())
    const app = appOver(storage)
    await prove({ storage, app, browser: app.browser(), canEndCopies })
  })
})

describe.each(STORAGES.filter(([, , canEndCopies]) => canEndCopies))('with records: %s', (_, make) => {
  test('two requests that overlap lose neither’s writes', async () => {
    const app = appOver(make(newFolder()))
    const browser = app.browser()
    await app.during(browser, write('a'))
    const other = browser.copy()
    await app.during(browser, async (session) => {
      await session.get('a')
      await app.during(other, write('b'))
      await session.set('c', 1)
    })
    expect((await app.during(browser, read('b'))).value).toBe(1)
    expect((await app.during(browser, read('c'))).value).toBe(1)
  })
})

describe('storages that cannot be made safe are refused', () => {
  const forged = (data: object) => encodeURIComponent(btoa(JSON.stringify(data)))

  test('sessions in a cookie that anybody can write', async () => {
    const app = appOver(createCookieSessionStorage({ cookie: { name: NAME } }))
    const browser = app.browser()
    browser.cookies.set(NAME, forged({ _auth_user_id: 'alice', _auth_time: Date.now() }))
    await expect(app.during(browser, whoIs)).rejects.toMatchObject({ code: 'invalid_configuration' })
  })

  test('a storage that begins every session under one id', async () => {
    const storage = createMemorySessionStorage({ cookie: { name: NAME, secrets: ['s'] } })
    const app = appOver({
      ...storage,
      getSession: () => storage.getSession('__session=x').then((s) => ({ ...s, id: 'x' })),
    })
    const writing = app.during(app.browser(), write('a'))
    await expect(writing).rejects.toMatchObject({ code: 'invalid_configuration' })
  })

  test('an unsigned cookie with an id may be: the id is a secret, and a made-up one is not adopted', async () => {
    const storage = createMemorySessionStorage({ cookie: { name: NAME } })
    const app = appOver(storage)
    const browser = app.browser()
    browser.cookies.set(NAME, forged('chosen-by-the-attacker' as never))
    const thief = browser.copy()
    await app.during(browser, logIn('alice', 'wonderland'))
    expect((await app.during(browser, whoIs)).value).toBe('alice')
    expect((await app.during(thief, whoIs)).value).toBeNull()
    expect(await dataOf(storage, thief)).toEqual({})
  })

  test('and one that the attacker had the app fill before is emptied', async () => {
    const storage = createMemorySessionStorage({ cookie: { name: NAME } })
    const app = appOver(storage)
    const browser = app.browser()
    browser.cookies.set(NAME, forged('chosen-by-the-attacker' as never))
    const adopted = await storage.getSession(browser.cookieHeader)
    adopted.set('cart', [1])
    await storage.commitSession(adopted)
    const thief = browser.copy()
    await app.during(browser, logIn('alice', 'wonderland'))
    expect((await app.during(thief, whoIs)).value).toBeNull()
    expect(await dataOf(storage, thief)).toEqual({})
  })
})

describe('a storage that is broken', () => {
  const records = new Map<string, Record<string, unknown>>()
  const breaking = (method: 'readData' | 'createData' | 'updateData' | 'deleteData') => {
    let isBroken = false
    const fail = async <T>(name: string, value: T): Promise<T> => {
      if (isBroken && name === method) throw new Error('the disk is full')
      return value
    }
    const storage = createSessionStorage({
      cookie: { name: NAME, secrets: ['s'] },
      async createData(data) {
        const id = await fail('createData', crypto.randomUUID())
        records.set(id, data)
        return id
      },
      readData: async (id) => fail('readData', records.get(id) ?? null),
      updateData: async (id, data) => void records.set(await fail('updateData', id), data),
      deleteData: async (id) => void records.delete(await fail('deleteData', id)),
    })
    const breakIt = (broken = true) => {
      isBroken = broken
    }
    return { app: appOver(storage), breakIt }
  }

  test.each([
    ['readData', whoIs],
    ['createData', logIn('alice', 'wonderland')],
    ['deleteData', logIn('alice', 'wonderland')],
    ['deleteData', logOut],
    ['updateData', write('b')],
  ] as const)('in %s lets nobody in and says so', async (method, use) => {
    const { app, breakIt } = breaking(method)
    const browser = app.browser()
    await app.during(browser, write('a'))
    breakIt()
    await expect(app.during(browser, use as never)).rejects.toThrow('the disk is full')
  })

  test('while a logout swallowed the error: it is tried again, and holds', async () => {
    const { app, breakIt } = breaking('deleteData')
    const browser = app.browser()
    await app.during(browser, logIn('alice', 'wonderland'))
    const thief = browser.copy()
    const { cookies } = await app.during(browser, async (session, request) => {
      breakIt()
      await expect(logOut(session, request)).rejects.toThrow()
      breakIt(false)
    })
    expect([cookies.length, sessionCookies(browser).length]).toEqual([1, 0])
    expect((await app.during(thief, whoIs)).value).toBeNull()
  })
})
