import { type AuthEvent, LoginManager, type LoginOutcome, memoryUsers, type SessionStore } from 'latchkey'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ORIGIN, opened, plain, SECRET, type TestUser, testApp } from '../../app.ts'

/** A foreign session that writes down what is done to it. */
class Recorded implements SessionStore {
  readonly data = new Map<string, unknown>()
  readonly calls: string[] = []
  async get(key: string) {
    return this.data.get(key)
  }
  async set(key: string, value: unknown) {
    this.calls.push(`set ${key}`)
    if (value === undefined) this.data.delete(key)
    else this.data.set(key, value)
  }
  async clear() {
    this.calls.push('clear')
    this.data.clear()
  }
  async regenerateId() {
    this.calls.push('regenerateId')
  }
}

const request = new Request('https://app.test/login', { method: 'POST' })
const alice: TestUser = { id: 'alice', hashedPassword: 'plain:wonderland' }
const bob: TestUser = { id: 'bob', hashedPassword: 'plain:builder' }
const users = memoryUsers<TestUser>([
  { user: alice, username: 'alice', tokens: ['alice-token'] },
  { user: bob, username: 'bob' },
])
const manager = (options = {}) =>
  new LoginManager<TestUser>({ secret: SECRET, users, passwords: plain, ...options })

describe('the tail of a login, over any SessionStore', () => {
  test('regenerates the id first, then writes who it is', async () => {
    const session = new Recorded()
    expect(await manager().login({ request, session }, 'alice', 'wonderland')).toMatchObject({ ok: true })
    expect(session.calls[0]).toBe('regenerateId')
    expect(session.data.get('_auth_user_id')).toBe('alice')
    expect(session.data.get('_auth_user_hash')).toMatch(/^[0-9a-f]{8}\.[\w-]{43}$/)
    expect(session.data.get('_auth_method')).toBe('password')
  })

  test('clears another user’s session, and regenerates all the same', async () => {
    const session = new Recorded()
    await manager().login({ request, session }, 'alice', 'wonderland')
    session.calls.length = 0
    await manager().login({ request, session }, 'bob', 'builder')
    expect(session.calls.slice(0, 2)).toEqual(['clear', 'regenerateId'])
  })

  test('clears a session of the same user during an impersonation', async () => {
    const session = new Recorded()
    await manager().login({ request, session }, 'alice', 'wonderland')
    session.data.set('_impersonated_user_id', 'bob')
    session.calls.length = 0
    await manager().login({ request, session }, 'alice', 'wonderland')
    expect(session.calls[0]).toBe('clear')
    expect(session.data.has('_impersonated_user_id')).toBe(false)
  })

  test('asks guards after the password, in order, and the first refusal wins', async () => {
    const asked: string[] = []
    const guard = (name: string, verdict?: string | boolean) => async () => {
      asked.push(name)
      return verdict
    }
    const session = new Recorded()
    const guarded = manager({ guards: [guard('one'), guard('two', true)] })
    const guards = [guard('three', 'no'), guard('four', 'never')]
    expect(await guarded.login({ request, session }, 'alice', 'wrong', { guards })).toMatchObject({
      code: 'invalid_credentials',
    })
    expect(asked).toEqual([])
    expect(await guarded.login({ request, session }, 'alice', 'wonderland', { guards })).toEqual({
      ok: false,
      code: 'rejected',
      reason: 'no',
    })
    expect(asked).toEqual(['one', 'two', 'three'])
    expect(session.calls).toEqual([])
  })

  test.each([[false], [''], [0], [{}]])('takes %j of a guard for a refusal', async (verdict) => {
    const strict = manager({ guards: [() => verdict] })
    expect(await strict.login({ request, session: new Recorded() }, 'alice', 'wonderland')).toMatchObject({
      reason: 'rejected',
    })
  })

  test('writes nothing while a second factor is due, and asks guards before', async () => {
    const session = new Recorded()
    const careful = manager({ secondFactor: () => true })
    expect(await careful.login({ request, session }, 'alice', 'wonderland')).toEqual({
      ok: false,
      code: 'second_factor_required',
      user: alice,
    })
    expect(session.calls).toEqual([])
    const done = await careful.loginUser({ request, session }, alice, { secondFactorDone: true })
    expect(done).toMatchObject({ ok: true })
  })

  test('lets a user in whom something else has proven, with guards', async () => {
    const session = new Recorded()
    const outcome = await manager().loginUser({ request, session }, alice, { method: 'sso' })
    expect(outcome.ok && outcome.token.method).toBe('sso')
    const refused = await manager({ guards: [() => 'no'] }).loginUser(
      { request, session: new Recorded() },
      alice,
    )
    expect(refused).toMatchObject({ code: 'rejected' })
  })

  test.each([
    [{ id: '' }],
    [{ id: null }],
    [{ id: 1.5 }],
    [{ id: {} }],
    [{ id: 'a\ud800' }],
    [{ id: 'a', sessionEpoch: Number.NaN }],
  ])('refuses a user such as %j, whom no session could name', async (user) => {
    const session = new Recorded()
    await expect(manager().loginUser({ request, session }, user as never)).rejects.toMatchObject({
      code: 'backend_failed',
    })
    expect(session.calls).toEqual([])
  })
})

describe('authenticate, over any SessionStore', () => {
  test('knows who logged in, at the next request', async () => {
    const session = new Recorded()
    await manager().login({ request, session }, 'alice', 'wonderland')
    const token = await manager().authenticate({ request, session })
    expect(token).toMatchObject({
      isAuthenticated: true,
      userId: 'alice',
      state: 'fresh',
      method: 'password',
    })
  })

  test('does not believe a session without a hash', async () => {
    const session = new Recorded()
    session.data.set('_auth_user_id', 'alice')
    expect(await manager().authenticate({ request, session })).toMatchObject({
      isAuthenticated: false,
      reason: 'credentials_changed',
    })
    expect(session.data.size).toBe(0)
  })

  test('logs out', async () => {
    const session = new Recorded()
    await manager().login({ request, session }, 'alice', 'wonderland')
    session.calls.length = 0
    await manager().logout({ request, session })
    expect(session.calls).toEqual(['clear', 'regenerateId'])
    expect(await manager().authenticate({ request, session })).toMatchObject({
      isAnonymous: true,
      reason: null,
    })
  })
})

describe('events', () => {
  test('are told in order, with the user, and hold no password', async () => {
    const events: AuthEvent<TestUser>[] = []
    const app = testApp({ onEvent: (event) => events.push(event) })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wrong-secret')
    await app.login(browser, 'alice', 'wonderland')
    await app.during(browser, (auth) => auth.logout())
    expect(events.map(({ type }) => type)).toEqual(['login_failed', 'login', 'logout'])
    expect(events[2]).toMatchObject({ user: { id: 'alice' } })
    expect(JSON.stringify(events[0])).not.toContain('wrong-secret')
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('log full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('log full'))],
  ])('a listener that %s costs nobody his login', async (_, onEvent) => {
    const complaints: unknown[] = []
    const original = console.error
    console.error = (line: unknown) => complaints.push(line)
    const app = testApp({ onEvent })
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
    await new Promise((resolve) => setImmediate(resolve))
    console.error = original
    expect(complaints).toEqual(['latchkey: `onEvent` failed for the event "login".'])
  })
})

describe('a fresh login', () => {
  test('lasts 15 minutes, and the password makes it fresh again', async () => {
    const app = testApp()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const isFresh = () => app.during(browser, async (auth) => (await auth.authenticate()) && auth.isFresh)
    expect(await isFresh()).toBe(true)
    app.clock.advance(900)
    expect(await isFresh()).toBe(false)
    const before = browser.copy()
    expect(await app.during(browser, (auth) => auth.reauthenticate('wonderland'))).toEqual({ ok: true })
    expect(await isFresh()).toBe(true)
    expect(browser.cookieHeader).not.toBe(before.cookieHeader)
  })

  test('is not ended by a clock that goes back a little', async () => {
    const app = testApp()
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    app.clock.advance(-0.5)
    expect(await app.during(browser, async (auth) => (await auth.authenticate()) && auth.isFresh)).toBe(true)
  })

  test('nobody is nobody’s fresh login', async () => {
    const app = testApp()
    expect(await app.during(app.browser(), (auth) => auth.reauthenticate('wonderland'))).toMatchObject({
      ok: false,
    })
  })

  test('who asks for the user before anybody has found out is told so', async () => {
    const app = testApp()
    await expect(app.during(app.browser(), (auth) => auth.user)).rejects.toMatchObject({ code: 'misuse' })
  })
})

describe('upgrading a hash', () => {
  test('keeps the sessions, and is not done to a hash that has changed meanwhile', async () => {
    const stored = { hash: 'weak:wonderland' }
    const upgraded: unknown[] = []
    const passwords = {
      verify: (text: string, hashed: string) => hashed.split('$')[0]?.endsWith(`:${text}`) ?? false,
      hash: (text: string, { stamp }: { stamp?: string } = {}) => `strong:${text}$stamp=${stamp}$`,
      needsRehash: (hashed: string) => hashed.startsWith('weak:'),
      dummyHash: 'strong:',
    }
    const user = () => ({ id: 'alice', hashedPassword: stored.hash })
    const app = testApp({
      passwords,
      users: {
        findById: user,
        findByUsername: user,
        upgradeHash: (_, change) => {
          upgraded.push(change)
          if (stored.hash === change.from) stored.hash = change.to
        },
      },
    })
    const [first, second] = [app.browser(), app.browser()]
    await app.login(first, 'alice', 'wonderland')
    await app.login(second, 'alice', 'wonderland')
    expect(upgraded).toHaveLength(1)
    expect(stored.hash).toMatch(/^strong:/)
    expect(await app.whoIs(first)).toBe('alice')
  })

  test('that fails costs nobody his login', async () => {
    const app = testApp({
      passwords: { ...plain, needsRehash: () => true },
      users: {
        findById: () => alice,
        findByUsername: () => alice,
        upgradeHash: () => {
          throw new Error('read-only')
        },
      },
    })
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
  })
})

describe('users in memory', () => {
  test('ids, usernames and tokens are three maps', async () => {
    expect(await users.findByToken?.('alice')).toBeNull()
    expect(await users.findByToken?.('alice-token')).toBe(alice)
    expect(await users.findById('alice-token')).toBeNull()
    expect(await users.findByUsername('alice-token')).toBeNull()
  })
})

describe('types', () => {
  interface Member {
    readonly id: number
    readonly hashedPassword: string | null
    readonly plan: 'free' | 'paid'
  }

  test('the app’s own user type flows through without a cast', () => {
    const members = memoryUsers<Member>([])
    const typed = new LoginManager({ secret: SECRET, users: members, passwords: plain })
    expectTypeOf(typed.login).returns.resolves.toEqualTypeOf<LoginOutcome<Member>>()
    const check = (outcome: LoginOutcome<Member>): string => {
      if (outcome.ok) return outcome.token.user.plan
      switch (outcome.code) {
        case 'rejected':
          return outcome.reason
        case 'throttled':
          return String(outcome.retryAfterSeconds)
        case 'second_factor_required':
          return outcome.user.plan
        case 'invalid_credentials':
          return outcome.code
      }
    }
    expect(check({ ok: false, code: 'rejected', reason: 'no' })).toBe('no')
  })

  test('a token narrows', () => {
    const app = testApp()
    const visit = () => opened(app.auth, new Request(ORIGIN))
    type Token = Awaited<ReturnType<ReturnType<typeof visit>['auth']['authenticate']>>
    const narrow = (token: Token): void => {
      if (token.isAuthenticated) expectTypeOf(token.user).toEqualTypeOf<TestUser>()
      else expectTypeOf(token.user).toEqualTypeOf<null>()
      if (token.state === 'anonymous') expectTypeOf(token.userId).toEqualTypeOf<null>()
    }
    expect(narrow).toBeTypeOf('function')
  })
})
