import { LoginManager, memoryUsers, type SessionStore } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { plain, SECRET, type TestUser } from '../../app.ts'

const alice: TestUser = { id: 'alice', hashedPassword: 'plain:wonderland' }
const users = memoryUsers<TestUser>([{ user: alice, username: 'alice' }])
const request = new Request('https://app.test/login', { method: 'POST' })

/** A session of another library, every call of which takes a turn of the event loop. */
class Slow implements SessionStore {
  readonly data = new Map<string, unknown>()
  readonly calls: string[] = []
  readonly #failing: string | undefined

  constructor(failing?: string) {
    this.#failing = failing
  }

  get(key: string) {
    return this.#take(`get ${key}`, () => this.data.get(key))
  }
  set(key: string, value: unknown) {
    return this.#take(`set ${key}`, () => void this.data.set(key, value))
  }
  clear() {
    return this.#take('clear', () => this.data.clear())
  }
  regenerateId() {
    return this.#take('regenerateId', () => {})
  }

  async #take<T>(name: string, work: () => T): Promise<T> {
    this.calls.push(`${name}: begins`)
    await new Promise((resolve) => setTimeout(resolve))
    if (name === this.#failing) throw new Error('the session is full')
    this.calls.push(`${name}: ends`)
    return work()
  }
}

function login(session: SessionStore, options: object = {}) {
  const events: unknown[] = []
  const manager = new LoginManager<TestUser>({
    secret: SECRET,
    users,
    passwords: plain,
    onEvent: ({ type }) => events.push(type),
    ...options,
  })
  return { outcome: manager.login({ request, session }, 'alice', 'wonderland'), events }
}

describe('a login over a session that takes its time', () => {
  test('is over when every call is', async () => {
    const session = new Slow()
    await expect(login(session).outcome).resolves.toMatchObject({ ok: true })
    expect(session.calls.filter((call) => call.endsWith('begins'))).toHaveLength(session.calls.length / 2)
    expect(session.data.get('_auth_user_id')).toBe('alice')
    expect(session.data.get('_auth_time')).toEqual(expect.any(Number))
  })

  test('makes one call after the other: the id is regenerated before anything is written', async () => {
    const session = new Slow()
    await login(session).outcome
    const pairs = session.calls.map((call) => call.split(': ')[0])
    for (let i = 0; i < pairs.length; i += 2) expect(pairs[i + 1]).toBe(pairs[i])
    expect(pairs.findIndex((name) => name?.startsWith('set'))).toBeGreaterThan(pairs.indexOf('regenerateId'))
  })
})

describe('a lifetime of its own, over a session of another library', () => {
  test.each<[sentence: string, options: object]>([
    ['remembered', { remember: true }],
    ['shortened', { lifetime: { idleSeconds: 60 } }],
  ])('%s: misuse, and nothing is written', async (_, options) => {
    const session = new Slow()
    const manager = new LoginManager<TestUser>({ secret: SECRET, users, passwords: plain })
    const trying = manager.login({ request, session }, 'alice', 'wonderland', options)
    await expect(trying).rejects.toMatchObject({ code: 'misuse' })
    expect(session.data.size).toBe(0)
  })

  test('as the session has it: nothing is asked for', async () => {
    const session = new Slow()
    const manager = new LoginManager<TestUser>({ secret: SECRET, users, passwords: plain })
    const outcome = await manager.login({ request, session }, 'alice', 'wonderland', { remember: false })
    expect(outcome.ok).toBe(true)
    expect([...session.data.keys()]).not.toContain('_auth_lifetime')
  })
})

describe('a login over a session that fails late', () => {
  test.each([
    'get _auth_user_id',
    'regenerateId',
    'set _auth_user_id',
    'set _auth_user_hash',
    'set _auth_method',
    'set _auth_time',
    'set _impersonated_user_id',
  ])('fails, and emits no event: %s', async (failing) => {
    const { outcome, events } = login(new Slow(failing))
    await expect(outcome).rejects.toThrowError('the session is full')
    expect(events).toEqual([])
  })

  test('fails where another user’s data cannot be cleared', async () => {
    const session = new Slow('clear')
    session.data.set('_auth_user_id', 'bob')
    await expect(login(session).outcome).rejects.toThrowError('the session is full')
    expect(session.data.get('_auth_user_id')).toBe('bob')
  })

  test('fails where what a visitor keeps cannot be written back', async () => {
    const session = new Slow('set cart')
    session.data.set('cart', 1)
    const { outcome } = login(session, { keepVisitorData: ['cart'] })
    await expect(outcome).rejects.toThrowError('the session is full')
  })
})
