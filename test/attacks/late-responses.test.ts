import { memoryRecords, sealedSessions } from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, SESSION_MODES, sessionCookies, type TestApp, testApp } from '../app.ts'
import { inOneBrowser, type Work } from './in-one-browser.ts'

/*
 * A response that arrives late, of a request that was under way while its session ended: in one browser, whose cookies
 * all of its requests share, in the mode that is the default.
 */

const logout: Work = (auth) => auth.logout()
const loginAsBob: Work = (auth) => auth.login('bob', 'builder')
const changePassword: Work = async (auth) =>
  auth.passwordChanged({ id: 'alice', hashedPassword: 'plain:wonderland' }).catch(() => {})
const reauthenticate: Work = (auth) => auth.reauthenticate('wonderland')
const regenerateId: Work = async (auth) => auth.session.regenerateId()
const clear: Work = (auth) => auth.session.clear()

/** What is under way meanwhile. */
const RIVALS: readonly [sentence: string, work: Work][] = [
  ['one that reads, and renews', async (auth) => auth.authenticate()],
  [
    'one that reads and writes',
    async (auth, pause) => {
      await auth.authenticate()
      await pause()
      auth.session.set('late', 1)
    },
  ],
  ['one that only writes', async (auth) => auth.session.set('late', 1)],
  ['one that re-authenticates', reauthenticate],
  ['one that changes the password', changePassword],
  ['one that regenerates the id', regenerateId],
  [
    'one that writes and regenerates the id',
    async (auth, pause) => {
      auth.session.set('late', 1)
      await pause()
      auth.session.regenerateId()
    },
  ],
]

describe.each([1, 2] as const)('a late response, with processes: %s', (processes) => {
  test.each(RIVALS)('a logout wins against %s', (_, rival) =>
    inOneBrowser(processes, [logout, rival], (who) => expect(who).toBeNull()),
  )

  test.each(RIVALS)('a logout wins against two of them: %s', (_, rival) =>
    inOneBrowser(processes, [logout, rival, rival], (who) => expect(who).toBeNull()),
  )

  test.each(RIVALS)('so does a session that is cleared: %s', (_, rival) =>
    inOneBrowser(processes, [clear, rival], (who) => expect(who).toBeNull()),
  )

  test.each(RIVALS)('a login as somebody else is not undone by %s', (_, rival) =>
    inOneBrowser(processes, [loginAsBob, rival], (who) => expect(who).not.toBe('alice')),
  )

  test.each(RIVALS)('a logout and a login as somebody else, against %s', (_, rival) =>
    inOneBrowser(processes, [logout, rival, loginAsBob], (who) => expect(who).not.toBe('alice')),
  )

  test.each(RIVALS)('a new id logs out none, while there is %s', (_, rival) =>
    inOneBrowser(processes, [regenerateId, rival], (who) => expect(who).toBe('alice')),
  )
})

describe('a change of password beside the browser’s own requests', () => {
  const change: Work = async (auth, pause, app) => {
    await auth.authenticate()
    const user = app.users.change('alice', { hashedPassword: 'plain:new' })
    await pause()
    await auth.passwordChanged(user)
  }

  test('the browser stays in, whatever it reads meanwhile', () =>
    inOneBrowser(
      1,
      [change, async (auth) => auth.authenticate(), async (auth) => auth.authenticate()],
      (who) => expect(who).toBe('alice'),
      { touchSeconds: 300 },
    ))

  // Of two cookies that are on their way the last one to arrive counts: sealed sessions promise no more.
  test.each(RIVALS.slice(0, 3))(
    'and what is saved after the change brings no cookie: %s',
    async (_, rival) => {
      const clock = testClock()
      const app = testApp({ sessions: sealedSessions(), touchSeconds: 0 }, clock)
      const browser = app.browser()
      await app.login(browser, 'alice', 'wonderland')
      clock.advance(1)
      const other = browser.copy()
      const before = other.cookieHeader
      await app.during(other, async (auth) => {
        await rival(auth, async () => {}, app)
        await app.during(browser, (own) => change(own, async () => {}, app))
      })
      expect(await app.whoIs(browser)).toBe('alice')
      expect(other.cookieHeader).toBe(before)
    },
  )
})

describe('two cookies that are saved at one instant, in one process', () => {
  const start = async () => {
    const clock = testClock()
    const app = testApp({ sessions: sealedSessions(), touchSeconds: 0 }, clock)
    const browser = app.browser()
    return { app, browser, clock }
  }
  const open = (app: TestApp, browser: TestBrowser) =>
    opened(app.auth, new Request(ORIGIN, { method: 'POST', headers: { cookie: browser.cookieHeader } }))

  test.each([
    ['the change first', true],
    ['the write first', false],
  ])('a write does not undo a change of password: %s', async (_, isChangeFirst) => {
    const { app, browser } = await start()
    await app.login(browser, 'alice', 'wonderland')
    const [change, write] = [open(app, browser), open(app, browser)]
    await change.auth.authenticate()
    await write.auth.authenticate()
    await change.auth.passwordChanged(app.users.change('alice', { hashedPassword: 'plain:new' }))
    write.auth.session.set('late', 1)
    const inOrder = isChangeFirst ? [change, write] : [write, change]
    const closing = inOrder.map((visit) => visit.close({ failed: false }))
    const [first, second] = await Promise.all(closing)
    const [changed, written] = isChangeFirst ? [first, second] : [second, first]
    expect(changed?.cookies).toHaveLength(1)
    expect(written?.cookies).toEqual([])
  })

  test('a visitor’s write that is saved after the login brings no cookie', async () => {
    const { app, browser } = await start()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const late = open(app, browser)
    late.auth.session.set('cart', 2)
    await app.login(browser, 'alice', 'wonderland')
    expect((await late.close({ failed: false })).cookies).toEqual([])
  })

  test('a new id that fits into no cookie does not cost what is written after it', async () => {
    const { app, browser } = await start()
    await app.login(browser, 'alice', 'wonderland')
    const failing = app.during(browser, ({ session }) => {
      session.regenerateId()
      session.set('large', 'x'.repeat(4000))
    })
    await expect(failing).rejects.toMatchObject({ code: 'session_too_large' })
    await app.during(browser, ({ session }) => session.set('small', 1))
    expect(await app.during(browser, ({ session }) => session.all())).toEqual({ small: 1 })
  })

  test('nor does another user’s login that fits into no cookie end the session', async () => {
    const { app, browser } = await start()
    await app.login(browser, 'alice', 'wonderland')
    const failing = app.during(browser, async (auth) => {
      await auth.login('bob', 'builder')
      auth.session.set('large', 'x'.repeat(4000))
    })
    await expect(failing).rejects.toMatchObject({ code: 'session_too_large' })
    expect(await app.whoIs(browser)).toBe('alice')
  })
})

describe('the number in the browser', () => {
  const NAME = '__Host-session-ended'
  const start = () => {
    const clock = testClock()
    const app = testApp({ sessions: sealedSessions() }, clock)
    return { app, clock, browser: app.browser() }
  }

  test('is told of by a logout, and lives as long as a session may', async () => {
    const { app, clock, browser } = start()
    await app.login(browser, 'alice', 'wonderland')
    clock.advance(5)
    await app.during(browser, (auth) => auth.logout())
    expect(browser.cookies.get(NAME)).toBe(`1.${clock.now()}`)
    expect(sessionCookies(browser)).toEqual([])
  })

  test('is not made by a visit, a login, a new id or a change of password', async () => {
    const { app, browser } = start()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    await app.login(browser, 'alice', 'wonderland')
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, (auth) => auth.reauthenticate('wonderland'))
    await app.during(browser, (auth) =>
      auth.passwordChanged(app.users.change('alice', { hashedPassword: 'plain:new' })),
    )
    expect(browser.cookies.has(NAME)).toBe(false)
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('grows at the same instant, so that each new login is later than each end', async () => {
    const { app, browser } = start()
    const seen: number[] = []
    for (let i = 0; i < 3; i++) {
      await app.login(browser, 'alice', 'wonderland')
      expect(await app.whoIs(browser)).toBe('alice')
      await app.during(browser, (auth) => auth.logout())
      seen.push(Number(browser.cookies.get(NAME)?.slice(2)))
    }
    expect(seen).toEqual([0, 1, 2].map((later) => app.clock.now() + later))
  })

  test('holds where the clock of another process is behind', async () => {
    const clock = testClock()
    const app = testApp({ sessions: sealedSessions() }, clock)
    const behind = testApp({ sessions: sealedSessions(), now: () => clock.now() - 30_000 })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const late = browser.cookies.get('__Host-session') as string
    const tab = Object.assign(behind.browser(), { cookies: browser.cookies })
    await behind.during(tab, (auth) => auth.logout())
    browser.cookies.set('__Host-session', late)
    expect([await app.whoIs(browser), await behind.whoIs(tab)]).toEqual([null, null])
    await behind.login(tab, 'bob', 'builder')
    expect([await app.whoIs(browser), await behind.whoIs(tab)]).toEqual(['bob', 'bob'])
  })

  test.each<[sentence: string, value: (now: number) => string]>([
    ['a minute ahead', (now) => `1.${now + 60_000}`],
    ['years ahead', () => '1.9999999999999'],
    ['of another version', (now) => `2.${now}`],
    ['without a version', (now) => String(now)],
    ['negative', (now) => `1.-${now}`],
    ['no number', () => '1.x'],
    ['empty', () => '1.'],
    ['far too long', () => `1.${'9'.repeat(400)}`],
  ])('that is planted is ignored if it is %s', async (_, value) => {
    const { app, clock, browser } = start()
    await app.login(browser, 'alice', 'wonderland')
    browser.cookies.set(NAME, value(clock.now()))
    expect(await app.whoIs(browser)).toBe('alice')
    await app.login(browser, 'bob', 'builder')
    expect(await app.whoIs(browser)).toBe('bob')
  })

  test('that is planted and a little ahead costs one session, and locks out of none after it', async () => {
    const { app, clock, browser } = start()
    await app.login(browser, 'alice', 'wonderland')
    browser.cookies.set(NAME, `1.${clock.now() + 59_999}`)
    expect(await app.whoIs(browser)).toBeNull()
    await app.login(browser, 'alice', 'wonderland')
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test('is the latest of several', async () => {
    const { app, clock, browser } = start()
    await app.login(browser, 'alice', 'wonderland')
    for (const values of [
      [`1.${clock.now()}`, '1.5'],
      ['1.5', `1.${clock.now()}`],
    ]) {
      const copy = browser.copy()
      copy.cookies.set(NAME, values.join(`; ${NAME}=`))
      expect(await app.whoIs(copy)).toBeNull()
    }
  })

  test('survives a handler that throws, as the logout does', async () => {
    const { app, browser } = start()
    await app.login(browser, 'alice', 'wonderland')
    const late = browser.cookies.get('__Host-session') as string
    const failing = app.during(browser, async (auth) => {
      await auth.logout()
      throw new Error('half-way')
    })
    await expect(failing).rejects.toThrow('half-way')
    expect(browser.cookies.has(NAME)).toBe(true)
    browser.cookies.set('__Host-session', late)
    expect(await app.whoIs(browser)).toBeNull()
  })

  test('stored sessions need none', async () => {
    const app = testApp(SESSION_MODES['stored in memory']())
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, (auth) => auth.logout())
    expect([...browser.cookies]).toEqual([])
  })
})

describe('the list in this process', () => {
  test('ends every copy of the cookie, whichever of the login’s cookies logs out', async () => {
    const app = testApp({ sessions: sealedSessions() })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const first = browser.copy()
    await app.during(browser, ({ session }) => session.regenerateId())
    const copies = [first, first.copy(), browser.copy()]
    await app.during(first, (auth) => auth.logout())
    for (const copy of [browser, ...copies]) expect(await app.whoIs(copy)).toBeNull()
  })

  test('is entered at once, not when the response is sent', async () => {
    const app = testApp({ sessions: sealedSessions() })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, async (auth) => {
      await auth.logout()
      expect(await app.whoIs(copy)).toBeNull()
    })
  })

  test('is not filled by visitors', async () => {
    const app = testApp({ sessions: sealedSessions({ listBytes: 256 }) })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await app.during(browser, (auth) => auth.logout())
    for (let i = 0; i < 20; i++) {
      const visitor = app.browser()
      await app.during(visitor, ({ session }) => session.set('cart', 1))
      await app.during(visitor, ({ session }) => session.clear())
    }
    expect(await app.whoIs(copy)).toBeNull()
  })

  test('drops the oldest when it is full, and none can be had', async () => {
    const app = testApp({ sessions: sealedSessions({ listBytes: 4 * 128 }) })
    const copies: TestBrowser[] = []
    for (let i = 0; i < 5; i++) {
      const browser = app.browser()
      await app.login(browser, 'alice', 'wonderland')
      copies.push(browser.copy())
      await app.during(browser, (auth) => auth.logout())
    }
    const alive = []
    for (const copy of copies) alive.push(await app.whoIs(copy))
    expect(alive).toEqual(['alice', 'alice', null, null, null])
    const none = testApp({ sessions: sealedSessions({ listBytes: 0 }) })
    const browser = none.browser()
    await none.login(browser, 'alice', 'wonderland')
    const copy = browser.copy()
    await none.during(browser, (auth) => auth.logout())
    expect([await none.whoIs(browser), await none.whoIs(copy)]).toEqual([null, 'alice'])
  })

  test.each<[sentence: string, options: object, message: RegExp]>([
    ['a size that is none', { listBytes: -1 }, /listBytes/],
    ['a size beside a shared list', { listBytes: 1000, revocation: memoryRecords() }, /omit `listBytes`/],
    ['a shared list that is no store', { revocation: {} }, /revocation/],
    ['null', { revocation: null }, /revocation/],
  ])('refuses %s', (_, options, message) => {
    expect(() => testApp({ sessions: sealedSessions(options) })).toThrow(message)
  })

  test('a login that fits into no cookie changes nothing', async () => {
    const app = testApp({ sessions: sealedSessions() })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const failing = app.during(browser, async (auth) => {
      auth.session.set('large', 'x'.repeat(4000))
      await auth.login('alice', 'wonderland')
    })
    await expect(failing).rejects.toMatchObject({ code: 'session_too_large' })
    expect(await app.whoIs(browser)).toBe('alice')
  })
})

describe('a request that a framework makes inside of another, with a Request of its own and no common key', () => {
  test.each(Object.entries(SESSION_MODES))(
    'that logs out is not undone by the outer one: %s',
    async (_, mode) => {
      for (const outer of ['reads', 'writes', 'has written', 'regenerates'] as const) {
        const clock = testClock()
        const app = testApp({ ...mode(clock), touchSeconds: 0 }, clock)
        const browser = app.browser()
        await app.login(browser, 'alice', 'wonderland')
        clock.advance(1)
        const before = browser.cookieHeader
        await app.during(browser, async (auth) => {
          await auth.authenticate()
          if (outer === 'has written') auth.session.set('early', 1)
          // Its response, and the cookies on it, are lost.
          await app.during(browser.copy(), (inner) => inner.logout())
          if (outer === 'writes') auth.session.set('late', 1)
          if (outer === 'regenerates') auth.session.regenerateId()
        })
        expect(browser.cookieHeader).toBe(before)
        expect(await app.whoIs(browser)).toBeNull()
      }
    },
  )
})
