import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createAuth,
  type DeviceList,
  type IndexedRecordStore,
  memoryRecords,
  memoryUsers,
  type SessionMigration,
  storedSessions,
  type UserLike,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser } from 'latchkey/testing'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { plain, SECRET } from '../app.ts'
import { OwnServer } from '../engines/own-server.ts'
import { guideRecipe } from '../frameworks/guide-recipe.ts'
import {
  authJsApp,
  betterAuthApp,
  ironApp,
  type OldApp,
  ORIGIN,
  passportApp,
} from '../frameworks/old-apps.ts'
import { isLeftOut, launch } from './chromium.ts'

type Send = (request: Request) => Promise<Response>

/** Serves an app of `ORIGIN` on this machine, where Chromium takes Secure cookies without TLS. */
async function served(send: Send): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const body = await new Response(incoming as unknown as ReadableStream).text()
    const headers = new Headers()
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
    const { method = 'GET', url = '/' } = incoming
    const answer = await send(
      new Request(ORIGIN + url, { method, headers, ...(method === 'GET' ? {} : { body }) }),
    )
    outgoing.writeHead(answer.status, [...answer.headers].flat())
    outgoing.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The new app: who is there, with a picture that asks as well, and a button that logs out. */
function newApp(migrate: SessionMigration<UserLike>, records: IndexedRecordStore) {
  const auth = createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: memoryUsers<UserLike>([
      { user: { id: 'alice', hashedPassword: 'plain:wonderland' }, username: 'alice' },
    ]),
    passwords: plain,
    sessions: storedSessions(records),
    migrate,
  })
  const send = withAuth(
    auth,
    async (request, { auth }) => {
      if (request.method === 'POST') await auth.logout()
      const { userId } = await auth.authenticate()
      const page = `<h1>${userId ?? 'nobody'}</h1><img src="/picture"><form method="post"><button>Log out</button></form>`
      return new Response(page, { headers: { 'content-type': 'text/html' } })
    },
    { onError: () => undefined },
  )
  /** How many sessions of Alice's there are. */
  const count = async (): Promise<number> => {
    const visit = await auth.open(new Request(ORIGIN), { readOnly: true })
    if (visit instanceof Response) throw new Error('refused')
    return (await (visit.auth.devices as DeviceList).of('alice').listSessions()).length
  }
  return { send, count }
}

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()

describe.skipIf(isLeftOut)('moving to latchkey in Chromium', () => {
  let chromium: Browser
  beforeAll(async () => {
    chromium = await launch()
  })
  afterAll(() => chromium?.close())

  async function arrive(old: OldApp, name: string) {
    onTestFinished(async () => void (await old.close?.()))
    const { send, count } = newApp(await guideRecipe(name, old), memoryRecords())
    const url = await served(send)
    const visitor = new TestBrowser(old.send, ORIGIN)
    await old.login(visitor)
    const context = await chromium.newContext()
    onTestFinished(() => context.close())
    const cookies = Array.from(visitor.cookies, ([name, value]) => ({
      ...{ name, value, domain: '127.0.0.1', path: '/' },
      secure: name.startsWith('__'),
      httpOnly: true,
    }))
    await context.addCookies(cookies.filter(({ name }) => name.startsWith(old.cookie)))
    return { context, url, count }
  }

  const namesOf = async (context: BrowserContext): Promise<string[]> =>
    (await context.cookies()).map(({ name }) => name).sort()

  /** The browser at the old app. */
  async function back(context: BrowserContext, old: OldApp): Promise<string | null> {
    const visitor = new TestBrowser(old.send, ORIGIN)
    for (const { name, value } of await context.cookies()) visitor.cookies.set(name, value)
    return (await old.see(visitor)).user
  }

  test.each<[library: string, recipe: string, start: () => Promise<OldApp>]>([
    ['passport', 'express-session', () => passportApp()],
    ['iron-session', 'iron-session', () => ironApp(9)],
    ['Auth.js', 'auth-js-jwt', () => authJsApp('jwt')],
    ['better-auth', 'better-auth', betterAuthApp],
  ])('four restored tabs share one session; back and forth; a logout: %s', async (_, recipe, start) => {
    const old = await start()
    const { context, url, count } = await arrive(old, recipe)
    const records = await old.count?.()
    const tabs = await Promise.all(Array.from({ length: 4 }, () => context.newPage()))
    await Promise.all(tabs.map((tab) => tab.goto(url)))
    expect(await Promise.all(tabs.map(heading))).toEqual(['alice', 'alice', 'alice', 'alice'])
    expect(await namesOf(context)).toEqual(['__Host-session', old.cookie].sort())
    expect([await count(), await old.count?.()]).toEqual([1, records])

    expect(await back(context, old)).toBe('alice')
    const [one, two] = tabs as [Page, Page]
    await one.reload()
    expect([await heading(one), await count()]).toEqual(['alice', 1])

    await one.getByRole('button').click()
    expect(await heading(one)).toBe('nobody')
    await two.reload()
    expect(await heading(two)).toBe('nobody')
    expect([await namesOf(context), await count(), await back(context, old)]).toEqual([[], 0, null])
    if (records !== undefined) expect(await old.count?.()).toBe(records - 1)
  })

  test('Redis stops in the middle: 503, and whoever waits is in when it is back', async () => {
    const redis = await OwnServer.start('redis')
    onTestFinished(() => redis.dispose())
    const old = await passportApp({ url: redis.url, prefix: 'old:' })
    const { context, url, count } = await arrive(old, 'express-session')
    const page = await context.newPage()
    await redis.kill()
    expect((await page.goto(url))?.status()).toBe(503)
    expect([await namesOf(context), await count()]).toEqual([[old.cookie], 0])
    await redis.start()
    await expect.poll(async () => (await page.goto(url))?.status(), { timeout: 10_000 }).toBe(200)
    expect([await heading(page), await count()]).toEqual(['alice', 1])

    // A browser that has our session does not notice.
    await redis.kill()
    expect((await page.goto(url))?.status()).toBe(200)
    expect(await heading(page)).toBe('alice')
    // A logout that the old store is not told says so, and holds.
    const logout = page.waitForResponse((answer) => answer.request().method() === 'POST')
    await page.getByRole('button').click()
    expect((await logout).status()).toBe(503)
    expect([await namesOf(context), await count()]).toEqual([[], 0])
    await redis.start()
    await page.goto(url)
    expect(await heading(page)).toBe('nobody')
  })
})
