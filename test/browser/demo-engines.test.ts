import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith, URLS } from '../engines/reach.ts'
import { isLeftOut, launch, shot, visit } from './chromium.ts'
import { type DemoEnvironment, freePort, type RunningDemo, startDemo } from './demo-process.ts'
import { forget } from './leftovers.ts'
import { type Line, openLine } from './line.ts'
import {
  type Account,
  changePassword,
  logIn,
  main,
  notice,
  overflow,
  PASSWORD,
  path,
  signUp,
} from './steps.ts'

const HERE = 'Desk <b>browser</b> & "Co"'
const THERE = 'Pocket browser'
const ENDED = 'Your session has ended, here or on another device. Please log in again.'

describe.skipIf(isLeftOut)('the demo over an engine, in a real browser', () => {
  let browser: Browser
  let demo: RunningDemo
  let environment: DemoEnvironment
  let folder: string
  const emails: string[] = []

  beforeAll(async () => {
    browser = await launch()
  })

  afterAll(() => browser?.close())

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
  })

  async function start(engineUrl: (folder: string) => string): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
    const url = engineUrl(folder)
    const engine = url.startsWith('redis') ? { redisUrl: url } : { databaseUrl: url }
    environment = { port: await freePort(), usersFile: join(folder, 'unused.db'), ...engine }
    demo = await startDemo(environment)
  }

  async function stop(): Promise<void> {
    try {
      await demo?.stop()
    } finally {
      if (folder) rmSync(folder, { recursive: true })
    }
  }

  const visitor = (userAgent: string, options: BrowserContextOptions = {}): Promise<Page> =>
    visit(browser, { baseURL: demo.origin, userAgent, ...options })

  /** Somebody whom no other run knows. */
  function somebody(): Account {
    const email = `demo-${randomUUID()}@example.com`
    emails.push(email)
    return { displayName: 'Ivy', email, password: PASSWORD }
  }

  const devices = (page: Page): Locator => page.getByRole('main').getByRole('listitem')

  function stories(name: string): void {
    it('lists where a user is logged in, and ends one session from another', async () => {
      const user = somebody()
      const [here, there] = [await visitor(HERE, { javaScriptEnabled: false }), await visitor(THERE)]
      const before = Date.now()
      await signUp(here, user)
      await logIn(there, user)
      expect(path(there)).toBe('/members')

      await here.getByRole('link', { name: 'Where you are logged in' }).click()
      await shot(here, `devices-${name}`)
      expect(await devices(here).count()).toBe(2)
      const [own, other] = [devices(here).filter({ hasText: HERE }), devices(here).filter({ hasText: THERE })]
      expect(await own.textContent()).toContain('This device')
      expect(await own.textContent()).toContain('Last seen now')
      expect(await other.textContent()).not.toContain('This device')
      expect(await here.locator('main b, script').count()).toBe(0)
      const times = await other
        .locator('time')
        .evaluateAll((elements) =>
          elements.map((element) => Date.parse((element as HTMLTimeElement).dateTime)),
        )
      expect(times).toHaveLength(2)
      for (const time of times) {
        expect(time).toBeGreaterThanOrEqual(before)
        expect(time).toBeLessThanOrEqual(Date.now())
      }

      await other.getByRole('button').click()
      expect(path(here)).toBe('/devices')
      expect(await notice(here)).toBe('That device is logged out.')
      expect(await devices(here).count()).toBe(1)
      await shot(here, `devices-ended-${name}`)

      await there.getByRole('link', { name: 'Change the password' }).click()
      expect(path(there)).toBe('/login?next=%2Fpassword')
      expect(await notice(there)).toBe(ENDED)
      await there.reload()
      expect(await there.getByRole('status').count()).toBe(0)

      await own.getByRole('button').click()
      expect(path(here)).toBe('/')
      expect(await here.context().cookies()).toEqual([])
    })

    it('ends nothing that belongs to somebody else, or to nobody', async () => {
      const [here, there] = [await visitor(HERE), await visitor(THERE)]
      await signUp(here, somebody())
      await signUp(there, somebody())
      await there.goto('/devices')
      const own = await there.locator('main p[id^=device-]').getAttribute('id')
      for (const handle of [own?.replace('device-', '') ?? '', 'nothing', '']) {
        const answer = await here.request.post('/devices/end', { form: { handle } })
        expect(await answer.text()).toContain('That device was logged out already.')
      }
      await there.reload()
      expect(path(there)).toBe('/devices')
      const refused = await (await visitor(HERE)).request.post('/devices/end-others', {
        maxRedirects: 0,
        headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' },
      })
      expect(refused.headers().location).toBe('/login')
    })

    it('logs out everywhere else', async () => {
      const user = somebody()
      const [here, ...others] = [await visitor(HERE), await visitor(THERE), await visitor('Kitchen browser')]
      await signUp(here, user)
      await here.goto('/devices')
      expect(await here.getByRole('button', { name: 'everywhere else' }).count()).toBe(0)
      for (const other of others) await logIn(other, user)
      await here.reload()
      await here.getByRole('button', { name: 'Log out everywhere else' }).click()
      expect(await notice(here)).toBe('You are logged out everywhere else.')
      expect(await devices(here).count()).toBe(1)
      for (const other of others) {
        await other.goto('/members')
        expect(path(other)).toBe('/login?next=%2Fmembers')
      }
    })

    it('keeps users and sessions over a restart', async () => {
      const user = somebody()
      const [here, there] = [await visitor(HERE), await visitor(THERE)]
      await signUp(here, user)
      await changePassword(here, PASSWORD, 'another walk in the hills')
      await demo.stop()
      demo = await startDemo(environment)
      await here.goto('/members')
      expect(await main(here)).toContain(user.email)
      await logIn(there, { ...user, email: user.email.toUpperCase(), password: 'another walk in the hills' })
      expect(path(there)).toBe('/members')
      await here.goto('/devices')
      expect(await devices(here).count()).toBe(2)
    })

    it('gives an address to one of two who sign up with it at once', async () => {
      const { displayName: name, ...rest } = somebody()
      const pages = await Promise.all([visitor(HERE), visitor(THERE), visitor(HERE), visitor(THERE)])
      const answers = await Promise.all(
        pages.map((page) => page.request.post('/signup', { form: { name, ...rest }, maxRedirects: 0 })),
      )
      expect(answers.map((answer) => answer.status()).sort()).toEqual([303, 409, 409, 409])
    })

    it('says where it keeps what, and not by which password', () => {
      expect(demo.output()).toContain('Users and sessions are kept in ')
      expect(demo.output()).not.toMatch(/(redis|postgres|mysql):\/\//)
    })
  }

  describe('SQLite, in a file', () => {
    beforeAll(() => start((scratch) => `file:${join(scratch, 'made', 'demo.db')}`))
    afterAll(stop)
    stories('sqlite')

    it.each([
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
      ['tiny', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
    ] as [string, BrowserContextOptions][])('fits: %s', async (look, options) => {
      const user = somebody()
      await signUp(await visitor('unbroken'.repeat(32)), user)
      await logIn(await visitor(THERE), user)
      const { userAgent, ...rest } = {
        userAgent: await (await browser.newPage()).evaluate(() => navigator.userAgent),
        ...options,
      }
      const page = await visitor(userAgent, rest)
      await logIn(page, user)
      await shot(page, `members-stored-${look}`)
      await page.goto('/devices')
      await shot(page, `devices-${look}`)
      expect(await devices(page).count()).toBe(3)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
    })
  })

  for (const server of ['redis', 'postgres', 'mysql'] as const) {
    describeWith([server], server, () => {
      let line: Line
      beforeAll(async () => {
        line = await openLine(URLS[server])
        await start(() => line.url)
      })
      afterAll(async () => {
        try {
          await stop()
        } finally {
          await line?.cut()
          await forget(server, emails.splice(0))
        }
      })
      stories(server)

      it('outlives the loss of its engine, and logs nobody out', async () => {
        const page = await visitor(HERE)
        await signUp(page, somebody())
        const place = new URL(line.url).host
        await line.cut()
        // While nobody asks anything: there is no request that could take the blow.
        await expect.poll(() => demo.output(), { timeout: 10_000 }).toContain(`${place}: `)
        expect((await page.goto('/members'))?.status()).toBe(503)
        expect(await main(page)).toContain('We will be back in a moment.')
        await shot(page, 'out-of-order')
        await line.mend()
        await expect.poll(async () => (await page.goto('/members'))?.status(), { timeout: 10_000 }).toBe(200)
        expect(path(page)).toBe('/members')
      })
    })
  }
})
