import { describe, expect, test } from 'vitest'
import { SESSION_MODES, type TestApp } from '../app.ts'
import { REFUSED, RIGHT, start, told } from './impersonating.ts'

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
    [
      'the other one is given a scope that the actor lacks',
      ({ users }) => users.change('alice', { scopes: ['read', 'billing'] }),
      ['root'],
      'not_allowed',
    ],
    [
      'the actor loses a scope that the other one has',
      ({ users }) => users.change('root', { scopes: [RIGHT, 'admin'] }),
      ['root'],
      'not_allowed',
    ],
    [
      'the other one is given a scope that the actor has',
      ({ users }) => users.change('alice', { scopes: ['read', 'admin'] }),
      ['alice', 'root'],
      null,
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
      // What the actor's own row says suspends the session first, and ends it once it is not in use.
      app.clock.advance(61)
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
      users.change('root', { scopes: [RIGHT, 'read'] })
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
    users.put('root', { id: 'root', hashedPassword: 'plain:pw', scopes: [RIGHT, 'read'] })
    users.change('alice', { scopes: ['read'] })
    const browser = await acting()
    isDown = true
    await expect(who(browser)).rejects.toThrowError(expect.objectContaining({ code: 'backend_failed' }))
    isDown = false
    expect(await who(browser)).toEqual(['alice', 'root'])
  })
})
