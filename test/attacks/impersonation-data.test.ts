import {
  createAuth,
  type IndexedRecordStore,
  impersonation,
  memoryRecords,
  type SessionStrategy,
  storedSessions,
} from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import {
  ORIGIN,
  opened,
  plain,
  SECRET,
  SESSION_MODES,
  sessionCookies,
  type TestApp,
  type TestUser,
} from '../app.ts'
import { type Auth, RIGHT, start } from './impersonating.ts'
import { inAnyOrder } from './in-any-order.ts'

const all = (auth: Auth) => auth.session.all()
const put = (key: string, value: unknown) => (auth: Auth) => auth.session.set(key, value)

describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
  /** A browser of root's with data of his own, in which he acts as alice. */
  const begin = async () => {
    const app = start({ sessions })
    const browser = await app.loggedIn('root')
    await app.during(browser, (auth) => {
      auth.session.set('cart', ['of root'])
      auth.session.set('theme', 'dark')
    })
    expect(await app.act(browser, 'alice')).toMatchObject({ ok: true })
    return { ...app, browser, ask: <T>(work: (auth: Auth) => T | Promise<T>) => app.during(browser, work) }
  }
  const OWN = { cart: ['of root'], theme: 'dark' }

  test('the session begins empty, and the actor’s own comes back', async () => {
    const { ask } = await begin()
    expect(await ask(all)).toEqual({})
    expect(await ask((auth) => auth.session.get('cart'))).toBeUndefined()
    await ask((auth) => auth.exitImpersonation())
    expect(await ask(all)).toEqual(OWN)
    expect(await ask((auth) => auth.session.get('cart'))).toEqual(['of root'])
  })

  test('what is written meanwhile lasts as long as it, and is kept by nobody', async () => {
    const { ask, act, browser } = await begin()
    await ask(put('cart', ['of alice']))
    await ask(put('seen', 1))
    expect(await ask(all)).toEqual({ cart: ['of alice'], seen: 1 })
    expect(await ask((auth) => auth.session.get('cart'))).toEqual(['of alice'])
    await ask(put('seen', undefined))
    expect(await ask(all)).toEqual({ cart: ['of alice'] })
    await ask((auth) => auth.exitImpersonation())
    expect(await ask(all)).toEqual(OWN)
    await act(browser, 'alice')
    expect(await ask(all)).toEqual({})
  })

  test('reads see writes of the same request, from the first moment to the last', async () => {
    const { ask } = await begin()
    await ask(async (auth) => {
      auth.session.set('first', 1)
      expect(await auth.session.get('first')).toBe(1)
      auth.session.set('first', 2)
      expect(await all(auth)).toEqual({ first: 2 })
      await auth.exitImpersonation()
      expect(await all(auth)).toEqual(OWN)
      auth.session.set('theme', 'light')
      await auth.impersonate('bob')
      expect(await all(auth)).toEqual({})
      auth.session.set('theme', 'of bob')
    })
    expect(await ask(all)).toEqual({ theme: 'of bob' })
    await ask((auth) => auth.exitImpersonation())
    expect(await ask(all)).toEqual({ ...OWN, theme: 'light' })
  })

  test('clear() empties the data of the impersonation alone', async () => {
    const { ask, who, browser, events } = await begin()
    await ask(put('seen', 1))
    events.length = 0
    await ask((auth) => auth.session.clear())
    expect([await ask(all), await who(browser), events]).toEqual([{}, ['alice', 'root'], []])
    await ask(async (auth) => {
      auth.session.set('seen', 2)
      await auth.session.clear()
      expect(await all(auth)).toEqual({})
      auth.session.set('after', 1)
    })
    expect(await ask(all)).toEqual({ after: 1 })
    await ask((auth) => auth.exitImpersonation())
    expect(await ask(all)).toEqual(OWN)
    await ask((auth) => auth.session.clear())
    expect([await who(browser), sessionCookies(browser).length]).toEqual([[null], 0])
  })

  const endings: readonly [sentence: string, end: (app: TestApp) => unknown][] = [
    ['its time is over', ({ clock }) => clock.advance(3600)],
    ['the right is lost', ({ users }) => users.change('root', { scopes: [] })],
    ['the other one is gone', ({ users }) => users.byId.delete('alice')],
  ]
  test.each(endings)('when it ends by itself nothing is mixed: %s', async (_, end) => {
    const app = await begin()
    await app.ask(put('cart', ['of alice']))
    await end({ ...app, browser: () => app.browser })
    expect(await app.who(app.browser)).toEqual(['root'])
    expect(await app.ask(all)).toEqual(OWN)
  })

  test.each(endings)('nor for a request that asks the session alone: %s', async (_, end) => {
    const app = await begin()
    await app.ask(put('cart', ['of alice']))
    await end({ ...app, browser: () => app.browser })
    await app.ask(async (auth) => {
      expect(await auth.session.get('cart')).toEqual(['of root'])
      auth.session.set('theme', 'light')
    })
    expect(await app.ask(all)).toEqual({ ...OWN, theme: 'light' })
  })

  test('a logout of the session alone, when it is over, is one', async () => {
    const { ask, clock, who, browser } = await begin()
    clock.advance(3600)
    await ask((auth) => auth.session.clear())
    expect([await who(browser), sessionCookies(browser).length]).toEqual([[null], 0])
  })

  test('nor where the request that finds it over has written before', async () => {
    const { ask, clock } = await begin()
    clock.advance(3600)
    await ask(async (auth) => {
      auth.session.set('cart', ['of alice'])
      await auth.authenticate()
      expect(await all(auth)).toEqual(OWN)
    })
    expect(await ask(all)).toEqual(OWN)
  })

  test.each(['root', 'alice'])('a login as %s sees the data of neither', async (username) => {
    const { ask, login, browser } = await begin()
    await ask(put('seen', 1))
    await login(browser, username, username === 'root' ? 'pw' : 'wonderland')
    expect(await ask(all)).toEqual({})
  })

  test('keys of any length and spelling', async () => {
    const { ask } = await begin()
    const keys = ['x'.repeat(256), 'ends_at', '-a', 'a:b', 'constructor', 'é']
    await ask((auth) => {
      for (const key of keys) auth.session.set(key, key.length)
    })
    const expected = Object.fromEntries(keys.map((key) => [key, key.length]))
    expect(await ask(all)).toEqual(expected)
    for (const key of ['x'.repeat(257), '', '__proto__', '_impersonation_data:cart', '_auth_user_id'])
      await expect(ask(put(key, 1))).rejects.toMatchObject({ code: 'session_key_refused' })
    expect(await ask(all)).toEqual(expected)
  })

  test('an app without the option sees the actor’s own', async () => {
    const { users, browser, ask, clock } = await begin()
    await ask(put('cart', ['of alice']))
    const without = createAuth<TestUser, unknown>({
      ...{ secret: SECRET, origin: ORIGIN, users: users.provider, passwords: plain, now: clock.now },
      // The stored kinds have a store of their own: only a seal can be read there.
      ...SESSION_MODES.sealed(),
    })
    const visit = opened(without, new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } }))
    expect(await visit.auth.session.all()).toEqual(sessions === SESSION_MODES['stored in memory'] ? {} : OWN)
  })

  test('for one request alone: the session is empty, and nothing is saved', async () => {
    const { ask, browser } = await begin()
    await ask((auth) => auth.exitImpersonation())
    const held = new Map(browser.cookies)
    await ask(async (auth) => {
      await auth.impersonateOnce('alice')
      expect([await all(auth), await auth.session.get('cart')]).toEqual([{}, undefined])
      const value = ['of alice']
      auth.session.set('cart', value)
      value.push('changed later')
      expect(await all(auth)).toEqual({ cart: ['of alice'] })
      expect(() => auth.session.set('_auth_user_id', 'bob')).toThrowError()
      expect(() => auth.session.set('__proto__', 1)).toThrowError()
      await auth.session.clear()
      expect(await all(auth)).toEqual({})
      auth.session.set('seen', 1)
      await auth.exitImpersonation()
      expect(await all(auth)).toEqual(OWN)
      await auth.impersonateOnce('alice')
      expect(await all(auth)).toEqual({})
      auth.session.set('seen', 2)
    })
    expect(browser.cookies).toEqual(held)
    expect(await ask(all)).toEqual(OWN)
  })
})

test.each(['the store', 'the table of users'])(
  'clear() ends the session where it cannot be asked: %s is down',
  async (what) => {
    let isDown = false
    const clock = testClock()
    const store = memoryRecords({ now: clock.now })
    const read = store.read.bind(store)
    store.read = (id) => {
      if (isDown && what === 'the store') throw new Error('down')
      return read(id)
    }
    const app = start({ sessions: () => ({ sessions: storedSessions(store) }), more: { now: clock.now } })
    const browser = await app.acting()
    const get = app.users.byId.get.bind(app.users.byId)
    app.users.byId.get = (id) => {
      if (isDown && what !== 'the store') throw new Error('down')
      return get(id)
    }
    isDown = true
    await app.during(browser, (auth) => auth.session.clear()).catch(() => {})
    isDown = false
    expect([browser.cookies.size, await app.who(browser)]).toEqual([0, [null]])
  },
)

describe('what is too large for a cookie', () => {
  const filled = async (length: number) => {
    const app = start({ sessions: SESSION_MODES.sealed })
    const browser = await app.loggedIn('root')
    await app.during(browser, put('own', 'x'.repeat(length)))
    return { ...app, browser }
  }

  test('the actor’s data count, and an impersonation that does not fit changes nothing', async () => {
    const { browser, act, who, events, during } = await filled(2_600)
    const held = new Map(browser.cookies)
    await expect(act(browser, 'alice')).rejects.toMatchObject({ code: 'session_too_large' })
    expect([browser.cookies, events]).toEqual([held, []])
    expect(await who(browser)).toEqual(['root'])
    await during(browser, async (auth) => {
      await expect(auth.impersonate('alice')).rejects.toMatchObject({ code: 'session_too_large' })
      expect(auth.token).toMatchObject({ userId: 'root', originalToken: null })
      auth.session.set('small', 1)
    })
    expect(await during(browser, all)).toMatchObject({ small: 1, own: expect.any(String) })
  })

  test('one that just fits is saved, with nothing more', async () => {
    const { browser, act, who, during } = await filled(2_000)
    expect(await act(browser, 'alice')).toMatchObject({ ok: true })
    expect(await who(browser)).toEqual(['alice', 'root'])
    await expect(during(browser, put('more', 'x'.repeat(2_000)))).rejects.toMatchObject({
      code: 'session_too_large',
    })
    expect([await who(browser), await during(browser, all)]).toEqual([['alice', 'root'], {}])
    await during(browser, (auth) => auth.exitImpersonation())
    expect(await during(browser, all)).toEqual({ own: 'x'.repeat(2_000) })
  })
})

describe('in any order', () => {
  const over = (store: IndexedRecordStore): SessionStrategy => storedSessions(store)
  const options = { impersonation: impersonation<TestUser>() }
  /** Writes down as whom it writes. */
  const write = async (auth: Auth): Promise<void> => {
    const { userId } = await auth.authenticate()
    auth.session.set('writer', userId)
  }
  const writeUnasked = async (auth: Auth): Promise<void> => auth.session.set('late', 1)

  test.each(['enter', 'exit'] as const)('%s: what is written as one is never read as the other', (change) =>
    inAnyOrder(
      over,
      async ({ app, browser, together, later }) => {
        app.users.change('alice', { scopes: [RIGHT] })
        await app.during(browser, put('of', 'alice'))
        if (change === 'exit') {
          await app.during(browser, (auth) => auth.impersonate('bob'))
          await app.during(browser, put('of', 'bob'))
        }
        const turn = (auth: Auth): Promise<unknown> =>
          change === 'enter' ? auth.impersonate('bob') : auth.exitImpersonation()
        const copies = await together(turn, write, writeUnasked)
        later()
        const [first] = copies
        if (!first) throw new Error('no browser')
        for (let i = 0; i < 2; i++) {
          const user = await app.whoIs(first)
          const data = await app.during(first, all)
          expect([user, data.writer ?? user]).toEqual([user, user])
          expect(data.of).toBe(user === 'alice' ? 'alice' : undefined)
          await app.during(first, async (auth) => {
            await (user === 'bob' ? auth.exitImpersonation() : auth.impersonate('sso'))
          })
        }
      },
      options,
    ),
  )
})
