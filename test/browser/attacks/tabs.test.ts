import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shot } from '../chromium.ts'
import { describeCells } from './cells.ts'
import { APP, Sites, STRANGER } from './sites.ts'
import { heading, logIn, logOut, sessionCookie, whoIs } from './steps.ts'

/** What a tab that still shows the user does next, and what it is then at. */
const NEXT: readonly [sentence: string, act: (page: Page) => Promise<unknown>][] = [
  ['loads its page again', (page) => page.reload()],
  ['goes to the page by its address', (page) => page.goto('/app')],
  ['follows a link', (page) => page.evaluate(() => location.assign('/app'))],
  [
    'asks for JSON behind the page',
    async (page) => {
      expect(
        await page.evaluate(() =>
          fetch('/app', { headers: { accept: 'application/json' } }).then((answer) => answer.status),
        ),
      ).toBe(401)
      await page.reload()
    },
  ],
  ['presses its own button', (page) => page.getByRole('button', { name: 'Log out' }).click()],
]

const changePassword = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const body = new URLSearchParams({
      current: 'correct horse battery staple',
      new: 'changed by a stale tab',
    })
    return fetch('/password', { method: 'POST', body }).then(({ status, redirected }) =>
      redirected ? 303 : status,
    )
  })

describeCells('two tabs of one browser', (adapter, sessions) => {
  let sites: Sites
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
  })
  beforeEach(() => sites.tidy())
  afterAll(() => sites?.close())

  /** Two tabs that both show Alice her page. */
  async function twoTabs(): Promise<[Page, Page]> {
    const here = await sites.visitor()
    await logIn(here, 'alice')
    const there = await here.context().newPage()
    await there.goto('/app')
    expect(await heading(there)).toBe('Hello Alice')
    return [here, there]
  }

  test.each(NEXT)('after a logout in one, the other is nobody’s when it %s', async (_, act) => {
    const [here, there] = await twoTabs()
    await logOut(here)
    await act(there)
    await there.waitForURL(/\/login/)
    expect(await heading(there)).toBe('Log in')
    expect(await sessionCookie(there)).toBeUndefined()
  })

  test('nor can the other change anything', async () => {
    const [here, there] = await twoTabs()
    const hashed = sites.world.users.byUsername('alice')?.hashedPassword
    await logOut(here)
    expect(await changePassword(there)).toBe(401)
    expect(sites.world.users.byUsername('alice')?.hashedPassword).toBe(hashed)
  })

  test('after a login as somebody else in one, the other is that user’s, and says so', async () => {
    const [here, there] = await twoTabs()
    const before = await sessionCookie(here)
    await logIn(here, 'bob')
    expect(await sessionCookie(here)).not.toBe(before)
    // A stale page's deed with the first user's password is not done to the second.
    const hashed = sites.world.users.byUsername('bob')?.hashedPassword
    expect(await changePassword(there)).toBe(401)
    expect(sites.world.users.byUsername('bob')?.hashedPassword).toBe(hashed)
    await there.reload()
    expect(await heading(there)).toBe('Hello Bob')
    await logOut(there)
    expect(await whoIs(here)).toBe('nobody')
  })

  test.each([
    ['writes', '/slow?ms=500&write=late'],
    ['only reads', '/slow?ms=500'],
  ])('a request under way in one that %s does not undo a logout in the other', async (_, path) => {
    const [here, there] = await twoTabs()
    const late = there.evaluate((url) => fetch(url).then((answer) => answer.status), path)
    await logOut(here)
    expect(await late).toBe(200)
    expect(await whoIs(here)).toBe('nobody')
    expect(await whoIs(there)).toBe('nobody')
  })

  test.each(['logs out', 'logs in as somebody else'] as const)(
    'a response of another process, with the cookie from before, brings nobody back who %s',
    async (what) => {
      const [here, there] = await twoTabs()
      const old = await sessionCookie(here)
      if (what === 'logs out') await logOut(here)
      else await logIn(here, 'bob')
      // A process that knows nothing of it, whose response was on its way.
      if (sessions === 'sealed') sites.world.configure(sites.world.arguments.options)
      sites.added.set('/health', { 'set-cookie': `__Host-session=${old}; Path=/; HttpOnly; Secure` })
      await there.goto(`${APP}/health`)
      expect(await sessionCookie(there)).toBe(old)
      expect(await whoIs(here)).toBe('nobody')
      await logIn(here, 'bob')
      expect(await whoIs(there)).toBe('bob')
    },
  )

  test('what a visitor kept before is not the next user’s', async () => {
    const [here] = await twoTabs()
    await here.evaluate(() =>
      fetch('/session', { method: 'POST', body: new URLSearchParams('key=note&value=Alice’s') }),
    )
    await logIn(here, 'bob')
    expect(await here.evaluate(() => fetch('/session').then((answer) => answer.text()))).toBe('{}')
  })

  test('a login in one tab, while the other still shows the form: that form logs in, too, with a new session', async () => {
    const here = await sites.visitor()
    const there = await here.context().newPage()
    await there.goto('/login')
    await logIn(here, 'alice')
    const first = await sessionCookie(here)
    await there.locator('[name=username]').fill('alice')
    await there.locator('[name=password]').fill('correct horse battery staple')
    await there.getByRole('button').click()
    await there.waitForURL('/app')
    expect(await sessionCookie(here)).not.toBe(first)
    await here.reload()
    expect(await heading(here)).toBe('Hello Alice')
  })

  test('a download is the user’s, and after a logout in another tab nobody’s', async () => {
    const [here, there] = await twoTabs()
    const download = async (): Promise<string> => {
      const started = there.waitForEvent('download')
      await there.getByRole('link').click()
      return readFileSync(await (await started).path(), 'utf8')
    }
    await there.goto(sites.put(`${APP}/files`, '<a download="app.html" href="/app">Download</a>'))
    expect(await download()).toContain('Hello Alice')
    await logOut(here)
    const after = await download()
    expect(after).toContain('<h1>Log in</h1>')
    expect(after).not.toContain('Alice')
  })

  test('a window opened by another site is in, and tells its opener nothing', async () => {
    const page = await sites.visitor()
    await logIn(page, 'alice')
    await page.goto(
      sites.put(`${STRANGER}/`, `<button onclick="w = window.open('${APP}/app')">Open</button>`),
    )
    const opened = page.context().waitForEvent('page')
    await page.getByRole('button').click()
    const popup = await opened
    await popup.waitForURL(`${APP}/app`)
    expect(await heading(popup)).toBe('Hello Alice')
    const seen = await page.evaluate(() => {
      const { w } = window as unknown as { w: Window }
      try {
        return w.document.title
      } catch (error) {
        return (error as Error).name
      }
    })
    expect(seen).toBe('SecurityError')
    await shot(popup, `attacks-${adapter}-popup`)
    await logOut(popup)
    expect(await whoIs(page)).toBe('nobody')
  })
})
