import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { shot } from '../chromium.ts'
import { describeCells } from './cells.ts'
import { APP, PLAIN, SIBLING, Sites, STRANGER } from './sites.ts'
import { heading, logIn, PASSWORDS, sessionCookie, whoIs } from './steps.ts'

type Fields = Readonly<Record<string, string>>

/** What an attacker would have a visitor's browser send, knowing every field. */
const TARGETS: readonly [path: string, fields: Fields][] = [
  ['/logout', {}],
  ['/login', { username: 'bob', password: PASSWORDS.bob }],
  ['/password', { current: PASSWORDS.alice, new: 'chosen by the attacker' }],
]

const ATTACKERS: readonly [who: string, origin: string, site: string][] = [
  ['another site', STRANGER, 'cross-site'],
  ['a sibling domain', SIBLING, 'same-site'],
  ['the app’s own host without TLS', PLAIN, 'cross-site'],
]

const form = (action: string, fields: Fields, attributes = ''): string => {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  )
  return `<form method="post" action="${action}" ${attributes}>${inputs.join('')}<button>Win a prize</button></form>`
}
const script = (code: string): string => `<script>${code}</script>`
const text = (value: unknown): string => JSON.stringify(value)
const body = (fields: Fields): string =>
  `new URLSearchParams(${text(new URLSearchParams(fields).toString())})`
const post = (action: string, content: string, options: string): string =>
  script(`fetch(${text(action)}, { method: 'POST', credentials: 'include', body: ${content}, ${options} })`)

type MakeHtml = (action: string, fields: Fields) => string

/** Ways for a page to send a POST somewhere else at a click of the visitor's. */
const CLICKED: readonly [way: string, html: MakeHtml][] = [
  ['a form', form],
  ['a form as multipart', (action, fields) => form(action, fields, 'enctype="multipart/form-data"')],
  ['a form as text/plain', (action, fields) => form(action, fields, 'enctype="text/plain"')],
  [
    'a form without a referrer',
    (action, fields) => `<meta name="referrer" content="no-referrer">${form(action, fields)}`,
  ],
  ['a form in a new window', (action, fields) => form(action, fields, 'target="_blank"')],
  [
    'a form into a frame',
    (action, fields) => `${form(action, fields, 'target="f"')}<iframe name="f"></iframe>`,
  ],
]

/** Ways to do it as soon as the page is seen. */
const BY_ITSELF: readonly [way: string, html: MakeHtml][] = [
  [
    'a form that sends itself',
    (action, fields) => form(action, fields) + script('document.forms[0].submit()'),
  ],
  [
    'a form in a sandbox',
    (action, fields) => {
      const inner = `${form(action, fields)}${script('document.forms[0].submit()')}`
      return `<iframe sandbox="allow-forms allow-scripts" srcdoc="${inner.replaceAll('"', '&quot;')}"></iframe>`
    },
  ],
  ['fetch', (action, fields) => post(action, body(fields), "mode: 'no-cors'")],
  [
    'fetch that outlives its page',
    (action, fields) => post(action, body(fields), "mode: 'no-cors', keepalive: true"),
  ],
  [
    'JSON disguised as text',
    (action, fields) => post(action, text(text(fields)), "headers: { 'content-type': 'text/plain' }"),
  ],
  [
    'XMLHttpRequest',
    (action, fields) =>
      script(
        `const x = new XMLHttpRequest(); x.open('POST', ${text(action)}); x.withCredentials = true; x.send(${body(fields)})`,
      ),
  ],
  ['a beacon', (action, fields) => script(`navigator.sendBeacon(${text(action)}, ${body(fields)})`)],
]

const WAYS = [...CLICKED, ...BY_ITSELF]

describeCells('a request forged by another site', (adapter, sessions) => {
  let sites: Sites
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
  })
  afterAll(() => sites?.close())

  describe.each(ATTACKERS)('from %s', (_who, origin, site) => {
    let page: Page
    let cookie: string | undefined
    const hashed = () => sites.world.users.byUsername('alice')?.hashedPassword
    let hashedBefore: ReturnType<typeof hashed>

    // Nothing may change here, and so one login does for all.
    beforeAll(async () => {
      await sites.tidy()
      page = await sites.visitor()
      await logIn(page, 'alice')
      ;[cookie, hashedBefore] = [await sessionCookie(page), hashed()]
      sites.world.events.length = 0
    })

    // Who judges is the same behind every adapter: for the second one, some will do.
    const ways = adapter === 'fetch' ? WAYS : WAYS.filter(([way]) => ['a form', 'fetch'].includes(way))
    test.each(ways)('%s changes nothing', async (way, html) => {
      for (const [path, fields] of TARGETS) {
        sites.arrived.length = 0
        const tab = await page.context().newPage()
        const prize = html(APP + path, fields)
        await tab.goto(sites.put(`${origin}/prize${path}`, prize), { waitUntil: 'commit' })
        if (!BY_ITSELF.some(([name]) => name === way)) await tab.getByRole('button').click()
        const { status, site: told } = await sites.arrival(`POST ${path}`)
        // Closed half-way, a tab may never say that it is.
        if (!/<iframe|target=|<script>(?!document)/.test(prize)) await tab.waitForURL(APP + path)
        await tab.close()
        const expected = way === 'a form in a sandbox' ? 'cross-site' : site
        expect({ path, status, told }).toEqual({ path, status: 403, told: expected })
      }
      expect(sites.world.events.splice(0).map(({ type }) => type)).toEqual(
        TARGETS.map(() => 'cross_origin_refused'),
      )
      expect(await sessionCookie(page)).toBe(cookie)
      expect(hashed()).toBe(hashedBefore)
    })

    test('and after all of them the visitor is who she was', async () => {
      expect(await whoIs(page)).toBe('alice')
    })
  })

  describe('and besides', () => {
    beforeEach(() => sites.tidy())
    afterEach(() => sites.world.configure({}))

    test.each(ATTACKERS)('%s logs no visitor in as the attacker', async (_who, origin) => {
      const page = await sites.visitor()
      await page.goto(
        sites.put(`${origin}/`, form(`${APP}/login`, { username: 'bob', password: PASSWORDS.bob })),
      )
      await page.getByRole('button').click()
      await page.waitForURL(`${APP}/login`)
      expect(await heading(page)).toBe('Not allowed')
      await shot(page, `attacks-${adapter}-login-csrf`)
      expect(await page.context().cookies()).toEqual([])
      expect(await whoIs(page)).toBe('nobody')
    })

    test.each(ATTACKERS)('JSON from %s ends at the preflight', async (_who, origin) => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      await page.goto(
        sites.put(
          `${origin}/`,
          post(`${APP}/logout`, "'{}'", "headers: { 'content-type': 'application/json' }"),
        ),
      )
      await sites.arrival('OPTIONS /logout')
      expect(await whoIs(page)).toBe('alice')
      expect(sites.arrived.map(({ what }) => what)).not.toContain('POST /logout')
    })

    test.each(ATTACKERS)('a link, a picture and a frame of %s log nobody out', async (_who, origin) => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      const logout = `${APP}/logout`
      await page.goto(
        sites.put(
          `${origin}/`,
          `<img src="${logout}?1"><iframe src="${logout}?2"></iframe><a href="${logout}">Prize</a>`,
        ),
      )
      await page.getByRole('link').click()
      await page.waitForURL(logout)
      expect(sites.arrived.filter(({ what }) => what === 'GET /logout').map(({ status }) => status)).toEqual([
        404, 404, 404,
      ])
      expect(await whoIs(page)).toBe('alice')
    })

    test('a POST that another site sends back to us counts as its own', async () => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      sites.put(`${STRANGER}/turn`, '', { location: `${APP}/logout` }, 307)
      await page.locator('form').evaluate((own: HTMLFormElement, url) => {
        own.action = url
      }, `${STRANGER}/turn`)
      await page.getByRole('button').click()
      expect(await sites.arrival('POST /logout')).toMatchObject({ status: 403, site: 'cross-site' })
      expect(await whoIs(page)).toBe('alice')
    })

    test('a form in a window that the attacker has opened our app in', async () => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      const html = `<button onclick="window.open('${APP}/app', 'w')">Open</button>${form(`${APP}/logout`, {}, 'target="w"')}`
      await page.goto(sites.put(`${SIBLING}/`, html))
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open' }).click()
      const popup = await opened
      await popup.waitForURL(`${APP}/app`)
      expect(await heading(popup)).toBe('Hello Alice')
      await page.getByRole('button', { name: 'Win' }).click()
      expect(await sites.arrival('POST /logout')).toMatchObject({ status: 403, site: 'same-site' })
      expect(
        await page.evaluate(() => {
          try {
            return window.open('', 'w')?.document.title
          } catch (error) {
            return (error as Error).name
          }
        }),
      ).toBe('SecurityError')
      expect(await whoIs(page)).toBe('alice')
    })

    test('our page in a frame of another site is a stranger’s: a click in it does nothing', async () => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      await page.goto(sites.put(`${STRANGER}/`, `<h1>Win</h1><iframe name="app" src="${APP}/app"></iframe>`))
      const frame = page.frame({ name: 'app' })
      expect(await frame?.getByRole('heading').textContent()).toBe('Log in')
      await shot(page, `attacks-${adapter}-framed`)
      expect(await whoIs(page)).toBe('alice')
    })

    test('a sibling that is trusted by name may send forms, and no other', async () => {
      sites.world.configure({ trustedOrigins: [SIBLING] })
      const page = await sites.visitor()
      await logIn(page, 'alice')
      await page.goto(sites.put(`${STRANGER}/`, form(`${APP}/logout`, {})))
      await page.getByRole('button').click()
      expect(await sites.arrival('POST /logout')).toMatchObject({ status: 403 })
      expect(await whoIs(page)).toBe('alice')
      await page.goto(sites.put(`${SIBLING}/`, form(`${APP}/logout`, {})))
      await page.getByRole('button').click()
      await page.waitForURL(`${APP}/login`)
      expect(await whoIs(page)).toBe('nobody')
    })

    const OWN: readonly [how: string, html: string][] = [
      ['a form', form('/logout', {})],
      ['a form as multipart', form('/logout', {}, 'enctype="multipart/form-data"')],
      ['a form as text/plain', form('/logout', {}, 'enctype="text/plain"')],
      ['a form without a referrer', `<meta name="referrer" content="no-referrer">${form('/logout', {})}`],
      ['fetch', `<button onclick="fetch('/logout', { method: 'POST' })">Log out</button>`],
      ['a beacon', `<button onclick="navigator.sendBeacon('/logout')">Log out</button>`],
    ]
    test.each(OWN)('%s of the app itself passes', async (_how, html) => {
      const page = await sites.visitor()
      await logIn(page, 'alice')
      await page.goto(sites.put(`${APP}/own`, html))
      await page.getByRole('button').click()
      expect(await sites.arrival('POST /logout')).toMatchObject({ status: 303, site: 'same-origin' })
      expect(await whoIs(page)).toBe('nobody')
    })
  })
})
