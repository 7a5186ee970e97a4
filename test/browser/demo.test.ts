import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ACCOUNTS } from '../../docs/examples/demo/accounts.ts'
import { isLeftOut, launch, shot, visit } from './chromium.ts'
import { type DemoEnvironment, freePort, type RunningDemo, runDemo, startDemo } from './demo-process.ts'
import {
  type Account,
  alert,
  changePassword,
  fillLogin,
  logIn,
  main,
  overflow,
  PASSWORD,
  path,
  signUp,
  submit,
  WRONG,
} from './steps.ts'

const [ADA, DISABLED] = ACCOUNTS as [Account, Account]

describe.skipIf(isLeftOut)('the demo, in a real browser', { timeout: 30_000 }, () => {
  let browser: Browser
  let demo: RunningDemo
  let environment: DemoEnvironment
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
    environment = { port: await freePort(), usersFile: join(folder, 'users.db') }
    demo = await startDemo(environment)
    browser = await launch()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
    if (folder) rmSync(folder, { recursive: true })
  })

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
  })

  const visitor = (options: BrowserContextOptions = {}): Promise<Page> =>
    visit(browser, { baseURL: demo.origin, ...options })

  const account = (name: string): Account => ({
    displayName: name,
    email: `${name.toLowerCase()}@example.com`,
    password: PASSWORD,
  })

  describe('signing up', () => {
    it('opens the members’ page at once, and keeps a name as text', async () => {
      const page = await visitor()
      await signUp(page, { ...account('Eve'), displayName: '<b>Eve</b> & "Co"' })
      expect(path(page)).toBe('/members')
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Hello, <b>Eve</b> & "Co"')
      expect(await page.locator('main b').count()).toBe(0)
    })

    it('refuses an address that is taken, in any spelling, and keeps what was typed', async () => {
      const page = await visitor()
      await signUp(page, { ...ADA, email: ' ADA@Example.com', password: PASSWORD })
      expect(await alert(page)).toContain('There is an account with this e-mail address already')
      expect(await page.getByLabel('Name').inputValue()).toBe(ADA.displayName)
      expect(await page.getByLabel('Password').inputValue()).toBe('')
      await shot(page, 'signup-refused')
    })

    it('refuses a short password, also from a browser that does not check it', async () => {
      const page = await visitor()
      await page.goto('/signup')
      await shot(page, 'signup')
      await page.locator('main form').evaluate((form: HTMLFormElement) => {
        form.noValidate = true
      })
      await page.getByLabel('Name').fill('Shorty')
      await page.getByLabel('E-mail address').fill('shorty@example.com')
      await page.getByLabel('Password').fill('seven77')
      await submit(page, 'Create the account')
      expect(await alert(page)).toContain('at least 8 characters')
      await logIn(page, { email: 'shorty@example.com', password: 'seven77' })
      expect(await alert(page)).toBe(WRONG)
    })
  })

  describe('logging in', () => {
    it('shows who is in, since when, and until when', async () => {
      const page = await visitor()
      await page.goto('/')
      expect(await main(page)).toContain('You are not logged in.')
      await shot(page, 'landing')
      await page.goto('/login')
      await shot(page, 'login')
      const before = Date.now()
      await fillLogin(page, ADA.email, ADA.password)
      expect(path(page)).toBe('/members')
      await shot(page, 'members')
      const text = await main(page)
      expect(text).toContain(`Hello, ${ADA.displayName}`)
      expect(text).toContain(ADA.email)
      const times = await page
        .locator('main time')
        .evaluateAll((elements) =>
          elements.map((element) => Date.parse((element as HTMLTimeElement).dateTime)),
        )
      expect(times).toHaveLength(2)
      const [since = 0, until = 0] = times
      expect(since).toBeGreaterThanOrEqual(before)
      expect(since).toBeLessThanOrEqual(Date.now())
      expect(until - since).toBeGreaterThan(23 * 3_600_000)
      await page.goto('/')
      expect(await main(page)).toContain(`You are logged in as ${ADA.displayName}.`)
      await shot(page, 'landing-logged-in')
    })

    it('answers a wrong password and an unknown user with one and the same page', async () => {
      const page = await visitor()
      await logIn(page, { email: ADA.email, password: 'wrong' })
      expect(await alert(page)).toBe(WRONG)
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(ADA.email)
      await shot(page, 'login-failure')
      const answer = async (email: string) => {
        const response = await page.request.post('/login', { form: { email, password: 'wrong' } })
        return `${response.status()} ${(await response.text()).replace(`value="${email}"`, '')}`
      }
      const [wrongPassword, unknownUser] = [
        await answer('ada@example.com'),
        await answer('nobody@example.com'),
      ]
      expect(wrongPassword).toContain(WRONG)
      expect(unknownUser).toBe(wrongPassword)
    })

    it('tells the owner of a disabled account, and nobody else', async () => {
      const page = await visitor()
      await logIn(page, DISABLED)
      expect(await alert(page)).toContain('This account is disabled.')
      await logIn(page, { ...DISABLED, password: 'wrong' })
      expect(await alert(page)).toBe(WRONG)
    })

    it('makes guessing wait, the right password included', async () => {
      const target = account('Target')
      await signUp(await visitor(), target)
      const page = await visitor()
      for (let guess = 1; guess <= 5; guess++) {
        await logIn(page, { ...target, password: `guess ${guess}` })
        expect(await alert(page)).toBe(WRONG)
      }
      await logIn(page, target)
      expect(await alert(page)).toBe('Too many attempts. Please try again in 5 minutes.')
      await shot(page, 'throttled')
      await page.goto('/members')
      expect(path(page)).toBe('/login?next=%2Fmembers')
    })

    it('works without JavaScript, and no page has any', async () => {
      const page = await visitor({ javaScriptEnabled: false })
      await logIn(page, ADA)
      expect(path(page)).toBe('/members')
      for (const url of ['/', '/members', '/password']) {
        const response = await page.goto(url)
        expect(await page.locator('script').count()).toBe(0)
        expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
        expect(response?.headers()['cache-control']).toContain('no-store')
      }
    })

    it('goes on to the page that was wanted, also after a mistake', async () => {
      const page = await visitor()
      await page.goto('/password')
      expect(path(page)).toBe('/login?next=%2Fpassword')
      await fillLogin(page, ADA.email, 'wrong')
      await fillLogin(page, ADA.email, ADA.password)
      expect(path(page)).toBe('/password')
    })

    it.each(['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)'])(
      'never goes on to %s',
      async (next) => {
        const page = await visitor()
        await logIn(page, ADA, `/login?${new URLSearchParams({ next })}`)
        expect(page.url()).toBe(`${demo.origin}/members`)
      },
    )

    it('refuses a form that another site sends', async () => {
      const page = await visitor()
      await page.route('http://evil.example/', (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<form method="post" action="${demo.origin}/login"><input name="email" value="${ADA.email}">
            <input name="password" value="${ADA.password}"><button>Win</button></form>`,
        }),
      )
      await page.goto('http://evil.example/')
      const answer = page.waitForResponse(`${demo.origin}/login`)
      await page.getByRole('button').click()
      expect((await answer).status()).toBe(403)
      await page.goto('/members')
      expect(path(page)).toBe('/login?next=%2Fmembers')
    })
  })

  describe('logging out', () => {
    const stories: [string, (page: Page) => Promise<unknown>][] = [
      ['right after logging in', (page) => logIn(page, ADA)],
      ['right after signing up', (page) => signUp(page, { ...ADA, email: `${Date.now()}@example.com` })],
      [
        'after looking around',
        (page) => logIn(page, ADA).then(() => page.goto('/').then(() => page.goto('/members'))),
      ],
    ]
    it.each(stories)('leaves nothing behind the Back button, %s', async (story, enter) => {
      const page = await visitor()
      await enter(page)
      await page.waitForURL('/members')
      expect(await main(page)).toContain(ADA.displayName)
      await submit(page, 'Log out')
      expect(await page.getByRole('status').textContent()).toBe('You are logged out.')
      expect(await main(page)).toContain('You are not logged in.')
      const held = (await page.context().cookies()).map(({ name }) => name)
      expect(held.filter((name) => !name.endsWith('-ended'))).toEqual([])
      await page.goBack({ waitUntil: 'commit' })
      await page.waitForURL('/login?next=%2Fmembers')
      await shot(page, `after-back-button-${story.replaceAll(' ', '-')}`)
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Log in')
      expect(await page.content()).not.toContain(ADA.displayName)
    })
  })

  describe('changing the password', () => {
    it('keeps this browser in; the other is out and is told why, until it logs in', async () => {
      const user = account('Grace')
      const [here, there] = [await visitor(), await visitor()]
      await signUp(here, user)
      await logIn(there, user)
      expect(path(there)).toBe('/members')

      await changePassword(here, PASSWORD, 'another walk in the hills')
      expect(path(here)).toBe('/members')
      expect(await here.getByRole('status').textContent()).toContain('Your password is changed.')
      await shot(here, 'password-changed')
      await here.reload()
      expect(path(here)).toBe('/members')
      expect(await here.getByRole('status').count()).toBe(0)

      await there.goto('/members')
      expect(path(there)).toBe('/login?next=%2Fmembers')
      expect(await there.getByRole('status').textContent()).toBe(
        'Your password was changed on another device. Please log in again.',
      )
      await shot(there, 'told-why')
      await there.reload()
      expect(await there.getByRole('status').count()).toBe(1)
      await fillLogin(there, user.email, PASSWORD)
      expect(await alert(there)).toBe(WRONG)
      await fillLogin(there, user.email, 'another walk in the hills')
      expect(path(there)).toBe('/members')
      expect(await there.getByRole('status').count()).toBe(0)
      await here.goto('/members')
      expect(path(here)).toBe('/members')
    })

    it('wants the current password, and changes nothing without it', async () => {
      const user = account('Joan')
      const page = await visitor()
      await signUp(page, user)
      await page.goto('/password')
      await shot(page, 'password')
      await changePassword(page, 'not this one', 'another walk in the hills')
      expect(await alert(page)).toBe('That is not your current password.')
      await logIn(await visitor(), user)
      await page.goto('/members')
      expect(path(page)).toBe('/members')
    })
  })

  it('keeps users and sessions over a restart, and accounts as they were changed', async () => {
    const user = account('Hedy')
    const page = await visitor()
    await signUp(page, user)
    await demo.stop()
    demo = await startDemo(environment)
    await page.goto('/members')
    expect(await main(page)).toContain(user.email)
    const other = await visitor()
    await logIn(other, user)
    expect(path(other)).toBe('/members')
  })

  it('cannot list sessions that are sealed, and says so nowhere', async () => {
    const page = await visitor()
    await logIn(page, ADA)
    expect(await main(page)).not.toContain('Where you are logged in')
    expect((await page.goto('/devices'))?.status()).toBe(404)
    expect((await page.request.post('/devices/end', { form: { handle: 'x' } })).status()).toBe(404)
    expect((await page.request.post('/devices/end-others')).status()).toBe(404)
  })

  it('says which port is taken and what to do, in one line', async () => {
    const { code, errors } = await runDemo(environment)
    expect(code).toBe(1)
    expect(errors).toMatch(/^Port \d+ is taken\. Choose another one: PORT=\d+ npm run demo\n$/)
  })

  describe('looks', () => {
    it.each([
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
      ['tiny', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
    ] as [string, BrowserContextOptions][])('fits and obeys its own policy: %s', async (name, options) => {
      const page = await visitor(options)
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      await page.goto('/')
      await shot(page, `landing-${name}`)
      await page.goto('/login')
      await shot(page, `login-${name}`)
      await fillLogin(page, ADA.email, ADA.password)
      await shot(page, `members-${name}`)
      for (const url of ['/', '/members', '/password', '/nowhere']) {
        await page.goto(url)
        expect(await overflow(page), url).toBeLessThanOrEqual(0)
      }
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
    })
  })
})
