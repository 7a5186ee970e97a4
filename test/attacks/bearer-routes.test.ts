import {
  basicAuthenticator,
  bearerAuthenticator,
  type LatchkeyError,
  type RequestAuth,
  sessionAuthenticator,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import { type TestUser, Users } from '../app.ts'
import { challenge, GOOD, REALM, start, verdict, type Work } from './by-token.ts'

describe('asked by a route, whatever the configuration says', () => {
  const bearer = bearerAuthenticator<TestUser>()
  const session = sessionAuthenticator<TestUser>()
  const byBearer: Work = async (auth) =>
    (await auth.requireUser({ by: [bearer] })) ?? { user: auth.token.userId }

  test('`by` counts no session, and no password', async () => {
    const { ask, login } = start({ authenticators: [session, basicAuthenticator()] })
    const { cookieHeader: cookie } = await login('bob')
    expect(await verdict(await ask({ cookie }, { instead: byBearer }))).toBe('login_required')
    expect(await verdict(await ask({ ...GOOD, cookie }, { instead: byBearer }))).toBe('alice')
    const basic = { authorization: `Basic ${btoa('bob:builder')}` }
    expect(await verdict(await ask(basic, { instead: byBearer }))).toBe('login_required')
  })

  test('`by` offers its own challenge alone, and its answers are nobody else’s', async () => {
    const { ask } = start({ authenticators: [basicAuthenticator()] })
    expect(challenge(await ask({}, { instead: byBearer }))).toBe(`Bearer ${REALM}`)
    const headers = { 'cache-control': 'public' }
    const instead: Work = async (auth) =>
      (await auth.requireUser({ by: [bearer] })) ?? new Response('page', { headers })
    expect((await ask(GOOD, { instead })).headers.get('cache-control')).toBe('private')
  })

  test('who was let in by a session is nobody for a bad token', async () => {
    const { ask, login } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const instead: Work = async (auth) => {
      const first = (await auth.authenticate()).userId
      const refused = await auth.requireUser({ by: [bearer] })
      return [first, refused?.status, auth.token.userId]
    }
    const answer = await ask({ authorization: 'Bearer unknown', cookie }, { instead })
    expect(await answer.json()).toEqual(['bob', 401, null])
  })

  test('`authenticateBy` leaves the token alone', async () => {
    const { ask, login } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const instead: Work = async (auth) => {
      const early = (await auth.authenticateBy(bearer)).userId
      const asked = (() => {
        try {
          return auth.token.userId
        } catch (error) {
          return (error as LatchkeyError).code
        }
      })()
      const { userId } = await auth.authenticate()
      const late = (await auth.authenticateBy(bearer)).userId
      return [early, asked, userId, late, auth.token.userId]
    }
    const answer = await ask({ ...GOOD, cookie }, { instead })
    expect(await answer.json()).toEqual(['alice', 'misuse', 'bob', 'alice', 'bob'])
  })

  test('what was made for a token that `authenticateBy` found is nobody else’s either', async () => {
    const { ask } = start({ authenticators: [session] })
    const headers = { 'cache-control': 'public' }
    const instead: Work = async (auth) => {
      await auth.authenticateBy(bearer)
      return new Response('page', { headers })
    }
    expect((await ask(GOOD, { instead })).headers.get('cache-control')).toBe('private')
    expect((await ask({}, { instead })).headers.get('cache-control')).toBe('public')
  })

  test('a provider that finds nobody by tokens is misuse for `authenticateBy` too', async () => {
    const app = start({ users: new Users().provider, authenticators: [session] })
    const answer = await app.ask(GOOD, { instead: (auth) => auth.authenticateBy(bearer) })
    expect(answer.status).toBe(500)
    expect(app.thrown()).toMatchObject({ code: 'misuse' })
  })

  const bySession: readonly [sentence: string, ask: (auth: RequestAuth<TestUser>) => Promise<unknown>][] = [
    ['authenticateBy', (auth) => auth.authenticateBy(session)],
    [
      '`by`',
      async (auth) => {
        await auth.requireUser({ by: [session] })
        return auth.token
      },
    ],
  ]
  test.each(bySession)('%s knows as much of a session as without it', async (_, token) => {
    const { ask, login, clock } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const known = async (work: Work) => (await ask({ cookie }, { instead: work })).json()
    const plainly: Work = (auth) => auth.authenticate()
    const expected = await known(plainly)
    expect(expected).toMatchObject({ userId: 'bob', expiresAt: expect.any(Number) })
    expect(await known(token)).toEqual(expected)
    clock.advance(86_401)
    expect(await known(plainly)).toMatchObject({ userId: null, reason: 'idle' })
    expect(await known(token)).toMatchObject({ userId: null, reason: 'idle' })
  })
})
