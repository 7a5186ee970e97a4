import {
  type Authenticator,
  apiKeyAuthenticator,
  bearerAuthenticator,
  createApiToken,
  hashApiToken,
  LatchkeyError,
  memoryUsers,
  sessionAuthenticator,
  tokenAuthenticator,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import { type TestUser, Users } from '../app.ts'
import { GOOD, start, TOKEN, verdict, type Work } from './by-token.ts'

describe('a provider that finds nobody by tokens', () => {
  const users = new Users().provider
  const kinds: readonly [string, () => Authenticator<TestUser>][] = [
    ['bearer', bearerAuthenticator],
    ['token', () => tokenAuthenticator('Custom')],
    ['API key', apiKeyAuthenticator],
  ]
  test.each(kinds)('is refused when it is built: %s', (_, make) => {
    expect(() => start({ users, authenticators: [sessionAuthenticator(), make()] })).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('`findByToken`'),
      }),
    )
  })

  test.each(kinds)('is misuse for `by`: %s', async (_, make) => {
    const app = start({ users, authenticators: [sessionAuthenticator()] })
    const instead: Work = async (auth) => (await auth.requireUser({ by: [make()] })) ?? 'in'
    for (const headers of [{}, GOOD, { 'x-api-key': TOKEN }]) {
      const answer = await app.ask(headers as Record<string, string>, { instead })
      expect(answer.status).toBe(500)
      expect(app.thrown()).toMatchObject({
        code: 'misuse',
        message: expect.stringContaining('`findByToken`'),
      })
    }
  })
})

describe('tokens as they are kept', () => {
  test('a made token is found by its hash, and the hash is no token', async () => {
    const { token, hash } = createApiToken({ prefix: 'acme_' })
    const users = new Users().provider
    const findByToken = (shown: string) => (hashApiToken(shown) === hash ? users.findById('alice') : null)
    const app = start({ users: { ...users, findByToken } })
    expect(await verdict(await app.ask({ authorization: `Bearer ${token}` }))).toBe('alice')
    for (const wrong of [hash, hashApiToken(hash), token.slice(5), `${token}=`])
      expect(await verdict(await app.ask({ authorization: `Bearer ${wrong}` }))).toBe('invalid_token')
  })

  test('a made token has 256 bits behind its prefix, and the next one is another', () => {
    const made = Array.from({ length: 100 }, () => createApiToken({ prefix: 'k-_9' }))
    expect(new Set(made.map(({ token }) => token)).size).toBe(100)
    for (const { token, hash } of made) {
      expect(token).toMatch(/^k-_9[\w-]{43}$/)
      expect(hash).toMatch(/^[\w-]{43}$/)
      expect([hashApiToken(token), token.includes(hash)]).toEqual([hash, false])
    }
  })

  test.each([
    ['a blank', 'a b'],
    ['a line break', 'a\n'],
    ['a colon', 'a:'],
    ['33 characters', 'x'.repeat(33)],
  ])('a prefix with %s is refused', (_, prefix) => {
    expect(() => createApiToken({ prefix })).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration' }),
    )
  })

  test('users in memory are given theirs in the clear, each a map of its own', async () => {
    const users = memoryUsers<TestUser>([
      { user: { id: 'alice', hashedPassword: null }, username: 'name', tokens: ['one', 'two'] },
    ])
    const { ask } = start({ users })
    for (const [token, expected] of [
      ['one', 'alice'],
      ['two', 'alice'],
      ['name', 'invalid_token'],
      ['alice', 'invalid_token'],
      [hashApiToken('one'), 'invalid_token'],
    ])
      expect(await verdict(await ask({ authorization: `Bearer ${token}` }))).toBe(expected)
  })
})

describe('breaking the table of tokens', () => {
  const broken = () => {
    throw new Error('postgres://app:s3cret@db.internal')
  }
  test.each([
    ['that throws', broken],
    ['that fails later', async () => broken()],
    ['that hangs', () => new Promise<never>(() => {})],
  ])('one %s lets nobody in, and drops no session', async (_, findByToken) => {
    const users = new Users()
    const app = start({
      users: { ...users.provider, findByToken },
      authenticators: [bearerAuthenticator(), sessionAuthenticator()],
      timeLimitSeconds: 0.05,
    })
    const { cookieHeader: cookie } = await app.login('bob')
    const answer = await app.ask({ ...GOOD, cookie })
    expect([answer.status, await answer.text()]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(app.thrown()).toBeInstanceOf(LatchkeyError)
    expect(await verdict(await app.ask({ cookie }))).toBe('bob')
  })
})
