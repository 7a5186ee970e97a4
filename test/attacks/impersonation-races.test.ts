import {
  type IndexedRecordStore,
  impersonation,
  type SessionStrategy,
  sealedSessions,
  storedSessions,
} from 'latchkey'
import type { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { TestApp, TestUser } from '../app.ts'
import { type Auth, RIGHT } from './impersonating.ts'
import { inAnyOrder } from './in-any-order.ts'

describe.each([
  ['stored', (store: IndexedRecordStore): SessionStrategy => storedSessions(store)],
  [
    'sealed with a revocation list',
    (revocation: IndexedRecordStore): SessionStrategy => sealedSessions({ revocation }),
  ],
] as const)('in any order: %s', (kind, over) => {
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
        // A copy of a sealed cookie reads on; in the browser that has exited it is over (`impersonation-sessions.test.ts`).
        if (kind !== 'stored') return expect(await app.whoIs(copies[0] as TestBrowser)).toBe('alice')
        for (const holder of [browser, ...copies]) expect(await app.whoIs(holder)).not.toBe('bob')
        later()
        const alive = []
        for (const holder of copies) alive.push(await app.whoIs(holder))
        expect(alive).toEqual(['alice', null, null])
      },
      options,
    ))

  test('of two that enter at once each is as the browser was told, and of a stored session one is left', () =>
    inAnyOrder(
      over,
      async ({ app, together, later }) => {
        withRight(app)
        const copies = await together(enter('bob'), enter('sso'))
        later()
        const alive = []
        for (const holder of copies) alive.push(await app.whoIs(holder))
        // Of two cookies of a sealed session the browser keeps the last.
        const either = [
          ['bob', null],
          [null, 'sso'],
        ]
        expect(kind === 'stored' ? either : [['bob', 'sso']]).toContainEqual(alive)
      },
      options,
    ))
})
