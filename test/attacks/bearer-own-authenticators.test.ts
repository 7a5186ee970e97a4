import { type Authenticator, authenticatedToken, bearerAuthenticator } from 'latchkey'
import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { challenge, GOOD, start, verdict, type Work } from './by-token.ts'

describe('an authenticator of one’s own', () => {
  const dave: TestUser = { id: 'dave', hashedPassword: null, scopes: [] }
  const token = authenticatedToken({
    user: dave,
    state: 'fresh',
    method: 'mtls',
    authTime: 0,
    expiresAt: null,
  })
  const failure = { isAuthenticated: false, reason: 'rejected' } as const

  const rows: readonly [
    sentence: string,
    authenticate: Authenticator<TestUser>['authenticate'],
    verdict: string,
    status: number,
  ][] = [
    ['that passes is passed over', () => null, 'alice', 200],
    ['that passes later is passed over', async () => null, 'alice', 200],
    ['that knows says who it is', () => token, 'dave', 200],
    ['that knows later says who it is', async () => token, 'dave', 200],
    ['that refuses ends it', () => failure, 'rejected', 401],
    ['that refuses later ends it', async () => failure, 'rejected', 401],
    ['that refuses says with which status', () => ({ ...failure, status: 400 }), 'rejected', 400],
    ['that throws lets nobody in', () => Promise.reject(new Error('s3cret')), 'internal_error', 500],
    [
      'that throws at once lets nobody in',
      () => {
        throw new Error('s3cret')
      },
      'internal_error',
      500,
    ],
  ]
  test.each(rows)('%s', async (_, authenticate, expected, status) => {
    const { ask } = start({ authenticators: [{ authenticate }, bearerAuthenticator()] })
    const answer = await ask(GOOD)
    expect([answer.status, await verdict(answer)]).toEqual([status, expected])
  })

  test.each([
    ['who is disabled', { ...dave, disabled: true }, 401, 'rejected'],
    ['without a usable id', { ...dave, id: '' }, 503, 'backend_failed'],
    ['without a usable hash', { ...dave, hashedPassword: 42 }, 503, 'backend_failed'],
  ])('lets in no user %s', async (_, user, status, code) => {
    const found = { ...token, user: user as TestUser, userId: user.id }
    for (const authenticate of [() => found, async () => found]) {
      const answer = await start({ authenticators: [{ authenticate }, bearerAuthenticator()] }).ask(GOOD)
      expect([answer.status, await verdict(answer)]).toEqual([status, code])
    }
  })

  test('that offers nothing has answers that are nobody else’s, all the same', async () => {
    const headers = { 'cache-control': 'public' }
    const work: Work = () => new Response('page', { headers })
    const answer = await start({ authenticators: [{ authenticate: () => token }] }).ask({}, { work })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private'])
  })

  test('that throttles says for how long', async () => {
    const authenticate = () =>
      ({ isAuthenticated: false, reason: 'throttled', status: 429, retryAfterSeconds: 7 }) as const
    const answer = await start({ authenticators: [{ authenticate }] }).ask()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
    expect(challenge(answer)).toBeNull()
  })

  test('offers what it likes, and nothing if it has nothing to offer', async () => {
    const authenticate = () => null
    const authenticators = [
      { authenticate },
      { authenticate, challenge: (realm: string) => `Own realm=${realm.length}` },
    ]
    expect(challenge(await start({ authenticators, realm: 'abc' }).ask())).toBe('Own realm=3')
  })
})
