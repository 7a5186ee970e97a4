import { Hono } from 'hono'
import { MemoryStore, sessionMiddleware } from 'hono-sessions'
import { LatchkeyError } from 'latchkey'
import { honoSession, honoSessions } from 'latchkey/hono'
import { sessionStoreContract, TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, sessionCookies } from '../../app.ts'
import { COOKIE_ONLY, honoSessionInMap, honoSessionsOverNetwork, LIBRARIES } from './libraries.ts'
import { Story } from './story.ts'

describe.each(LIBRARIES)('SessionStore: %s', (_, library) => {
  const make = () => new Story(library()).visitor()
  for (const { name, run } of sessionStoreContract(make)) test(name, run)
})

describe.each(LIBRARIES)('LoginManager: %s', (_, library) => {
  test('logs in and out, and leaves no record of the user', async () => {
    const story = new Story(library())
    const browser = story.browser()
    expect(await story.login(browser, 'alice', 'wrong')).toBe(false)
    expect(await story.whoIs(browser)).toBeNull()
    expect(await story.login(browser)).toBe(true)
    expect(await story.whoIs(browser)).toBe('alice')
    const copy = browser.copy()
    await story.logout(browser)
    expect(await story.whoIs(browser)).toBeNull()
    expect(await story.whoIs(copy)).toBeNull()
  })

  test('keeps what the visitor stored, under a new id', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.put(browser, 'cart', [1])
    const [before, ids] = [story.id(browser), story.library.ids()]
    await story.login(browser)
    expect(story.id(browser)).not.toBe(before)
    expect(story.library.ids().filter((id) => ids.includes(id))).toEqual([])
    expect(await story.get(browser, 'cart')).toEqual([1])
  })

  test('an integer id stays an integer', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.login(browser, 'answer', 'question')
    expect(await story.whoIs(browser)).toBe(42)
  })

  test('another user on the same browser finds nothing of the first', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.login(browser)
    await story.put(browser, 'secret', 1)
    await story.login(browser, 'bob', 'builder')
    expect([await story.whoIs(browser), await story.get(browser, 'secret')]).toEqual(['bob', undefined])
  })

  test('a changed password ends the session', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.login(browser)
    story.users.change('alice', { hashedPassword: 'plain:looking glass' })
    expect(await story.whoIs(browser)).toBeNull()
  })

  test('out and in again, several times in one request, leaves one good session', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.login(browser)
    const copy = browser.copy()
    await story.during(browser, async (session, { req }) => {
      const context = { request: req.raw, session }
      await session.set('x', 1)
      await session.regenerateId()
      await story.manager.logout(context)
      await story.manager.login(context, 'bob', 'builder')
      await session.regenerateId()
      await session.set('y', 2)
    })
    expect([await story.whoIs(browser), await story.whoIs(copy)]).toEqual(['bob', null])
    expect([await story.get(browser, 'x'), await story.get(browser, 'y')]).toEqual([undefined, 2])
  })

  test('two mappings of one request are one session', async () => {
    const story = new Story(library())
    const browser = story.browser()
    await story.put(browser, 'a', 1)
    await story.during(browser, async (session, c) => {
      await session.regenerateId()
      await story.library.of(c).set('b', 2)
      expect(await session.get('b')).toBe(2)
    })
    expect([await story.get(browser, 'a'), await story.get(browser, 'b')]).toEqual([1, 2])
  })
})

type Attack = readonly [sentence: string, attack: (story: Story) => Promise<void>]

/** A gate that a request can be held at. */
function gate(): { wait: Promise<void>; open: () => void } {
  let open = (): void => {}
  const wait = new Promise<void>((resolve) => {
    open = resolve
  })
  return { wait, open }
}

const ATTACKS: readonly Attack[] = [
  [
    'an id that was made up is not adopted',
    async (story) => {
      const browser = story.browser()
      browser.cookies.set(story.library.cookie, 'made-up')
      await story.login(browser)
      expect(story.id(browser)).not.toBe('made-up')
      expect(story.library.ids()).not.toContain('made-up')
    },
  ],
  [
    'the id of a session that has ended is not adopted',
    async (story) => {
      const browser = story.browser()
      await story.put(browser, 'a', 1)
      const [old, ended] = [browser.copy(), story.library.ids()]
      await story.logout(browser)
      await story.login(old)
      expect(story.library.ids().filter((id) => ended.includes(id))).toEqual([])
      expect(await story.whoIs(old)).toBe('alice')
    },
  ],
  [
    'a session that an attacker began and planted is not his after the login',
    async (story) => {
      const attacker = story.browser()
      await story.put(attacker, 'planted', 1)
      const victim = attacker.copy()
      await story.login(victim)
      expect([await story.whoIs(victim), await story.whoIs(attacker)]).toEqual(['alice', null])
    },
  ],
  [
    'neither is one in which he stored nothing',
    async (story) => {
      const attacker = story.browser()
      await story.get(attacker, 'a')
      const victim = attacker.copy()
      await story.login(victim)
      await story.put(attacker, 'a', 1)
      expect([await story.whoIs(victim), await story.whoIs(attacker)]).toEqual(['alice', null])
    },
  ],
  [
    'nor when a request of his is under way across the login, and writes',
    async (story) => {
      const attacker = story.browser()
      await story.put(attacker, 'planted', 1)
      const victim = attacker.copy()
      const thief = attacker.copy()
      const [started, finish] = [gate(), gate()]
      const slow = story.during(attacker, async (session) => {
        await session.get('planted')
        started.open()
        await finish.wait
        await session.set('b', 2)
      })
      await started.wait
      await story.login(victim)
      finish.open()
      await slow
      expect([await story.whoIs(attacker), await story.whoIs(thief)]).toEqual([null, null])
      expect(await story.whoIs(victim)).toBe('alice')
    },
  ],
  [
    'nor when the app has deleted its session in the request of the login, in the library’s own way',
    async (story) => {
      const attacker = story.browser()
      await story.put(attacker, 'planted', 1)
      const victim = attacker.copy()
      await story.during(victim, async (session, c) => {
        deleteByLibrary(c.get('session'))
        await story.manager.login({ request: c.req.raw, session }, 'alice', 'wonderland')
      })
      expect([await story.whoIs(victim), await story.whoIs(attacker)]).toEqual(['alice', null])
      expect(await story.get(victim, 'planted')).toBeUndefined()
    },
  ],
  [
    'a copy of the cookie is worth nothing after a logout that a request under way survives',
    async (story) => {
      const browser = story.browser()
      await story.login(browser)
      const [copy, other] = [browser.copy(), browser.copy()]
      const [started, finish] = [gate(), gate()]
      const slow = story.during(other, async (session) => {
        await session.get('a')
        started.open()
        await finish.wait
        await session.set('b', 2)
      })
      await started.wait
      await story.logout(browser)
      finish.open()
      await slow
      for (const holder of [browser, copy, other]) expect(await story.whoIs(holder)).toBeNull()
    },
  ],
  [
    'asking who it is does not bring back a session that the app has deleted in the library’s own way',
    async (story) => {
      const browser = story.browser()
      await story.login(browser)
      const copy = browser.copy()
      await story.during(browser, async (session, c) => {
        await session.get('a')
        deleteByLibrary(c.get('session'))
        const token = await story.manager.authenticate({ request: c.req.raw, session })
        expect(token.userId).toBeNull()
      })
      expect([await story.whoIs(browser), await story.whoIs(copy)]).toEqual([null, null])
    },
  ],
  [
    'keys that belong to an object are nobody’s data',
    async (story) => {
      const browser = story.browser()
      await story.put(browser, 'a', 1)
      for (const key of ['toString', 'constructor', 'hasOwnProperty'])
        expect([key, await story.get(browser, key)]).toEqual([key, undefined])
      await expect(story.put(browser, '__proto__', { admin: true })).rejects.toMatchObject({
        code: 'session_key_refused',
      })
    },
  ],
]

const deleteByLibrary = (session: { delete?(): void; deleteSession?(): void }): void => {
  if (session.delete) session.delete()
  else session.deleteSession?.()
}

describe.each(LIBRARIES)('attacks on a login over %s', (_, library) => {
  test.each(ATTACKS)('%s', (_, attack) => attack(new Story(library())))
})

describe('a mapping refuses what it cannot do', () => {
  test.each(COOKIE_ONLY)('%s', async (_, library) => {
    const story = new Story(library())
    const refused = await story.login(story.browser()).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(LatchkeyError)
    expect(refused).toMatchObject({ code: 'invalid_configuration' })
    expect(String(refused)).toMatch(/useSessionStorage|store that keeps records/)
  })

  test.each([
    ['honoSession without its middleware', honoSession, 'useSession('],
    ['honoSessions without its middleware', honoSessions, 'sessionMiddleware('],
  ])('%s', async (_, of, fix) => {
    const app = new Hono()
    app.onError((error, c) => c.text(`${error.name} ${error.message}`, 500))
    app.get('/', (c) => c.text(String(of(c))))
    const text = await (await app.request('/')).text()
    expect(text).toContain('LatchkeyError')
    expect(text).toContain(fix)
  })

  test.each([
    ['honoSession for hono-sessions', honoSession],
    ['honoSessions for @hono/session', honoSessions],
  ])('%s', async (_, of) => {
    const library = of === honoSession ? LIBRARIES[2]?.[1]() : honoSessionInMap()
    const story = new Story({ ...(library as ReturnType<typeof honoSessionInMap>), of })
    await expect(story.login(story.browser())).rejects.toMatchObject({ code: 'misuse' })
  })

  test('a storage of @hono/session that gives back what it has deleted lets nobody in', async () => {
    const kept = new Map<string, Record<string, unknown>>()
    const library = honoSessionInMap()
    const stale = {
      get: (id: string) => kept.get(id) ?? null,
      set: (id: string, data: Record<string, unknown>) => void kept.set(id, data),
      delete: () => {},
    }
    const story = new Story({
      ...library,
      middleware: [
        async (c, next) => {
          c.set('sessionStorage', stale)
          await next()
        },
        ...library.middleware.slice(1),
      ],
    })
    const browser = story.browser()
    await story.put(browser, 'a', 1)
    await expect(story.login(browser)).rejects.toMatchObject({ code: 'backend_failed' })
    expect(sessionCookies(browser)).toEqual([])
  })
})

describe('what the libraries do by themselves', () => {
  test('without the store of the guide, hono-sessions brings a session back that a request under way had read', async () => {
    const story = new Story(honoSessionsOverNetwork(false))
    const browser = story.browser()
    await story.login(browser)
    const copy = browser.copy()
    await story.during(browser.copy(), async (session) => {
      await session.get('a')
      await story.logout(browser)
    })
    expect(await story.whoIs(copy)).toBe('alice')
  })

  test('hono-sessions reads a flashed value once, also through the mapping', async () => {
    const app = new Hono()
    app.use(sessionMiddleware({ store: new MemoryStore() }))
    app.post('/', (c) => {
      ;(c.get('session' as never) as { flash(key: string, value: unknown): void }).flash('notice', 'hello')
      return c.text('ok')
    })
    app.get('/', async (c) => c.json({ notice: (await honoSessions(c).get('notice')) ?? null }))
    const browser = new TestBrowser((request) => app.fetch(request), ORIGIN)
    await browser.post('/')
    expect(await (await browser.get('/')).json()).toEqual({ notice: 'hello' })
    expect(await (await browser.get('/')).json()).toEqual({ notice: null })
  })
})
