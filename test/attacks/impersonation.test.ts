import {
  type AuthOptions,
  bearerAuthenticator,
  createAuth,
  handleRequest,
  type ImpersonationOptions,
  type ImpersonationOutcome,
  type IndexedRecordStore,
  impersonation,
  memoryRecords,
  type RequestAuth,
  type SessionPatch,
  type SessionStrategy,
  sealedSessions,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { type TestBrowser, type TestClock, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, SESSION_MODES, type TestApp, type TestUser, testApp } from '../app.ts'
import { inAnyOrder } from './in-any-order.ts'

type Auth = RequestAuth<TestUser>
type Options = ImpersonationOptions<TestUser>

const RIGHT = 'auth:impersonate_others'
const REFUSED = { ok: false, code: 'impersonation_refused' }

interface Start {
  readonly options?: Options
  readonly sessions?: (clock: TestClock) => { readonly sessions: SessionStrategy<unknown> }
  readonly more?: Partial<AuthOptions<TestUser, unknown>>
}

/** An app with a root and a second one, who have the right to it. */
function start({ options = {}, sessions = SESSION_MODES['stored in memory'], more = {} }: Start = {}) {
  const clock = testClock()
  const events: Record<string, unknown>[] = []
  const asked: unknown[] = []
  const app: TestApp = testApp(
    {
      ...sessions(clock),
      users: {
        findById(id) {
          asked.push(id)
          return app.users.provider.findById(id)
        },
        findByUsername: (name) => app.users.provider.findByUsername(name),
        findByToken: (token) => app.users.provider.findById(token),
      },
      touchSeconds: 0,
      impersonation: impersonation(options),
      onEvent: (event) => events.push(event),
      ...more,
    },
    clock,
  )
  for (const id of ['root', 'root2'])
    app.users.put(id, { id, hashedPassword: 'plain:pw', scopes: [RIGHT, 'admin'] })
  app.users.change('alice', { scopes: ['read'] })
  app.users.put('carol', { id: 'carol', hashedPassword: 'plain:pw', disabled: true })
  const passwords: Record<string, string> = { alice: 'wonderland', bob: 'builder', answer: 'question' }
  /** A browser in which he is logged in; of nobody, if he is none. */
  const loggedIn = async (username: string | null): Promise<TestBrowser> => {
    const browser = app.browser()
    if (username !== null) await app.login(browser, username, passwords[username] ?? 'pw')
    events.length = 0
    asked.length = 0
    return browser
  }
  const act = (browser: TestBrowser, target: unknown): Promise<ImpersonationOutcome<TestUser>> =>
    app.during(browser, (auth) => auth.impersonate(target))
  const exit = (browser: TestBrowser) => app.during(browser, (auth) => auth.exitImpersonation())
  /** A browser of root's, in which he acts as that user. */
  const acting = async (target: unknown = 'alice'): Promise<TestBrowser> => {
    const browser = await loggedIn('root')
    expect(await act(browser, target)).toMatchObject({ ok: true })
    events.length = 0
    return browser
  }
  /** As whom, and who it really is. */
  const who = (browser: TestBrowser): Promise<unknown[]> =>
    app.during(browser, async (auth) => {
      const { userId, originalUserId } = await auth.authenticate()
      return originalUserId === null ? [userId] : [userId, originalUserId]
    })
  return { ...app, events, asked, loggedIn, act, exit, acting, who }
}

const told = (events: readonly Record<string, unknown>[]): unknown[] =>
  events.map(({ type, user, userId, actor, reason }) => [
    type,
    (user as TestUser | undefined)?.id ?? userId,
    ...(actor === undefined ? [] : [actor]),
    ...(reason === undefined ? [] : [reason]),
  ])

describe('who may act as whom', () => {
  const rows: readonly [sentence: string, actor: string | null, target: unknown, options?: Options][] = [
    ['nobody', null, 'alice'],
    ['a user without the right', 'alice', 'bob'],
    ['a user without the right, as who has it', 'alice', 'root'],
    ['one as himself', 'root', 'root'],
    ['one as a peer', 'root', 'root2'],
    ['one as nobody we know', 'root', 'ghost'],
    ['one as a disabled user', 'root', 'carol'],
    ['one as a user who is gone', 'root', 'gone'],
    ['one with the right of another app', 'root', 'alice', { scope: 'support' }],
    ['one as himself, whatever a guard says', 'root', 'root', { guard: () => true, allowPeers: true }],
    ['one as himself, peers or not', 'root', 'root', { allowPeers: true }],
    ['one as a peer, whatever a guard says', 'root', 'root2', { guard: () => true }],
    ['one as a disabled user, whatever a guard says', 'root', 'carol', { guard: () => true }],
    ['nobody, whatever a guard says', null, 'alice', { guard: () => true }],
    ['one to whom the guard says no', 'root', 'alice', { guard: () => false }],
    ['one to whom the guard says no later', 'root', 'alice', { guard: async () => false }],
  ]
  test.each(rows)(
    'not %s: one refusal for all, and nothing is written',
    async (_, actor, target, options = {}) => {
      const { loggedIn, act, who, events } = start({ options })
      const browser = await loggedIn(actor)
      const held = new Map(browser.cookies)
      expect(await act(browser, target)).toEqual(REFUSED)
      expect(browser.cookies).toEqual(held)
      expect(events).toEqual([])
      expect(await who(browser)).toEqual([actor])
    },
  )

  const good: readonly [sentence: string, actor: string, target: string, options?: Options][] = [
    ['who has the scope', 'root', 'alice'],
    ['who has the scope that is asked for', 'alice', 'bob', { scope: 'read' }],
    ['who has the scope that is asked for, as the one with ours', 'alice', 'root', { scope: 'read' }],
    ['a peer, where that is allowed', 'root', 'root2', { allowPeers: true }],
    ['to whom the guard says yes', 'bob', 'alice', { guard: () => true }],
    ['to whom the guard says yes later', 'bob', 'alice', { guard: async () => true }],
  ]
  test.each(good)('who may: %s', async (_, actor, target, options = {}) => {
    const { loggedIn, act, who, events } = start({ options })
    const browser = await loggedIn(actor)
    expect(await act(browser, target)).toMatchObject({ ok: true, token: { userId: target } })
    expect(await who(browser)).toEqual([target, actor])
    expect(told(events)).toEqual([['impersonation_started', target, actor]])
  })

  const verdicts: readonly [sentence: string, verdict: unknown, isYes: boolean][] = [
    ['true', true, true],
    ['a promise of true', Promise.resolve(true), true],
    ['"yes"', 'yes', false],
    ['"true"', 'true', false],
    ['1', 1, false],
    ['an object', {}, false],
    ['a list', [true], false],
    ['a Boolean of the other kind', Object(true), false],
    ['nothing', undefined, false],
    ['null', null, false],
    ['a promise of 1', Promise.resolve(1), false],
    ['a promise of nothing', Promise.resolve(), false],
    ['a promise of a promise of "yes"', Promise.resolve(Promise.resolve('yes')), false],
    ['a function', () => true, false],
  ]
  test.each(verdicts)('of what a guard may say, only true is a yes: %s', async (_, verdict, isYes) => {
    const { loggedIn, act } = start({ options: { guard: () => verdict as boolean } })
    expect(await act(await loggedIn('bob'), 'alice')).toMatchObject(isYes ? { ok: true } : REFUSED)
  })

  test('a guard is told both, as they are now, and only of who could be', async () => {
    const pairs: unknown[] = []
    const guard = (actor: TestUser, target: TestUser) => {
      pairs.push([actor, target])
      return true
    }
    const { loggedIn, act, users } = start({ options: { guard } })
    const browser = await loggedIn('bob')
    for (const target of ['ghost', 'carol', 'bob', 'root', '', null]) await act(browser, target)
    expect(pairs).toEqual([])
    await act(browser, 'alice')
    expect(pairs).toEqual([[users.named('bob'), users.named('alice')]])
  })

  test.each([
    [
      'at once',
      () => {
        throw new TypeError('guard broke')
      },
    ],
    ['later', () => Promise.reject(new TypeError('guard broke'))],
  ])('what a guard throws %s reaches the caller, and nothing is written', async (_, guard) => {
    const { loggedIn, act, who, events } = start({ options: { guard } })
    const browser = await loggedIn('bob')
    const held = new Map(browser.cookies)
    await expect(act(browser, 'alice')).rejects.toThrowError(new TypeError('guard broke'))
    expect([browser.cookies, events]).toEqual([held, []])
    expect(await who(browser)).toEqual(['bob'])
  })

  test('a guard that never answers is a broken one, and nobody acts as anybody', async () => {
    const { loggedIn, act, who } = start({
      options: { guard: () => new Promise(() => {}) },
      more: { timeLimitSeconds: 0.05 },
    })
    const browser = await loggedIn('bob')
    await expect(act(browser, 'alice')).rejects.toMatchObject({ code: 'backend_failed' })
    expect(await who(browser)).toEqual(['bob'])
  })

  test.each([
    ['one text', RIGHT],
    ['one text with it among others', `read,${RIGHT},write`],
    ['one text that holds it by chance', `no-${RIGHT}-please`],
    ['an object', { includes: () => true }],
    ['a list of a list', [[RIGHT]]],
    ['in capitals', [RIGHT.toUpperCase()]],
    ['more than it', [`${RIGHT}:none`]],
    ['null', null],
  ])('scopes that are no list of names give no right to it: %s', async (_, scopes) => {
    const { loggedIn, act, users } = start()
    users.change('bob', { scopes: scopes as never })
    const browser = await loggedIn('bob')
    const outcome = await act(browser, 'alice').catch((error: unknown) => error)
    expect(outcome).toEqual(REFUSED)
  })

  test('nobody acts through a second one', async () => {
    const { acting, act, who, during, events } = start({ options: { guard: () => true, allowPeers: true } })
    const browser = await acting('alice')
    const held = new Map(browser.cookies)
    for (const target of ['bob', 'root', 'root2', 'alice']) {
      expect(await act(browser, target)).toEqual(REFUSED)
      expect(await during(browser, (auth) => auth.impersonateOnce(target))).toEqual(REFUSED)
    }
    expect([await who(browser), browser.cookies, events]).toEqual([['alice', 'root'], held, []])
  })

  test('nor in the same request', async () => {
    const { loggedIn, during, who } = start({ options: { guard: () => true } })
    const browser = await loggedIn('root')
    await during(browser, async (auth) => {
      expect(await auth.impersonate('alice')).toMatchObject({ ok: true })
      expect(await auth.impersonate('bob')).toEqual(REFUSED)
      expect(auth.token).toMatchObject({ userId: 'alice', originalUserId: 'root', state: 'impersonator' })
    })
    expect(await who(browser)).toEqual(['alice', 'root'])
  })
})

describe('whom an id means', () => {
  test.each([
    [42, 42],
    ['42', '42'],
    ['alice', 'alice'],
  ])('%j is %j', async (id, user) => {
    const { loggedIn, act, who } = start()
    const browser = await loggedIn('root')
    await act(browser, id)
    expect(await who(browser)).toEqual([user, 'root'])
  })

  test('a number spelt as a text, where no text is spelt like it', async () => {
    const { loggedIn, act, who, users } = start()
    users.byId.delete('42')
    const browser = await loggedIn('root')
    await act(browser, '42')
    expect(await who(browser)).toEqual([42, 'root'])
  })

  test.each([
    '042',
    ' 42',
    '42 ',
    '42\n',
    '+42',
    '-42',
    '42.0',
    '4.2e1',
    '0x2a',
    '४२',
    '４２',
    '',
    ' ',
    'ALICE',
    'alice ',
    'alice\0',
    '[object Object]',
    'null',
    '__proto__',
  ])('%j is nobody, whatever numbers there are', async (id) => {
    const { loggedIn, act, users } = start()
    users.byId.delete('42')
    for (const number of [0, -42, Number.NaN]) users.put(`n${number}`, { id: number, hashedPassword: null })
    expect(await act(await loggedIn('root'), id)).toEqual(REFUSED)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['an object', { id: 'alice' }],
    ['a list', ['alice']],
    ['a list of a number', [42]],
    ['a text of the other kind', Object('alice')],
    ['what says its text itself', { toString: () => 'alice', valueOf: () => 42 }],
    ['a function', () => 'alice'],
    ['a symbol', Symbol.for('alice')],
    ['a big integer', 42n],
    ['an empty text', ''],
    ['a text with NUL', 'alice\0'],
    ['a very long text', 'a'.repeat(1025)],
  ])('%s never reaches the provider', async (_, id) => {
    const { loggedIn, act, asked } = start()
    const browser = await loggedIn('root')
    expect(await act(browser, id)).toEqual(REFUSED)
    expect(asked).toEqual(['root'])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53, -42])('%d is nobody', async (id) => {
    const { loggedIn, act, users } = start()
    users.byId.set(id, { id, hashedPassword: null })
    if (id === -42) users.byId.delete(id)
    expect(await act(await loggedIn('root'), id)).toEqual(REFUSED)
  })

  test.each(['042', ' 42', 'Alice', '1e3'])(
    'a table that compares loosely finds nobody by %j',
    async (id) => {
      const users = start().users.provider
      const findById = (given: string | number) =>
        users.findById(given) ??
        users.findById(Number(given)) ??
        users.findById(String(given).trim().toLowerCase()) ??
        (given === '1e3' ? { id: 1000, hashedPassword: null } : null)
      const app = start({ more: { users: { ...users, findById } } })
      expect(await app.act(await app.loggedIn('root'), id)).toEqual(REFUSED)
    },
  )

  test.each([
    ['no id', {}],
    ['no usable hash', { id: 'odd', hashedPassword: 42 }],
    ['no usable epoch', { id: 'odd', hashedPassword: null, sessionEpoch: 'x' }],
  ])('a row with %s is nobody', async (_, row) => {
    const { loggedIn, act, users } = start()
    users.byId.set('odd', row as never)
    expect(await act(await loggedIn('root'), 'odd')).toEqual(REFUSED)
  })
})

describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
  const begin = (options: Options = {}) => start({ options, sessions })

  test('acting, and back', async () => {
    const { loggedIn, act, exit, who, events, during } = begin()
    const browser = await loggedIn('root')
    await act(browser, 'alice')
    expect(await who(browser)).toEqual(['alice', 'root'])
    await during(browser, async (auth) => {
      const token = await auth.authenticate()
      expect([token.state, token.scopes, token.method]).toEqual(['impersonator', ['read'], 'password'])
      expect(token.originalToken).toMatchObject({ userId: 'root', state: 'fresh' })
    })
    expect(await exit(browser)).toMatchObject({ userId: 'root', state: 'fresh', originalToken: null })
    expect(await who(browser)).toEqual(['root'])
    expect(told(events)).toEqual([
      ['impersonation_started', 'alice', 'root'],
      ['impersonation_ended', 'alice', 'root', 'exit'],
    ])
  })

  test('an integer stays one', async () => {
    const { acting, who } = begin()
    expect(await who(await acting(42))).toEqual([42, 'root'])
  })

  test('the cookie is another one at the beginning and at the end', async () => {
    const { loggedIn, act, exit } = begin()
    const browser = await loggedIn('root')
    const seen = [browser.cookieHeader]
    await act(browser, 'alice')
    seen.push(browser.cookieHeader)
    await exit(browser)
    seen.push(browser.cookieHeader)
    expect(new Set(seen).size).toBe(3)
  })

  test('the keys of it are the library’s own: neither read, nor written, nor removed', async () => {
    const { acting, during, who } = begin()
    const browser = await acting()
    await during(browser, async ({ session }) => {
      expect(await session.all()).toEqual({})
      for (const key of [
        '_impersonated_user_id',
        '_impersonator_user_id',
        '_impersonation_ends_at',
        '_impersonated_',
      ]) {
        expect(await session.get(key)).toBeUndefined()
        for (const value of ['bob', 'root', 9e15, undefined])
          expect(() => session.set(key, value)).toThrowError(
            expect.objectContaining({ code: 'session_key_refused' }),
          )
      }
    })
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test.each([
    ['as the one acted as', 'alice', 'wonderland'],
    ['as who was really there', 'root', 'pw'],
    ['as a third', 'bob', 'builder'],
  ])('a login %s ends it first, and sees nothing of it', async (_, username, password) => {
    const { acting, login, during, who, events } = begin()
    const browser = await acting('alice')
    await during(browser, ({ session }) => session.set('seen', 'of alice'))
    expect(await login(browser, username, password)).toMatchObject({ ok: true })
    expect(told(events)).toEqual([
      ['impersonation_ended', 'alice', 'root', 'login'],
      ['login', username],
    ])
    await during(browser, async (auth) => {
      expect(await auth.authenticate()).toMatchObject({
        userId: username,
        state: 'fresh',
        originalToken: null,
      })
      expect(await auth.session.all()).toEqual({})
      expect(await auth.exitImpersonation()).toMatchObject({ userId: username })
    })
    expect(await who(browser)).toEqual([username])
  })

  test('so does a login by something else', async () => {
    const { acting, during, who, users, events } = begin()
    const browser = await acting('alice')
    await during(browser, (auth) => auth.loginUser(users.named('bob'), { method: 'sso' }))
    expect(told(events).slice(0, 1)).toEqual([['impersonation_ended', 'alice', 'root', 'login']])
    expect(await who(browser)).toEqual(['bob'])
  })

  test.each([
    ['a wrong password', (auth: Auth) => auth.login('alice', 'wrong')],
    ['a disabled user', (auth: Auth) => auth.login('carol', 'pw')],
    ['a guard that says no', (auth: Auth) => auth.login('bob', 'builder', { guards: [() => false] })],
  ])('a login that is refused ends nothing: %s', async (_, attempt) => {
    const { acting, during, who, events } = begin()
    const browser = await acting('alice')
    expect(await during(browser, attempt)).toMatchObject({ ok: false })
    expect(await who(browser)).toEqual(['alice', 'root'])
    expect(events.filter(({ type }) => type === 'impersonation_ended')).toEqual([])
  })

  test('a logout ends all of it', async () => {
    const { acting, during, who, events } = begin()
    const browser = await acting('alice')
    await during(browser, ({ session }) => session.set('seen', 'of alice'))
    await during(browser, (auth) => auth.logout())
    expect(told(events).map((event) => (event as unknown[]).slice(0, 2))).toEqual([
      ['impersonation_ended', 'alice'],
      ['logout', 'root'],
    ])
    expect(events[0]).toMatchObject({ actor: 'root', reason: 'logout' })
    expect([await who(browser), browser.cookies.size]).toEqual([[null], 0])
  })
})

describe('an id from before', () => {
  const stale = async (change: 'enter' | 'exit') => {
    const app = start()
    const browser = await (change === 'enter' ? app.loggedIn('root') : app.acting('alice'))
    const before = browser.copy()
    await (change === 'enter' ? app.act(browser, 'alice') : app.exit(browser))
    return { ...app, browser, before, now: change === 'enter' ? ['alice', 'root'] : ['root'] }
  }

  test.each(['enter', 'exit'] as const)('%s: reads for ten seconds, what is so now', async (change) => {
    const { who, before, browser, now, clock } = await stale(change)
    const held = new Map(before.cookies)
    expect(await who(before)).toEqual(now)
    clock.advance(9.999)
    expect(await who(before)).toEqual(now)
    expect(before.cookies).toEqual(held)
    clock.advance(0.001)
    expect(await who(before)).toEqual([null])
    expect(await who(browser)).toEqual(now)
  })

  test.each(['enter', 'exit'] as const)('%s: never writes', async (change) => {
    const { who, during, before, browser, now, act, exit } = await stale(change)
    await during(before, ({ session }) => session.set('late', 1))
    await during(before, ({ session }) => session.regenerateId())
    if (change === 'enter') await exit(before)
    else await act(before, 'bob')
    expect(await who(browser)).toEqual(now)
    expect(await during(browser, ({ session }) => session.all())).toEqual({})
  })

  test.each(['enter', 'exit'] as const)('%s: still logs out, for good', async (change) => {
    const { who, during, before, browser } = await stale(change)
    await during(before, (auth) => auth.logout())
    expect([await who(browser), await who(before)]).toEqual([[null], [null]])
  })

  test.each(['enter', 'exit'] as const)(
    '%s: is dead at once, of sealed sessions that can be revoked',
    async (change) => {
      const app = start({ sessions: SESSION_MODES['sealed, with revocation'] })
      const browser = await (change === 'enter' ? app.loggedIn('root') : app.acting('alice'))
      const before = browser.copy()
      await (change === 'enter' ? app.act(browser, 'alice') : app.exit(browser))
      expect(await app.who(before)).toEqual([null])
    },
  )
})

describe('how long it lasts', () => {
  test('an hour, and by use no longer', async () => {
    const { acting, who, clock, events } = start()
    const browser = await acting()
    for (let minute = 1; minute < 60; minute++) {
      clock.advance(60)
      expect(await who(browser)).toEqual(['alice', 'root'])
    }
    clock.advance(59.999)
    expect(await who(browser)).toEqual(['alice', 'root'])
    clock.advance(0.001)
    expect(await who(browser)).toEqual(['root'])
    expect(told(events)).toEqual([['impersonation_ended', 'alice', 'root', 'expired']])
    expect(await who(browser)).toEqual(['root'])
    expect(events).toHaveLength(1)
  })

  test('as long as is said, and the token says when', async () => {
    const { acting, who, during, clock } = start({ options: { maxSeconds: 30 } })
    const browser = await acting()
    const { expiresAt } = await during(browser, (auth) => auth.authenticate())
    expect(expiresAt).toBe(clock.now() + 30_000)
    clock.advance(30)
    expect(await who(browser)).toEqual(['root'])
  })

  test('no longer than the session it is in', async () => {
    const { acting, who, during, clock, events } = start({
      options: { maxSeconds: 1000 },
      more: { idleSeconds: 100, absoluteSeconds: 500 },
    })
    const browser = await acting()
    const { expiresAt } = await during(browser, (auth) => auth.authenticate())
    expect(expiresAt).toBe(clock.now() + 100_000)
    clock.advance(101)
    expect(await who(browser)).toEqual([null])
    expect(events.filter(({ type }) => type === 'impersonation_started')).toEqual([])
  })

  test('not longer for who tries again meanwhile', async () => {
    const { acting, act, who, clock } = start({ options: { maxSeconds: 30 } })
    const browser = await acting()
    clock.advance(20)
    expect(await act(browser, 'alice')).toEqual(REFUSED)
    clock.advance(10)
    expect(await who(browser)).toEqual(['root'])
    expect(await act(browser, 'alice')).toMatchObject({ ok: true })
    clock.advance(20)
    expect(await who(browser)).toEqual(['alice', 'root'])
  })
})

describe('what changes while it lasts', () => {
  const rows: readonly [
    sentence: string,
    change: (app: TestApp) => unknown,
    now: (string | null)[],
    reason: string | null,
  ][] = [
    [
      'the right is lost',
      ({ users }) => users.change('root', { scopes: ['admin'] }),
      ['root'],
      'not_allowed',
    ],
    [
      'the other one has the right himself',
      ({ users }) => users.change('alice', { scopes: [RIGHT] }),
      ['root'],
      'not_allowed',
    ],
    [
      'the other one is disabled',
      ({ users }) => users.change('alice', { disabled: true }),
      ['root'],
      'user_disabled',
    ],
    ['the other one is gone', ({ users }) => users.byId.delete('alice'), ['root'], 'user_missing'],
    [
      'another one has come to his id',
      ({ users }) => users.byId.set('alice', { id: 'bob', hashedPassword: null }),
      ['root'],
      'user_missing',
    ],
    [
      'the actor is disabled',
      ({ users }) => users.change('root', { disabled: true }),
      [null],
      'session_ended',
    ],
    ['the actor is gone', ({ users }) => users.byId.delete('root'), [null], 'session_ended'],
    [
      'the actor has another password',
      ({ users }) => users.change('root', { hashedPassword: 'plain:x' }),
      [null],
      'session_ended',
    ],
    [
      'the actor has another epoch',
      ({ users }) => users.change('root', { sessionEpoch: 1 }),
      [null],
      'session_ended',
    ],
    [
      'the other one has another password',
      ({ users }) => users.change('alice', { hashedPassword: 'plain:x' }),
      ['alice', 'root'],
      null,
    ],
    [
      'the other one has another epoch',
      ({ users }) => users.change('alice', { sessionEpoch: 1 }),
      ['alice', 'root'],
      null,
    ],
  ]
  describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
    test.each(rows)('%s', async (_, change, now, reason) => {
      const app = start({ sessions })
      const browser = await app.acting()
      await change(app)
      expect(await app.who(browser)).toEqual(now)
      const ended = app.events.filter(({ type }) => type === 'impersonation_ended')
      expect(told(ended)).toEqual(reason === null ? [] : [['impersonation_ended', 'alice', 'root', reason]])
      expect(await app.who(browser)).toEqual(now)
    })

    test('a right that comes back starts nothing by itself', async () => {
      const { acting, users, who } = start({ sessions })
      const browser = await acting()
      users.change('root', { scopes: [] })
      expect(await who(browser)).toEqual(['root'])
      users.change('root', { scopes: [RIGHT] })
      expect(await who(browser)).toEqual(['root'])
    })
  })

  const guards: readonly [sentence: string, verdict: unknown, now: string[]][] = [
    ['goes on saying yes', true, ['alice', 'root']],
    ['says no', false, ['root']],
    ['says no later', Promise.resolve(false), ['root']],
    ['says "yes"', 'yes', ['root']],
    ['says nothing', undefined, ['root']],
  ]
  test.each(guards)('the guard is asked at each request: it %s', async (_, later, now) => {
    let verdict: unknown = true
    const { acting, who } = start({ options: { guard: () => verdict as boolean } })
    const browser = await acting()
    verdict = later
    expect(await who(browser)).toEqual(now)
  })

  test('a guard that throws lets the request fail: as nobody, not as himself', async () => {
    let isBroken = false
    const guard = () => {
      if (isBroken) throw new TypeError('guard broke')
      return true
    }
    const { acting, who } = start({ options: { guard } })
    const browser = await acting()
    isBroken = true
    await expect(who(browser)).rejects.toThrowError(new TypeError('guard broke'))
    isBroken = false
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test('a table that is down ends nothing', async () => {
    let isDown = false
    const users = start().users
    const findById = (id: string | number) => {
      if (isDown && id === 'alice') throw new Error('postgres://app:s3cret@db.internal')
      return users.provider.findById(id)
    }
    const { acting, who } = start({ more: { users: { ...users.provider, findById } } })
    users.put('root', { id: 'root', hashedPassword: 'plain:pw', scopes: [RIGHT] })
    const browser = await acting()
    isDown = true
    await expect(who(browser)).rejects.toThrowError(expect.objectContaining({ code: 'backend_failed' }))
    isDown = false
    expect(await who(browser)).toEqual(['alice', 'root'])
  })
})

describe('the way out', () => {
  test.each([
    ['the right is lost', ({ users }: TestApp) => users.change('root', { scopes: [] })],
    ['the other one is gone', ({ users }: TestApp) => users.byId.delete('alice')],
    ['the other one is disabled', ({ users }: TestApp) => users.change('alice', { disabled: true })],
    ['it is over', ({ clock }: TestApp) => clock.advance(3600)],
  ])('is open when %s', async (_, change) => {
    const app = start()
    const browser = await app.acting()
    await change(app)
    expect(await app.exit(browser)).toMatchObject({ userId: 'root', originalToken: null })
    expect(await app.who(browser)).toEqual(['root'])
    expect(told(app.events)).toEqual([['impersonation_ended', 'alice', 'root', 'exit']])
  })

  const ways: readonly [
    sentence: string,
    leave: (auth: Auth) => Promise<unknown>,
    now: unknown[],
    reason: string,
  ][] = [
    ['exit', (auth) => auth.exitImpersonation(), ['root'], 'exit'],
    ['logout', (auth) => auth.logout(), [null], 'logout'],
    ['a login', (auth) => auth.login('bob', 'builder'), ['bob'], 'login'],
  ]
  test.each(ways)('is open when the guard throws, and told: %s', async (_, leave, now, reason) => {
    let isBroken = false
    const guard = () => {
      if (isBroken) throw new TypeError('guard broke')
      return true
    }
    const { acting, during, who, events } = start({ options: { guard } })
    const browser = await acting()
    isBroken = true
    await during(browser, leave)
    expect(await who(browser)).toEqual(now)
    expect(events[0]).toMatchObject({ type: 'impersonation_ended', userId: 'alice', actor: 'root', reason })
  })

  test('is no way in: for who acts as nobody it changes nothing', async () => {
    const { loggedIn, exit, who, events } = start()
    for (const user of [null, 'alice', 'root']) {
      const browser = await loggedIn(user)
      const held = new Map(browser.cookies)
      expect(await exit(browser)).toMatchObject({ userId: user })
      expect([browser.cookies, events, await who(browser)]).toEqual([held, [], [user]])
    }
  })

  test('twice is once', async () => {
    const { acting, during, who, events } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      await auth.exitImpersonation()
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root' })
      expect(auth.token).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(events).toHaveLength(1)
    expect(await who(browser)).toEqual(['root'])
  })

  test('in the request that began it', async () => {
    const { loggedIn, during, who, events } = start()
    const browser = await loggedIn('root')
    await during(browser, async (auth) => {
      await auth.impersonate('alice')
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(await who(browser)).toEqual(['root'])
    expect(told(events)).toEqual([
      ['impersonation_started', 'alice', 'root'],
      ['impersonation_ended', 'alice', 'root', 'exit'],
    ])
  })
})

describe('keys that were planted in the store', () => {
  const planted = async (owner: string | null, data: SessionPatch, options: Options = {}) => {
    const clock = testClock()
    const store = memoryRecords({ now: clock.now })
    const ids: string[] = []
    const create = store.create.bind(store)
    store.create = (id, record) => {
      ids.push(id)
      return create(id, record)
    }
    const app = start({ options, more: { sessions: storedSessions(store), now: clock.now } })
    const browser = await app.loggedIn(owner)
    if (owner === null) await app.during(browser, ({ session }) => session.set('cart', 1))
    const id = ids.at(-1) as string
    const record = await store.read(id)
    expect(record).not.toBeNull()
    const { renewedAt = 0, expiresAt = 0 } = record ?? {}
    await store.update(id, data, { renewedAt, expiresAt })
    return { ...app, browser }
  }
  const LATER = 1_767_225_600_000 + 60_000

  test('mean something where they are the session’s own: the rows below can fail', async () => {
    const data = {
      _impersonated_user_id: 'alice',
      _impersonator_user_id: 'root',
      _impersonation_ends_at: LATER,
    }
    const { who, browser } = await planted('root', data)
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test('do not wait in a visitor’s session for whoever logs in there', async () => {
    const data = {
      _impersonated_user_id: 'alice',
      _impersonator_user_id: 'root',
      _impersonation_ends_at: LATER,
    }
    const { who, login, during, browser } = await planted(null, data)
    expect(await who(browser)).toEqual([null])
    await login(browser, 'root', 'pw')
    expect(await who(browser)).toEqual(['root'])
    expect(await during(browser, ({ session }) => session.all())).toEqual({ cart: 1 })
  })

  const rows: readonly [sentence: string, owner: string, data: SessionPatch, options?: Options][] = [
    ['the one alone', 'root', { _impersonated_user_id: 'alice' }],
    ['without an end', 'root', { _impersonated_user_id: 'alice', _impersonator_user_id: 'root' }],
    ['without who did it', 'root', { _impersonated_user_id: 'alice', _impersonation_ends_at: LATER }],
    [
      'bound to another actor',
      'root',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root2', _impersonation_ends_at: LATER },
    ],
    [
      'of one with the right, in a session of one without',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'of one with the right, where the guard would say yes to all',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
      { guard: () => true },
    ],
    [
      'of one without the right',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'bob', _impersonation_ends_at: LATER },
    ],
    [
      'as a peer',
      'root',
      { _impersonated_user_id: 'root2', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an end that is over',
      'root',
      {
        _impersonated_user_id: 'alice',
        _impersonator_user_id: 'root',
        _impersonation_ends_at: LATER - 60_000,
      },
    ],
    [
      'with an end that is a text',
      'root',
      {
        _impersonated_user_id: 'alice',
        _impersonator_user_id: 'root',
        _impersonation_ends_at: '9999999999999',
      },
    ],
    [
      'with an id that is a list',
      'root',
      { _impersonated_user_id: ['alice'], _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an id of another type, where there is none',
      'root',
      { _impersonated_user_id: '042', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an actor of another type',
      'answer',
      { _impersonated_user_id: 'alice', _impersonator_user_id: '42', _impersonation_ends_at: LATER },
      { guard: () => true },
    ],
    [
      'with an id that is null',
      'root',
      { _impersonated_user_id: null, _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an id that is empty',
      'root',
      { _impersonated_user_id: '', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
  ]
  test.each(rows)('mean nothing, and are removed: %s', async (_, owner, data, options) => {
    const { who, during, browser } = await planted(owner, data, options)
    const id = owner === 'answer' ? 42 : owner
    expect(await who(browser)).toEqual([id])
    expect(await who(browser)).toEqual([id])
    await during(browser, async (auth) => {
      expect(await auth.authenticate()).toMatchObject({ state: 'fresh', originalToken: null })
    })
  })
})

describe('what is not for who acts as another', () => {
  test('he is not fresh, and no password makes him so', async () => {
    const verified: string[] = []
    const passwords = {
      ...plain,
      verify(text: string, hashed: string) {
        verified.push(hashed)
        return plain.verify(text, hashed)
      },
    }
    const { acting, during } = start({ more: { passwords } })
    const browser = await acting()
    verified.length = 0
    await during(browser, async (auth) => {
      await auth.authenticate()
      expect(auth.isFresh).toBe(false)
      for (const password of ['wonderland', 'pw', '', null])
        expect(await auth.reauthenticate(password)).toEqual({ ok: false, code: 'impersonating' })
      expect(auth.isFresh).toBe(false)
    })
    expect(verified).toEqual([])
  })

  test('nor is he fresh by a scope or a guard of his', async () => {
    const { acting, during } = start({ options: { guard: () => true }, more: { freshSeconds: 86_400 } })
    await during(await acting(), async (auth) => {
      await auth.authenticate()
      expect(auth.isFresh).toBe(false)
    })
  })

  test('he does not refresh the session as the other one', async () => {
    const { acting, during, users, who } = start()
    const browser = await acting()
    const refreshing = during(browser, (auth) => auth.passwordChanged(users.named('alice')))
    await expect(refreshing).rejects.toThrowError(expect.objectContaining({ code: 'misuse' }))
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test.each([
    ['requireNotImpersonating', (auth: Auth) => auth.requireNotImpersonating()],
    ['notImpersonating', (auth: Auth) => auth.requireUser({ notImpersonating: true })],
    [
      'a scope beside it that the other one has',
      (auth: Auth) => auth.requireUser({ notImpersonating: true, scopes: ['read'] }),
    ],
    [
      'the session alone',
      (auth: Auth) => auth.requireUser({ notImpersonating: true, by: [sessionAuthenticator()] }),
    ],
  ])('what asks for the user himself answers 403: %s', async (_, ask) => {
    const { acting, loggedIn, during, exit } = start()
    const browser = await acting()
    const refusal = await during(browser, ask)
    expect(refusal?.status).toBe(403)
    expect(await refusal?.text()).toContain('Not allowed')
    await exit(browser)
    if (String(ask).includes('read')) return
    expect(await during(browser, ask)).toBeNull()
    expect((await during(await loggedIn(null), ask))?.status).toBe(401)
  })

  test('the code of it is one of its own', async () => {
    const { auth, acting } = start()
    const browser = await acting()
    const headers = { accept: 'application/json', cookie: browser.cookieHeader }
    const answer = await handleRequest(auth, new Request(ORIGIN, { headers }), async (current) => {
      return (await current.requireNotImpersonating()) ?? new Response()
    })
    expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'impersonating' }])
    expect(answer.headers.get('www-authenticate')).toBeNull()
  })

  test('he has the scopes of the other one, and none of his own', async () => {
    const { acting, during } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      expect(await auth.requireScopes('read')).toBeNull()
      for (const scope of ['admin', RIGHT]) expect((await auth.requireScopes(scope))?.status).toBe(403)
    })
  })

  test('all that he does is told of him', async () => {
    const { acting, during, events } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      await auth.authenticate()
      await auth.login('bob', 'wrong')
    })
    expect(events).toMatchObject([{ type: 'login_failed', username: 'bob', actor: 'root' }])
  })
})

describe('for one request alone', () => {
  const TOKEN = { authorization: 'Bearer root' }
  const byToken = () => {
    const app = start({
      more: { authenticators: [bearerAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()] },
    })
    const ask = (headers: Record<string, string>, work: (auth: Auth) => unknown) =>
      handleRequest(app.auth, new Request(ORIGIN, { method: 'POST', headers }), async (current) =>
        Response.json((await work(current)) ?? null),
      )
    return { ...app, ask }
  }
  const both = ({ token }: Auth) => [token.userId, token.originalUserId, token.state, token.expiresAt]

  test('who came by a token acts, and nothing is kept', async () => {
    const { ask, events } = byToken()
    const answer = await ask(TOKEN, async (auth) => {
      expect(await auth.impersonateOnce('alice')).toMatchObject({ ok: true, token: { userId: 'alice' } })
      expect(auth.isFresh).toBe(false)
      expect((await auth.requireNotImpersonating())?.status).toBe(403)
      return both(auth)
    })
    expect(await answer.json()).toEqual(['alice', 'root', 'impersonator', null])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(told(events)).toEqual([['impersonation_started', 'alice', 'root']])
    expect(await (await ask(TOKEN, async (auth) => (await auth.authenticate()).userId)).json()).toBe('root')
  })

  test('he cannot act for longer: there is nothing of his to write into', async () => {
    const { ask, events } = byToken()
    const answer = await ask(TOKEN, (auth) => auth.impersonate('alice'))
    expect([await answer.json(), answer.headers.getSetCookie(), events]).toEqual([REFUSED, [], []])
  })

  test('nor into the session of somebody else that came along', async () => {
    const { ask, loggedIn, who } = byToken()
    const browser = await loggedIn('bob')
    const headers = { ...TOKEN, cookie: browser.cookieHeader }
    const answer = await ask(headers, async (auth) => [
      await auth.impersonate('alice'),
      (await auth.impersonateOnce('alice')).ok,
    ])
    expect([await answer.json(), answer.headers.getSetCookie()]).toEqual([[REFUSED, true], []])
    expect(await who(browser)).toEqual(['bob'])
  })

  test('the same refusals, and the same one', async () => {
    const { ask } = byToken()
    const answer = await ask(TOKEN, async (auth) =>
      Promise.all(
        ['root', 'root2', 'ghost', 'carol', '042', '', null, ['alice']].map((id) => auth.impersonateOnce(id)),
      ),
    )
    for (const outcome of (await answer.json()) as unknown[]) expect(outcome).toEqual(REFUSED)
    for (const headers of [{}, { authorization: 'Bearer alice' }, { authorization: 'Bearer unknown' }])
      expect(
        await (await ask(headers as Record<string, string>, (auth) => auth.impersonateOnce('bob'))).json(),
      ).toEqual(REFUSED)
  })

  test('of a session nothing is changed either', async () => {
    const { loggedIn, during, who } = start()
    const browser = await loggedIn('root')
    const held = new Map(browser.cookies)
    await during(browser, async (auth) => {
      expect(await auth.impersonateOnce('alice')).toMatchObject({ ok: true })
      expect(auth.token).toMatchObject({ userId: 'alice', originalUserId: 'root' })
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(browser.cookies).toEqual(held)
    await during(browser, (auth) => auth.impersonateOnce('alice'))
    expect([await who(browser), browser.cookies]).toEqual([['root'], held])
  })
})

describe('without the option', () => {
  const records = memoryRecords()
  const rows: readonly [sentence: string, sessions: () => SessionStrategy<unknown>][] = [
    ['sealed', () => sealedSessions()],
    ['stored', () => storedSessions(records)],
  ]
  test.each(rows)('what an app with it has left in a session means nothing: %s', async (_, sessions) => {
    const more = { sessions: sessions(), now: Date.now }
    const { acting, users, who } = start({ more })
    const browser = await acting()
    const without = createAuth<TestUser>({
      ...{ secret: SECRET, origin: ORIGIN, users: users.provider, passwords: plain },
      sessions: sessions() as SessionStrategy<undefined>,
    })
    const request = new Request(ORIGIN, { headers: { cookie: browser.cookieHeader } })
    expect(await without.begin(request).authenticate()).toMatchObject({ userId: 'root', state: 'fresh' })
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test.each([
    ['impersonate', (auth: Auth) => auth.impersonate('bob')],
    ['impersonateOnce', (auth: Auth) => auth.impersonateOnce('bob')],
    ['exitImpersonation', (auth: Auth) => auth.exitImpersonation()],
  ])('%s is misuse', async (_, call) => {
    const app = testApp()
    const browser = app.browser()
    app.users.change('alice', { scopes: [RIGHT] })
    await app.login(browser, 'alice', 'wonderland')
    await expect(app.during(browser, async (auth) => call(auth))).rejects.toThrowError(
      expect.objectContaining({ code: 'misuse', message: expect.stringContaining('impersonation()') }),
    )
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test.each([
    ['an option that does not exist', { scopes: [RIGHT] }, 'No option `scopes`'],
    ['a guard that is none', { guard: 'yes' }, '`guard`'],
    ['a guard and a scope', { guard: () => true, scope: 'x' }, '`guard` decides in place of `scope`'],
    ['an empty scope', { scope: '' }, '`scope`'],
    ['a scope that is a list', { scope: [RIGHT] }, '`scope`'],
    ['no time at all', { maxSeconds: 0 }, '`maxSeconds`'],
    ['a time before', { maxSeconds: -1 }, '`maxSeconds`'],
    ['a time without end', { maxSeconds: Number.POSITIVE_INFINITY }, '`maxSeconds`'],
    ['a time that is none', { maxSeconds: Number.NaN }, '`maxSeconds`'],
    ['a time in words', { maxSeconds: '1h' }, '`maxSeconds`'],
  ])('%s is refused when it is built', (_, options, named) => {
    expect(() => impersonation(options as never)).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(named) }),
    )
  })

  test('so is what is no impersonation()', () => {
    for (const given of [{}, true, { scope: RIGHT }])
      expect(() => testApp({ impersonation: given as never })).toThrowError(
        /`impersonation` is impersonation/,
      )
  })
})

describe.each([
  ['stored', (store: IndexedRecordStore): SessionStrategy => storedSessions(store)],
  [
    'sealed with a revocation list',
    (revocation: IndexedRecordStore): SessionStrategy => sealedSessions({ revocation }),
  ],
] as const)('in any order: %s', (_, over) => {
  const enter =
    (target: string) =>
    (auth: Auth): Promise<unknown> =>
      auth.impersonate(target)
  const exit = (auth: Auth): Promise<unknown> => auth.exitImpersonation()
  const logout = (auth: Auth): Promise<unknown> => auth.logout()
  const read = async (auth: Auth): Promise<unknown> => auth.authenticate()
  const withRight = (app: TestApp) => app.users.change('alice', { scopes: [RIGHT] })
  const options = { impersonation: impersonation<TestUser>() }

  const logouts: readonly [
    sentence: string,
    isActing: boolean,
    rivals: ((auth: Auth) => Promise<unknown>)[],
  ][] = [
    ['entering', false, [enter('bob')]],
    ['two that enter', false, [enter('bob'), enter('sso')]],
    ['exiting', true, [exit]],
    ['two that exit', true, [exit, exit]],
    ['exiting, while another one reads', true, [exit, read]],
    ['entering and exiting', false, [enter('bob'), exit]],
  ]
  test.each(logouts)('a logout wins against %s', (_, isActing, rivals) =>
    inAnyOrder(
      over,
      async ({ app, browser, together }) => {
        withRight(app)
        if (isActing) await app.during(browser, enter('bob'))
        const copies = await together(logout, ...rivals)
        for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
      },
      options,
    ),
  )

  test('a logout wins against a right that is lost', () =>
    inAnyOrder(
      over,
      async ({ app, browser, together }) => {
        withRight(app)
        await app.during(browser, enter('bob'))
        app.users.change('alice', { scopes: [] })
        const copies = await together(logout, read, read)
        for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).toBeNull()
      },
      options,
    ))

  test('who exits acts no longer, whoever reads meanwhile', () =>
    inAnyOrder(
      over,
      async ({ app, browser, together, later }) => {
        withRight(app)
        await app.during(browser, enter('bob'))
        const copies = await together(exit, read, read)
        for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).not.toBe('bob')
        later()
        const alive = []
        for (const holder of copies) alive.push(await app.whoIs(holder))
        expect(alive).toEqual(['alice', null, null])
      },
      options,
    ))

  test('of two that enter one is left, and he is one of both', () =>
    inAnyOrder(
      over,
      async ({ app, together, later }) => {
        withRight(app)
        const copies = await together(enter('bob'), enter('sso'))
        later()
        const alive = []
        for (const holder of copies) alive.push(await app.whoIs(holder))
        expect([
          ['bob', null],
          [null, 'sso'],
        ]).toContainEqual(alive)
      },
      options,
    ))
})

test('the way out is open while the table of users is down', async () => {
  const app = start()
  const browser = await app.acting()
  const { byId } = app.users
  const get = byId.get.bind(byId)
  byId.get = () => {
    throw new Error('down')
  }
  const token = await app.during(browser, (auth) => auth.exitImpersonation())
  expect(token.isAuthenticated).toBe(false)
  byId.get = get
  expect(await app.who(browser)).toEqual(['root'])
})
