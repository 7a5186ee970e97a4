import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  createAuth,
  memoryRecords,
  memoryUsers,
  type SessionStrategy,
  sealedSessions,
  storedSessions,
  type UserLike,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { plain, SECRET, sessionCookies } from '../app.ts'
import { describeWith, freshName, URLS } from '../engines/reach.ts'
import { guideRecipe, guideRecipes } from './guide-recipe.ts'
import {
  authJsApp,
  betterAuthApp,
  browserAt,
  honoSessionsApp,
  ironApp,
  nextAuth4App,
  type OldApp,
  ORIGIN,
  passportApp,
} from './old-apps.ts'

const root = path.resolve(import.meta.dirname, '../..')
const DAY = 86_400

const MODES: Readonly<Record<string, (now: () => number) => SessionStrategy>> = {
  sealed: () => sealedSessions(),
  stored: (now) => storedSessions(memoryRecords({ now })),
}

const LIBRARIES: readonly [name: string, recipe: string, start: () => Promise<OldApp>][] = [
  ['passport over express-session, with a store of callbacks', 'express-session', () => passportApp()],
  ['iron-session 8', 'iron-session', () => ironApp(8)],
  ['iron-session 9', 'iron-session', () => ironApp(9)],
  ['next-auth 4', 'next-auth-4', nextAuth4App],
  ['Auth.js 5 with JWT', 'auth-js-jwt', () => authJsApp('jwt')],
  ['Auth.js 5 with a database', 'auth-js-database', () => authJsApp('database')],
  ['better-auth', 'better-auth', betterAuthApp],
  ['hono-sessions', 'hono-sessions', honoSessionsApp],
]

for (const [library, name, start] of LIBRARIES)
  describe(`moving away from ${library}`, () => suite(name, start))

describeWith(['redis'], 'moving away from passport over connect-redis', () =>
  suite('express-session', () => passportApp({ url: URLS.redis, prefix: `${freshName('migrating')}:` })),
)

function suite(name: string, start: () => Promise<OldApp>): void {
  const move = async (mode = 'stored') => {
    const old = await start()
    onTestFinished(async () => void (await old.close?.()))
    const clock = testClock(Date.now())
    const events: string[] = []
    const auth = createAuth<UserLike, unknown>({
      secret: SECRET,
      origin: ORIGIN,
      users: memoryUsers([{ user: { id: 'alice', hashedPassword: 'plain:wonderland' }, username: 'alice' }]),
      passwords: plain,
      sessions: MODES[mode]?.(clock.now) as SessionStrategy,
      migrate: await guideRecipe(name, old),
      now: clock.now,
      onEvent: (event) =>
        events.push('reason' in event && event.type === 'migration_failed' ? event.reason : event.type),
    })
    const send = withAuth(
      auth,
      async (request, { auth }) => {
        const { userId } = await auth.authenticate()
        const cart = (await auth.session.get('cart')) ?? null
        if (request.method === 'POST') await auth.logout()
        return Response.json({ user: userId, cart })
      },
      { onError: () => undefined },
    )
    const browser = browserAt(old.send)
    /** The same browser, at the old app or at the new one. */
    const at = (which: 'old' | 'new', { cookies } = browser): TestBrowser =>
      Object.assign(browserAt(which === 'old' ? old.send : send), { cookies })
    const look = async (one: TestBrowser): Promise<unknown> => (await one.get('/')).json()
    const ours = ({ cookies }: TestBrowser = browser) =>
      [...cookies.keys()].filter((one) => one === '__Host-session')
    return { old, browser, at, look, ours, clock, events }
  }

  test.each(Object.keys(MODES))(
    'nobody is logged out, data are carried, and the old app can come back for a day: %s',
    async (mode) => {
      const { old, browser, at, look, ours, clock, events } = await move(mode)
      await old.login(browser)
      const before = await old.see(browser)
      expect(before.user).toBe('alice')
      const records = await old.count?.()

      // Tabs that are restored together.
      const tabs = Array.from({ length: 4 }, () => at('new', browser.copy()))
      expect(await Promise.all(tabs.map(look))).toEqual(tabs.map(() => before))
      expect(tabs.flatMap(ours)).toHaveLength(1)
      expect(events).toEqual(['login'])
      const holder = tabs.find((tab) => ours(tab).length > 0) as TestBrowser
      for (const [one, value] of holder.cookies) browser.cookies.set(one, value)
      expect(await look(at('new'))).toEqual(before)

      // Back to the old app, and forward again.
      expect(await old.see(at('old'))).toEqual(before)
      expect(await old.count?.()).toBe(records)
      expect(await look(at('new'))).toEqual(before)

      clock.advance(DAY / 2)
      await look(at('new'))
      clock.advance(DAY / 2)
      expect(await look(at('new'))).toEqual(before)
      expect([...browser.cookies.keys()].some((one) => one.startsWith(old.cookie))).toBe(false)
      if (records !== undefined) expect(await old.count?.()).toBe(records - 1)
      expect(await look(at('new'))).toEqual(before)
      expect(events).toEqual(['login'])
    },
  )

  test('a logout ends both, and a copy of the old cookie does not log in again', async () => {
    const { old, browser, at, look, ours, clock } = await move()
    await old.login(browser)
    const copy = browser.copy()
    await look(at('new'))
    await at('new').post('/logout')
    expect(
      sessionCookies(browser).filter((one) => one === '__Host-session' || one.startsWith(old.cookie)),
    ).toEqual([])
    expect((await old.see(at('old'))).user).toBeNull()
    if (old.count) expect((await old.see(copy)).user).toBeNull()
    for (const seconds of [0, 61]) {
      clock.advance(seconds)
      expect(await look(at('new', copy))).toEqual({ user: null, cart: null })
      expect(ours(copy)).toEqual([])
    }
  })

  test('an altered cookie is anonymous, and stays', async () => {
    const { old, browser, at, look, events } = await move()
    await old.login(browser)
    const value = browser.cookies.get(old.cookie) as string
    for (const altered of [
      value.slice(0, -8),
      `${value.slice(0, 20)}A${value.slice(21)}x`,
      'x',
      '%',
      '%E0%A4',
    ]) {
      browser.cookies.set(old.cookie, altered)
      expect(await look(at('new'))).toEqual({ user: null, cart: null })
      expect(browser.cookies.get(old.cookie)).toBe(altered)
    }
    expect(events).toEqual([])
  })

  test('a visitor’s data are carried, and their session at the old app stays', async () => {
    const { old, browser, at, look } = await move()
    if (!old.visit) return
    await old.visit(browser)
    const before = await old.see(browser)
    expect(before).toEqual({ user: null, cart: ['lamp'] })
    expect(await look(at('new'))).toEqual(before)
    expect(await look(at('new'))).toEqual(before)
    expect(await old.see(at('old'))).toEqual(before)
  })

  test('its store fails: 503, and nothing is lost', async () => {
    const { old, browser, at, events } = await move()
    if (!old.stop) return
    await old.login(browser)
    const before = [...browser.cookies]
    await old.stop()
    const answer = await at('new').get('/')
    expect([answer.status, [...browser.cookies], events]).toEqual([503, before, ['read_failed']])
  })
}

test('the recipes compile against the libraries that they are about', () => {
  // Beside the packages, so that they are found from there.
  const at = path.join(root, 'test/frameworks/migrating/build/types')
  onTestFinished(() => rmSync(at, { recursive: true, force: true }))
  mkdirSync(at, { recursive: true })
  expect([...guideRecipes.keys()]).toEqual([...new Set(LIBRARIES.map(([, one]) => one))])
  for (const [one, code] of guideRecipes) writeFileSync(path.join(at, `${one}.ts`), code)
  writeFileSync(
    path.join(at, 'old.ts'),
    `import type { Adapter, AdapterSession, AdapterUser } from '@auth/core/adapters'
import type { betterAuth } from 'better-auth'
import type { Store } from 'hono-sessions'
import type { ExpressSessionStore } from 'latchkey/node'

interface User { id: string; hashedPassword: string }
export declare const findById: (id: string) => Promise<User | null>
export declare const SESSION_SECRET: string
export declare const IRON_PASSWORD: string
export declare const NEXTAUTH_SECRET: string
export declare const AUTH_SECRET: string
export declare const ENCRYPTION_KEY: string
export declare const adapter: Required<Adapter>
export declare const oldAuth: ReturnType<typeof betterAuth>
export declare const sessionStore: ExpressSessionStore & {
  getSessionById(id?: string): any
  deleteSession(id: string): Promise<void> | void
}
`,
  )
  const config = {
    extends: '../../../../../tsconfig.json',
    include: ['.'],
    exclude: [],
    compilerOptions: {
      skipLibCheck: true,
      noUnusedLocals: false,
      isolatedDeclarations: false,
      declaration: false,
      types: ['node'],
      lib: ['ES2024', 'DOM', 'DOM.Iterable'],
      paths: {
        latchkey: [path.join(root, 'src/index.ts')],
        'latchkey/*': [
          path.join(root, 'src/*.ts'),
          path.join(root, 'src/*/index.ts'),
          path.join(root, 'adapters/*/index.ts'),
        ],
      },
    },
  }
  writeFileSync(path.join(at, 'tsconfig.json'), JSON.stringify(config))
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  expect(spawnSync('node', [tsc, '-p', at], { encoding: 'utf8' }).stdout).toBe('')
})
