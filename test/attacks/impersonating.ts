import {
  type AuthOptions,
  type ImpersonationOptions,
  type ImpersonationOutcome,
  impersonation,
  type RequestAuth,
  type SessionStrategy,
} from 'latchkey'
import { type TestBrowser, type TestClock, testClock } from 'latchkey/testing'
import { expect } from 'vitest'
import { SESSION_MODES, type TestApp, type TestUser, testApp } from '../app.ts'

export type Auth = RequestAuth<TestUser>
export type Options = ImpersonationOptions<TestUser>

export const RIGHT = 'auth:impersonate_others'
export const REFUSED = { ok: false, code: 'impersonation_refused' }

interface Start {
  readonly options?: Options
  readonly sessions?: (clock: TestClock) => { readonly sessions: SessionStrategy<unknown> }
  readonly more?: Partial<AuthOptions<TestUser, unknown>>
}

/** An app with a root and a second one, who have the right to it. */
export function start({ options = {}, sessions = SESSION_MODES['stored in memory'], more = {} }: Start = {}) {
  const clock = testClock()
  const events: Record<string, unknown>[] = []
  const asked: unknown[] = []
  const app: TestApp = testApp(
    {
      ...sessions(clock),
      users: {
        findById(id) {
          asked.push(id)
          return app.users.provider.findById(id)
        },
        findByUsername: (name) => app.users.provider.findByUsername(name),
        findByToken: (token) => app.users.provider.findById(token),
      },
      touchSeconds: 0,
      impersonation: impersonation(options),
      onEvent: (event) => events.push(event),
      ...more,
    },
    clock,
  )
  for (const id of ['root', 'root2'])
    app.users.put(id, { id, hashedPassword: 'plain:pw', scopes: [RIGHT, 'admin', 'read'] })
  app.users.change('alice', { scopes: ['read'] })
  app.users.put('chief', { id: 'chief', hashedPassword: null, scopes: ['read', 'billing'] })
  app.users.put('carol', { id: 'carol', hashedPassword: 'plain:pw', disabled: true })
  const passwords: Record<string, string> = { alice: 'wonderland', bob: 'builder', answer: 'question' }
  /** A browser in which he is logged in; of nobody, if he is none. */
  const loggedIn = async (username: string | null): Promise<TestBrowser> => {
    const browser = app.browser()
    if (username !== null) await app.login(browser, username, passwords[username] ?? 'pw')
    events.length = 0
    asked.length = 0
    return browser
  }
  const act = (browser: TestBrowser, target: unknown): Promise<ImpersonationOutcome<TestUser>> =>
    app.during(browser, (auth) => auth.impersonate(target))
  const exit = (browser: TestBrowser) => app.during(browser, (auth) => auth.exitImpersonation())
  /** A browser of root's, in which he acts as that user. */
  const acting = async (target: unknown = 'alice'): Promise<TestBrowser> => {
    const browser = await loggedIn('root')
    expect(await act(browser, target)).toMatchObject({ ok: true })
    events.length = 0
    return browser
  }
  /** As whom, and who it really is. */
  const who = (browser: TestBrowser): Promise<unknown[]> =>
    app.during(browser, async (auth) => {
      const { userId, originalUserId } = await auth.authenticate()
      return originalUserId === null ? [userId] : [userId, originalUserId]
    })
  return { ...app, events, asked, loggedIn, act, exit, acting, who }
}

export const told = (events: readonly Record<string, unknown>[]): unknown[] =>
  events.map(({ type, user, userId, actor, reason }) => [
    type,
    (user as TestUser | undefined)?.id ?? userId,
    ...(actor === undefined ? [] : [actor]),
    ...(reason === undefined ? [] : [reason]),
  ])
