import {
  createAuth,
  impersonation,
  memoryRecords,
  type SessionStrategy,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, plain, SECRET, type TestUser, testApp } from '../app.ts'
import { type Auth, RIGHT, start } from './impersonating.ts'

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
    expect(await opened(without, request).auth.authenticate()).toMatchObject({
      userId: 'root',
      state: 'fresh',
    })
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
    const calling = (auth: Auth): Promise<unknown> => {
      const promise = call(auth)
      // Not an exception at once.
      expect(promise).toBeInstanceOf(Promise)
      return promise
    }
    await expect(app.during(browser, calling)).rejects.toThrowError(
      expect.objectContaining({ code: 'misuse', message: expect.stringContaining('impersonation()') }),
    )
    expect(await app.whoIs(browser)).toBe('alice')
  })

  test.each([
    ['an option that does not exist', { scopes: [RIGHT] }, 'No option `scopes`'],
    ['a guard that is none', { guard: 'yes' }, '`guard`'],
    ['a guard and a scope', { guard: () => true, scope: 'x' }, '`guard` replaces `scope`'],
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
        /`impersonation` must be impersonation/,
      )
  })
})
