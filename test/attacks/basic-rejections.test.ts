import { type AuthOptions, LatchkeyError, type Limiter } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { plain, type TestUser, Users } from '../app.ts'
import { ALICE, basic, start, verdict } from './by-basic.ts'

describe('what keeps a user out of the form keeps him out here', () => {
  const CAROL = basic('carol', 'right')
  const rows: readonly [
    sentence: string,
    options: Partial<AuthOptions<TestUser>>,
    header: string,
    code: string,
  ][] = [
    ['a disabled account', {}, CAROL, 'rejected'],
    ['a disabled account and a wrong password', {}, basic('carol', 'wrong'), 'invalid_credentials'],
    ['a disabled account, concealed', { hideRejectionReason: true }, CAROL, 'invalid_credentials'],
    ['a guard that says why', { guards: [() => 'not_today'] }, ALICE, 'rejected'],
    ['a guard that says no', { guards: [() => false] }, ALICE, 'rejected'],
    ['a guard that says no later', { guards: [async () => false] }, ALICE, 'rejected'],
    ['a guard, concealed', { guards: [() => 'x'], hideRejectionReason: true }, ALICE, 'invalid_credentials'],
    ['a second factor that is due', { secondFactor: () => true }, ALICE, 'rejected'],
    [
      'a second factor that is due, concealed',
      { secondFactor: () => true, hideRejectionReason: true },
      ALICE,
      'invalid_credentials',
    ],
    ['a second factor that is due, as is found later', { secondFactor: async () => true }, ALICE, 'rejected'],
  ]
  test.each(rows)('%s', async (_, options, authorization, code) => {
    const { by, users } = start(options)
    users.put('carol', { id: 'carol', hashedPassword: 'plain:right', disabled: true })
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([401, code])
    expect(answer.headers.get('www-authenticate')).toContain('Basic')
  })

  test('guards are asked after the password', async () => {
    let guards = 0
    const { by } = start({ guards: [() => void guards++] })
    await by(basic('alice', 'wrong'))
    expect(guards).toBe(0)
    expect(await verdict(await by(ALICE))).toBe('alice')
    expect(guards).toBe(1)
  })

  test('a guard that throws lets nobody in, and what it threw reaches the app', async () => {
    const broken = new TypeError('guard broke')
    const { by, thrown } = start({
      guards: [
        () => {
          throw broken
        },
      ],
    })
    expect((await by(ALICE)).status).toBe(500)
    expect(thrown()).toBe(broken)
  })

  test('events tell of the refusals, and a request that passes is no login', async () => {
    const { by, events } = start({ guards: [(_, { id }) => (id === 'bob' ? 'not_bob' : undefined)] })
    await by(basic('alice', 'wrong'))
    await by(basic('bob', 'builder'))
    await by(ALICE)
    expect(events).toMatchObject([
      { type: 'login_failed', username: 'alice', address: '192.0.2.1' },
      { type: 'login_rejected', user: { id: 'bob' }, reason: 'not_bob' },
    ])
    expect(events).toHaveLength(2)
  })
})

describe('breaking an engine', () => {
  const broken = () => {
    throw new Error('postgres://app:s3cret@db.internal')
  }
  const hanging = () => new Promise<never>(() => {})
  const users = new Users().provider
  const limiter: Limiter = { reserve: () => ({ waitSeconds: 0 }), settle() {}, forget() {} }
  const rows: readonly [sentence: string, options: Partial<AuthOptions<TestUser>>][] = [
    ['a provider that throws', { users: { ...users, findByUsername: broken } }],
    ['a provider that fails later', { users: { ...users, findByUsername: async () => broken() } }],
    ['a provider that hangs', { users: { ...users, findByUsername: hanging } }],
    ['a limiter that throws', { limiter: { ...limiter, reserve: broken } }],
    ['a limiter that settles nothing', { limiter: { ...limiter, settle: broken } }],
    ['a limiter that hangs', { limiter: { ...limiter, reserve: hanging } }],
    ['a table of second factors that throws', { secondFactor: broken }],
    ['a guard that hangs', { guards: [hanging] }],
    [
      'a user without a usable id',
      { users: { ...users, findByUsername: () => ({ id: '', hashedPassword: 'plain:wonderland' }) } },
    ],
  ]
  test.each(rows)('%s lets nobody in', async (_, options) => {
    const { by, thrown } = start({ timeLimitSeconds: 0.05, ...options })
    const answer = await by(ALICE)
    const body = await answer.text()
    expect([answer.status, body]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(thrown()).toBeInstanceOf(LatchkeyError)
  })

  test('more password work than there is room for is "later"', async () => {
    const verify = () => {
      throw new LatchkeyError('password_queue_full', 'later')
    }
    const answer = await start({ passwords: { ...plain, verify } }).by(ALICE)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
  })
})
