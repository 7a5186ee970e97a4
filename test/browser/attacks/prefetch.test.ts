import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeCells } from './cells.ts'
import { APP, SIBLING, Sites, STRANGER } from './sites.ts'
import { heading, logIn, logOut, sessionCookie, whoIs } from './steps.ts'

const speculation = (kind: string, url: string): string => {
  const rules = { [kind]: [{ source: 'list', urls: [url], eagerness: 'immediate' }] }
  return `<script type="speculationrules">${JSON.stringify(rules)}</script>`
}

/** How a page has a browser fetch another one before anybody has asked for it, and what the browser says then. */
const WAYS: readonly [way: string, purpose: string, html: (url: string) => string][] = [
  ['a prefetching link', 'prefetch', (url) => `<link rel="prefetch" href="${url}">`],
  ['a rule that prefetches', 'prefetch', (url) => speculation('prefetch', url)],
  ['a rule that prerenders', 'prefetch;prerender', (url) => speculation('prerender', url)],
]
/** Another site's rules are not obeyed where there are cookies: the sibling's are. */
const PLACES = [APP, SIBLING].flatMap((at) => WAYS.map((way) => [at, ...way] as const))

describeCells('a page that is fetched before it is asked for', (adapter, sessions) => {
  let sites: Sites
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
  })
  beforeEach(() => sites.tidy())
  afterEach(() => sites.world.configure({}))
  afterAll(() => sites?.close())

  test.each(PLACES)('at %s, %s: the login stays as it is', async (at, _, purpose, html) => {
    const page = await sites.visitor()
    await logIn(page, 'alice')
    const before = await sessionCookie(page)
    sites.arrived.length = 0
    const both = `${html(`${APP}/app`)}${html(`${APP}/logout`)}`
    await page.goto(sites.put(`${at}/fetching`, `${both}<a href="${APP}/app">Go</a>`))
    expect(await sites.arrival('GET /app')).toMatchObject({ status: 200, purpose })
    expect(await sites.arrival('GET /logout')).toMatchObject({ status: 404, purpose })
    expect(await sessionCookie(page)).toBe(before)
    await page.getByRole('link').click()
    await page.waitForURL(`${APP}/app`)
    expect(await heading(page)).toBe('Hello Alice')
    expect(await whoIs(page)).toBe('alice')
  })

  test.each(WAYS)(
    '%s: a session that is due is not renewed by it, but by the next page that is asked for',
    async (_, purpose, html) => {
      sites.world.configure({ idleSeconds: 600, touchSeconds: 60 })
      const page = await sites.visitor()
      await logIn(page, 'alice')
      sites.world.advance(300)
      sites.arrived.length = 0
      await page.goto(sites.put(`${APP}/fetching`, html(`${APP}/app`)))
      expect(await sites.arrival('GET /app')).toMatchObject({ status: 200, purpose })
      sites.world.advance(200)
      expect(await whoIs(page)).toBe('alice')
      sites.world.advance(599)
      expect(await whoIs(page)).toBe('alice')
      sites.world.advance(601)
      expect(await whoIs(page)).toBe('nobody')
    },
  )

  test.each(WAYS)('%s: nobody’s page is not shown to whoever logs in', async (_, purpose, html) => {
    const page = await sites.visitor()
    sites.arrived.length = 0
    await page.goto(sites.put(`${APP}/fetching`, html(`${APP}/app`)))
    expect(await sites.arrival('GET /app')).toMatchObject({ status: 303, purpose })
    await logIn(page, 'alice')
    expect(await heading(page)).toBe('Hello Alice')
  })

  test.each(WAYS)('%s of another site learns nothing of the user', async (_, _purpose, html) => {
    const page = await sites.visitor()
    await logIn(page, 'alice')
    sites.arrived.length = 0
    await page.goto(sites.put(`${STRANGER}/fetching`, `${html(`${APP}/app`)}<a href="${APP}/app">Go</a>`))
    await page.getByRole('link').click()
    await page.waitForURL(`${APP}/app`)
    expect(await heading(page)).toBe('Hello Alice')
    const early = sites.arrived.filter(({ purpose }) => purpose !== '')
    for (const { cookie } of early) expect(cookie).toBe('')
  })

  test.each(WAYS)('%s: gone with a logout in another tab that says so', async (_, purpose, html) => {
    sites.added.set('/logout', { 'clear-site-data': '"prefetchCache", "prerenderCache"' })
    const page = await sites.visitor()
    await logIn(page, 'alice')
    const tab = await page.context().newPage()
    sites.arrived.length = 0
    await tab.goto(sites.put(`${APP}/fetching`, `${html(`${APP}/app`)}<a href="${APP}/app">Go</a>`))
    expect(await sites.arrival('GET /app')).toMatchObject({ status: 200, purpose })
    await page.bringToFront()
    await logOut(page)
    await tab.bringToFront()
    await tab.getByRole('link').click()
    await tab.waitForURL(`${APP}/login?next=%2Fapp`)
    expect(await heading(tab)).toBe('Log in')
  })
})
