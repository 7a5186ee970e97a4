import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shot } from '../chromium.ts'
import { describeCells } from './cells.ts'
import { APP, Sites } from './sites.ts'
import { heading, logIn, logOut, whoIs } from './steps.ts'

/** What a user does between the login and the logout. All of it ends at the page that says hello to her. */
const STORIES: readonly [sentence: string, live: (page: Page) => Promise<unknown>][] = [
  ['a page that was loaded again', (page) => page.reload()],
  ['a page that was gone to', (page) => page.goto('/app')],
  [
    'a page that was gone to, left and returned to',
    (page) => page.goto('/app').then(() => leaveAndReturn(page)),
  ],
]

/** Her name, and what she typed. */
const PERSONAL = /Alice|correct horse/

async function leaveAndReturn(page: Page): Promise<void> {
  await page.goto('/health')
  await page.goBack({ waitUntil: 'commit' })
}

/** A tab that has been somewhere before it came to the app: that is where its history ends. */
async function tabOf(sites: Sites): Promise<Page> {
  const page = await sites.visitor()
  await page.goto(sites.put(START, 'Start'))
  return page
}
const START = `${APP}/start`

/** What the tab shows: its text, and what is typed into its fields for passwords. */
async function shown(page: Page): Promise<string> {
  // A page from memory has no load event that could be waited for.
  await page.waitForFunction(() => document.readyState === 'complete')
  const typed = await page
    .locator('input[type=password]')
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))
  return (await page.content()) + typed
}

/** Everything that the tab can still show, newest first. */
async function everythingBehind(page: Page): Promise<string[]> {
  const seen: string[] = []
  do {
    await page.goBack({ waitUntil: 'commit' })
    seen.push(await shown(page))
  } while (page.url() !== START)
  return seen
}

describeCells('the Back button after a logout', (adapter, sessions) => {
  let sites: Sites
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
  })
  beforeEach(() => sites.tidy())
  afterAll(() => sites?.close())

  test('before it, pages do come back from memory', async () => {
    const page = await tabOf(sites)
    await logIn(page, 'alice')
    await page.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) => (document.title = `${persisted}`)),
    )
    await leaveAndReturn(page)
    await page.waitForFunction(() => document.title === 'true')
    expect(await heading(page)).toBe('Hello Alice')
    expect(sites.arrived.filter(({ what }) => what === 'GET /app')).toHaveLength(1)
  })

  test.each(STORIES)('%s shows nothing', async (sentence, live) => {
    const page = await tabOf(sites)
    await logIn(page, 'alice')
    await live(page)
    expect(await heading(page)).toBe('Hello Alice')
    await logOut(page)
    const seen = await everythingBehind(page)
    expect(seen.length).toBeGreaterThan(2)
    for (const content of seen) expect(content).not.toMatch(PERSONAL)
    await page.goForward({ waitUntil: 'commit' })
    expect(await shown(page)).not.toMatch(PERSONAL)
    await shot(page, `attacks-${adapter}-after-back-${sentence.replaceAll(/\W+/g, '-')}`)
  })

  test('nor does a page behind it, after a logout in another tab', async () => {
    const page = await tabOf(sites)
    await logIn(page, 'alice')
    await page.reload()
    await page.goto('/health')
    const tab = await page.context().newPage()
    await tab.goto('/app')
    await logOut(tab)
    for (const content of await everythingBehind(page)) expect(content).not.toMatch(PERSONAL)
  })

  test('whoever logs in next sees nothing of the one before', async () => {
    const page = await tabOf(sites)
    await logIn(page, 'alice')
    await logOut(page)
    await logIn(page, 'bob')
    const seen = await everythingBehind(page)
    for (const content of seen) expect(content).not.toMatch(PERSONAL)
    expect(seen.some((content) => content.includes('Hello Bob'))).toBe(true)
  })

  test('the very page that the login led to is gone, too, once the session holds something new', async () => {
    const page = await tabOf(sites)
    await logIn(page, 'alice')
    await logOut(page)
    const notice = "fetch('/session', { method: 'POST', body: new URLSearchParams('key=notice&value=bye') })"
    await page.goto(sites.put(`${APP}/keep`, `<script>${notice}</script>`))
    await sites.arrival('POST /session')
    for (const content of await everythingBehind(page)) expect(content).not.toMatch(PERSONAL)
    expect(await whoIs(page)).toBe('nobody')
  })
})
