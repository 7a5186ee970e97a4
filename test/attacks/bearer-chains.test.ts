import {
  type Authenticator,
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  sessionAuthenticator,
  tokenAuthenticator,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { challenge, GOOD, REALM, start, TOKEN, verdict } from './by-token.ts'

describe('several in a chain', () => {
  const bearer = bearerAuthenticator<TestUser>()
  const basic = basicAuthenticator<TestUser>()
  const key = apiKeyAuthenticator<TestUser>()
  const session = sessionAuthenticator<TestUser>()
  const BAD = { authorization: 'Bearer unknown' }
  const NONE = { authorization: 'Bearer' }
  const BAD_KEY = { 'x-api-key': 'unknown' }
  const GOOD_KEY = { 'x-api-key': TOKEN }

  const rows: readonly [
    sentence: string,
    chain: Authenticator<TestUser>[],
    headers: Record<string, string>,
    isLoggedIn: boolean,
    verdict: string,
  ][] = [
    ['a bad token is not made good by a session', [bearer, session], BAD, true, 'invalid_token'],
    ['what is no token neither', [bearer, session], NONE, true, 'invalid_request'],
    ['a bad token is not made good by a key', [bearer, key], { ...BAD, ...GOOD_KEY }, false, 'invalid_token'],
    ['a bad key is not made good by a token', [key, bearer], { ...GOOD, ...BAD_KEY }, false, 'invalid_token'],
    ['a bad key is not made good by a session', [key, session], BAD_KEY, true, 'invalid_token'],
    [
      'a bad key is not made good by a session, two further on',
      [key, bearer, session],
      BAD_KEY,
      true,
      'invalid_token',
    ],
    ['a bad token behind a session that nobody has', [session, bearer], BAD, false, 'invalid_token'],
    ['who comes first decides: a session', [session, bearer], BAD, true, 'bob'],
    ['who comes first decides: a session before a good token', [session, bearer], GOOD, true, 'bob'],
    ['who comes first decides: a token', [bearer, session], GOOD, true, 'alice'],
    [
      'who comes first decides: a good token before a bad key',
      [bearer, key],
      { ...GOOD, ...BAD_KEY },
      false,
      'alice',
    ],
    ['what is not there is passed over', [key, basic, bearer], GOOD, false, 'alice'],
    ['a token of one scheme is no credential of another', [basic, bearer], GOOD, false, 'alice'],
    ['nothing of all', [key, basic, bearer, session], {}, false, 'login_required'],
  ]
  test.each(rows)('%s', async (_, authenticators, headers, isLoggedIn, expected) => {
    const { ask, login } = start({ authenticators })
    const cookie = isLoggedIn ? { cookie: (await login('bob')).cookieHeader } : {}
    expect(await verdict(await ask({ ...headers, ...cookie }))).toBe(expected)
  })

  const stale: readonly [
    sentence: string,
    change: (app: ReturnType<typeof start>) => unknown,
    cookie?: string,
  ][] = [
    ['has expired', ({ clock }) => clock.advance(86_401)],
    ['is of a user who is gone', ({ users }) => users.byId.delete('bob')],
    ['is of a user who is disabled', ({ users }) => users.change('bob', { disabled: true })],
    ['was made under another password', ({ users }) => users.change('bob', { hashedPassword: 'plain:new' })],
    ['was made under another epoch', ({ users }) => users.change('bob', { sessionEpoch: 1 })],
    ['is none', () => {}, '__Host-session=garbage'],
  ]
  test.each(stale)('a session that %s does not hide a good token', async (_, change, garbage) => {
    const app = start({ authenticators: [session, bearer] })
    const cookie = garbage ?? (await app.login('bob')).cookieHeader
    await change(app)
    expect(await verdict(await app.ask({ ...GOOD, cookie }))).toBe('alice')
    expect(await verdict(await app.ask({ ...BAD, cookie }))).toBe('invalid_token')
    expect(await verdict(await app.ask({ cookie }))).toBe('login_required')
  })

  const all = [basic, bearer, tokenAuthenticator<TestUser>('Custom'), session, key]
  const offers = (problem: Record<string, string> = {}): string =>
    [
      `Basic ${REALM}, charset="UTF-8"`,
      `Bearer ${REALM}${problem.bearer ?? ''}`,
      `Custom ${REALM}`,
      `ApiKey ${REALM}, header="X-Api-Key"`,
    ].join(', ')

  test.each([
    ['who shows nothing is offered all, in order', {}, 401, offers()],
    [
      'who shows a bad token is told which one it was',
      BAD,
      401,
      offers({ bearer: ', error="invalid_token"' }),
    ],
    ['who shows none is told so', NONE, 400, offers({ bearer: ', error="invalid_request"' })],
    ['who shows a bad key is not told of tokens', BAD_KEY, 401, offers()],
    ['who shows a bad password is not either', { authorization: 'Basic x' }, 401, offers()],
  ])('%s', async (_, headers, status, header) => {
    const answer = await start({ authenticators: all }).ask(headers as Record<string, string>)
    expect([answer.status, challenge(answer)]).toEqual([status, header])
  })

  test('who lacks a scope is told by the one that let him in', async () => {
    const { ask } = start({ authenticators: all })
    expect(challenge(await ask(GOOD, { scopes: ['admin'] }))).toBe(
      `Bearer ${REALM}, error="insufficient_scope", scope="admin"`,
    )
    expect(challenge(await ask(GOOD_KEY, { scopes: ['admin'] }))).toBe(`ApiKey ${REALM}, header="X-Api-Key"`)
  })

  test.each([
    ['none', []],
    ['one without a list', bearer],
    ['null', null],
  ])('%s is refused when it is built', (_, authenticators) => {
    expect(() => start({ authenticators: authenticators as never })).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('`authenticators`'),
      }),
    )
  })
})
