import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCells } from './cells.ts'
import { APP, PLAIN, SIBLING, Sites, STRANGER } from './sites.ts'
import { logIn, whoIs } from './steps.ts'

const CLICK = '<button>Go</button>'
const get = `<form action="${APP}/app">${CLICK}</form>`
const post = `<form method="post" action="${APP}/app">${CLICK}</form>`
const fetching = `<script>fetch('${APP}/app', { mode: 'no-cors', credentials: 'include' })</script>`
const frame = `<iframe src="${APP}/app"></iframe>`

/** What the browser itself does with a cookie that is `SameSite=Lax`: said here, so that we know when it changes. */
const ROWS: readonly [sentence: string, at: string, html: string, sent: boolean][] = [
  ['a link on another site', STRANGER, `<a href="${APP}/app">Go</a>`, true],
  ['a form by GET on another site', STRANGER, get, true],
  ['a script on another site that goes there', STRANGER, `<script>location = '${APP}/app'</script>`, true],
  ['a refresh on another site', STRANGER, `<meta http-equiv="refresh" content="0;url=${APP}/app">`, true],
  ['a form by POST on another site, seconds after the login', STRANGER, post, false],
  ['a picture on another site', STRANGER, `<img src="${APP}/app">`, false],
  ['a script from us on another site', STRANGER, `<script src="${APP}/app"></script>`, false],
  ['a frame on another site', STRANGER, frame, false],
  ['fetch on another site', STRANGER, fetching, false],
  [
    'a frame in a frame of our own host, in another site',
    STRANGER,
    `<iframe src="${APP}/framing"></iframe>`,
    false,
  ],
  ['a form by POST on our host without TLS', PLAIN, post, false],
  ['a frame on our host without TLS', PLAIN, frame, false],
  ['a form by POST on a sibling domain', SIBLING, post, true],
  ['a frame on a sibling domain', SIBLING, frame, true],
  ['fetch on a sibling domain', SIBLING, fetching, true],
]

describeCells('who is sent our cookie', (adapter, sessions) => {
  let sites: Sites
  let page: Page
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
    page = await sites.visitor()
    await logIn(page, 'alice')
  })
  afterAll(() => sites?.close())

  test.each(ROWS)('%s', async (_, at, html, sent) => {
    sites.put(`${APP}/framing`, frame)
    sites.arrived.length = 0
    const tab = await page.context().newPage()
    await tab.goto(sites.put(`${at}/page`, html), { waitUntil: 'commit' })
    const button = tab.locator('button, a')
    if (/<button>|<a /.test(html)) await button.click()
    const { cookie } = await sites.arrival(`${html === post ? 'POST' : 'GET'} /app`)
    expect(/(^|; )__Host-session=[^;]/.test(cookie)).toBe(sent)
    // Closed while it loads, a tab may never say that it is closed.
    if (/<form|<a |location|refresh/.test(html)) await tab.waitForURL((url) => url.origin === APP)
    await tab.waitForLoadState()
    await tab.close()
    expect(await whoIs(page)).toBe('alice')
  })

  test('the cookie is for this host alone, with TLS alone, and out of reach of scripts', async () => {
    expect(await page.context().cookies()).toEqual([
      {
        name: '__Host-session',
        value: expect.stringMatching(/^[\w.*~-]{40,}$/),
        domain: 'app.example.com',
        path: '/',
        expires: -1,
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
      },
    ])
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })
})
