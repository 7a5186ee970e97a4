import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeCells } from './cells.ts'
import { APP, Sites } from './sites.ts'
import { heading } from './steps.ts'

/** What a page of the app has a browser request once its session has ended, and how that is answered. */
const PARTS: readonly [way: string, html: string, arrives: string, status: number][] = [
  ['fetch', script("fetch('/home')"), 'GET /home', 401],
  [
    'fetch that sends',
    script("fetch('/impersonate', { method: 'POST', body: new URLSearchParams() })"),
    'POST /impersonate',
    401,
  ],
  [
    'XMLHttpRequest',
    script("const x = new XMLHttpRequest(); x.open('GET', '/home'); x.send()"),
    'GET /home',
    401,
  ],
  ['an event stream', script("new EventSource('/home')"), 'GET /home', 401],
  ['a beacon', script("navigator.sendBeacon('/impersonate')"), 'POST /impersonate', 401],
  ['an image', '<img src="/home">', 'GET /home', 401],
  ['a script', '<script src="/home"></script>', 'GET /home', 401],
  ['a style sheet', '<link rel="stylesheet" href="/home">', 'GET /home', 401],
  ['a video', '<video src="/home"></video>', 'GET /home', 401],
  ['an image of a path rule', '<img src="/area/x.png">', 'GET /area/x.png', 401],
  ['a frame', '<iframe src="/home"></iframe>', 'GET /home', 303],
]

const NAVIGATIONS: readonly [way: string, html: string, arrives: string, ends: string][] = [
  ['a link', '<a href="/home?tab=2">Go</a>', 'GET /home', '/login?next=%2Fhome%3Ftab%3D2'],
  ['a link to a path rule', '<a href="/area/x">Go</a>', 'GET /area/x', '/login?next=%2Farea%2Fx'],
  [
    'a form',
    '<form method="post" action="/impersonate"><button>Go</button></form>',
    'POST /impersonate',
    '/login',
  ],
  ['a form by GET', '<form action="/home"><button>Go</button></form>', 'GET /home', '/login?next=%2Fhome'],
  ['a script', '<button onclick="location = \'/home\'">Go</button>', 'GET /home', '/login?next=%2Fhome'],
]

function script(code: string): string {
  return `<script>${code}</script>`
}

describeCells('what is asked of an anonymous visitor', (adapter, sessions) => {
  let sites: Sites
  let page: Page
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
  })
  beforeEach(async () => {
    page = await sites.visitor()
  })
  afterEach(() => sites.tidy())
  afterAll(() => sites?.close())

  test.each(PARTS)('by %s: no page of another path for an answer', async (_, html, arrives, status) => {
    await page.goto(sites.put(`${APP}/page`, html))
    expect((await sites.arrival(arrives)).status).toBe(status)
    if (status === 401) expect(sites.arrived.map(({ what }) => what)).not.toContain('GET /login')
  })

  test.each(NAVIGATIONS)('by %s: the login page', async (_, html, arrives, ends) => {
    await page.goto(sites.put(`${APP}/page`, html))
    await page.getByText('Go').click()
    await page.waitForURL(APP + ends)
    expect(await heading(page)).toBe('Log in')
    expect((await sites.arrival(arrives)).status).toBe(303)
  })
})
