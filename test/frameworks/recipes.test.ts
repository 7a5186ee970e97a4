import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Send, TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sessionCookies } from '../app.ts'
import type { RunningExample } from '../browser/example-process.ts'
import { pack } from '../runtimes/packed.ts'
import { EXAMPLES, exampleOf, SEALED } from './recipes/example.ts'

const TITLES: Readonly<Record<string, string>> = {
  astro: 'Astro',
  nuxt: 'Nuxt',
  sveltekit: 'SvelteKit',
  'tanstack-start': 'TanStack Start',
}
const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' }
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }
const OTHER_SITE = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-recipes-'))
const running = new Map<string, Promise<RunningExample>>()

/** As those do who copy them: with the packed latchkey. All at once, since an install waits and a build works. */
beforeAll(async () => {
  const tarball = await pack(scratch)
  for (const name of Object.keys(TITLES)) {
    const example = exampleOf(name, scratch, tarball)
    running.set(
      name,
      example.install().then(() => example.start()),
    )
  }
  await Promise.allSettled(running.values())
}, 300_000)
afterAll(async () => {
  for (const example of await Promise.allSettled(running.values()))
    if (example.status === 'fulfilled') await example.value.stop()
  rmSync(scratch, { recursive: true, force: true })
})

describe.each(Object.entries(TITLES))('the example in %s', (name, title) => {
  let browser: TestBrowser
  beforeEach(async () => {
    browser = await visitorOf(name)
  })

  test('logs in and out', async () => {
    expect(redirectOf(await browser.get('/'))).toBe('/app')
    expect(redirectOf(await browser.get('/app'))).toBe('/login?next=/app')
    const form = await textOf(await browser.get('/login?next=/app'))
    expect(form).toMatch(
      /<input[^>]* name="next"[^>]* value="\/app"|<input[^>]* value="\/app"[^>]* name="next"/,
    )
    expect(form).not.toContain('role="alert"')
    const wrong = await browser.post('/login', { ...ADA, password: 'wrong' })
    expect(redirectOf(wrong)).toBe('/login?error=invalid_credentials')
    expect(await textOf(await browser.get(redirectOf(wrong)))).toMatch(
      /<p[^>]* role="alert"[^>]*>That did not work. Try again.<\/p>/,
    )
    expect(sessionCookies(browser)).toEqual([])

    const login = await browser.post('/login', { ...ADA, next: '/app?tab=2' })
    expect(redirectOf(login)).toBe('/app?tab=2')
    expect(login.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^session-[0-9a-f]{4}=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(login.headers.get('cache-control')).toMatch(/private/)
    const page = await browser.get('/app')
    expect([page.headers.get('vary'), page.headers.get('cache-control')]).toEqual(['Cookie', 'no-store'])
    expect(await textOf(page)).toMatch(/<h1[^>]*>Hello Ada<\/h1>/)

    const stolen = browser.copy()
    expect(redirectOf(await browser.post('/logout'))).toBe('/login')
    expect(sessionCookies(browser)).toEqual([])
    expect(redirectOf(await stolen.get('/app'))).toBe('/login?next=/app')
  })

  test('goes to no other site after the login', async () => {
    expect(redirectOf(await browser.post('/login', { ...ADA, next: '//evil.example/app' }))).toBe('/app')
  })

  test('takes nothing from other sites', async () => {
    await browser.post('/login', ADA)
    const forged = [
      await browser.post('/logout', {}, OTHER_SITE),
      await browser.visit('/logout', { method: 'POST', json: {}, headers: OTHER_SITE }),
      await browser.post('/odd?do=write and redirect', {}, OTHER_SITE),
    ]
    expect(forged.map(({ status, headers }) => [status, headers.getSetCookie()])).toEqual(
      forged.map(() => [403, []]),
    )
    expect(await textOf(await browser.get('/app'))).toContain('Hello Ada')
    expect(await noteOf(browser)).toBeNull()
  })

  test('keeps nothing of a handler that throws, but for a logout', async () => {
    await browser.post('/login', ADA)
    const thrown = await browser.post('/odd?do=write and throw')
    expect([thrown.status, thrown.headers.getSetCookie()]).toEqual([500, []])
    expect(await noteOf(browser)).toBeNull()

    const stolen = browser.copy()
    expect((await browser.post('/odd?do=log out and throw')).status).toBe(500)
    expect(sessionCookies(browser)).toEqual([])
    expect(redirectOf(await stolen.get('/app'))).toBe('/login?next=/app')
  })

  test('saves a session with headers that are immutable', async () => {
    const answer = await browser.post('/odd?do=write and redirect')
    expect([redirectOf(answer), sessionCookies(browser).length]).toEqual(['/app', 1])
    expect(await noteOf(browser)).toBe('written')
  })

  test('is what the documentation says', () => {
    const page = readFileSync(path.join(EXAMPLES, '../../recipes.md'), 'utf8')
    const section = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
    const blocks = Array.from(section.matchAll(/```typescript\n\/\/ (\S+)\n([\s\S]*?)```/g))
    for (const [, file = '', code = ''] of blocks)
      expect(readFileSync(path.join(EXAMPLES, name, file), 'utf8')).toContain(code)
    expect(blocks.length).toBeGreaterThanOrEqual(3)
  })
})

describe.each([
  ['sveltekit', '/thrown/__data.json', 'a load, asked by the framework itself'],
  ['tanstack-start', '/thrown', 'a server function'],
])('in %s', (name, where, what) => {
  test(`nothing is kept of ${what} that throws, and is answered 200`, async () => {
    const browser = await visitorOf(name)
    const sent = await browser.get(where)
    const thrown =
      sent.status === 303 ? await browser.get(sent.headers.get('location') ?? '', SAME_ORIGIN) : sent
    expect([thrown.status, thrown.headers.getSetCookie()]).toEqual([200, []])
    expect(await thrown.text()).toMatch(/error/)
  })
})

describe.each([
  ['sveltekit', 'an action that calls event.fetch'],
  ['astro', 'a page that rewrites'],
])('in %s, %s', (name) => {
  let browser: TestBrowser
  beforeEach(async () => {
    browser = await visitorOf(name)
    browser.cookies.set(SEALED, '1')
    await browser.post('/login', ADA)
  })

  test('is renewed by each request, which is what makes the other cases hard', async () => {
    const name = sessionCookies(browser).find((one) => one !== SEALED) as string
    const before = browser.cookies.get(name)
    expect(await textOf(await browser.get('/app'))).toContain('Hello Ada')
    expect(browser.cookies.get(name)).not.toBe(before)
  })

  test('does not undo a logout of the inner handler', async () => {
    const answer = await browser.post('/inner?do=log out')
    expect(redirectOf(answer)).toBe('/login')
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^session-[0-9a-f]{4}=; .*Max-Age=0/),
      expect.stringMatching(/^session-[0-9a-f]{4}-ended=1\.\d+; /),
    ])
    expect(redirectOf(await browser.get('/app'))).toBe('/login?next=/app')
  })

  test('keeps what the inner handler wrote, and what the outer one did', async () => {
    const answer = await browser.post('/inner?do=write')
    expect([redirectOf(answer), answer.headers.getSetCookie().length]).toEqual(['/app', 1])
    expect(await writtenOf(browser)).toEqual({ note: 'written', outer: 'written' })
  })

  test('shows the inner handler that it has logged out', async () => {
    expect(redirectOf(await browser.post('/inner'))).toMatch(/^(\/shown\?page=)?\/login\?next=\/app$/)
    expect(redirectOf(await browser.get('/app'))).toBe('/login?next=/app')
  })
})

test('in nuxt no cached answer is made for a user', async () => {
  const browser = await visitorOf('nuxt')
  await browser.post('/login', ADA)
  const answer = await browser.get('/kept')
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('Ada')
})

test('each recipe has its example', () => {
  expect(readdirSync(EXAMPLES).toSorted()).toEqual(Object.keys(TITLES).toSorted())
})

async function visitorOf(name: string): Promise<TestBrowser> {
  const { origin = '' } = (await running.get(name)) ?? {}
  return new TestBrowser(navigating(origin), origin)
}

/** What a browser sends beside the cookies when a form is posted. */
const navigating =
  (origin: string): Send =>
  (request) => {
    const headers = new Headers(request.headers)
    headers.set('accept', 'text/html')
    if (request.method === 'POST' && !headers.has('origin')) headers.set('origin', origin)
    return fetch(new Request(request, { headers }))
  }

/** Where a 303 leads, without the origin, and in one spelling. */
function redirectOf({ status, headers }: Response): string {
  expect(status).toBe(303)
  const { pathname, search } = new URL(headers.get('location') ?? '', 'http://localhost')
  return decodeURIComponent(pathname + search)
}

/** The page, without the marks that frameworks leave in it. */
async function textOf(response: Response): Promise<string> {
  expect(response.status).toBe(200)
  return (await response.text()).replaceAll(/<!--.*?-->/g, '')
}

async function noteOf(browser: TestBrowser): Promise<unknown> {
  return (await writtenOf(browser)).note
}

/** What `/odd` and `/inner` have written into the session. */
async function writtenOf(browser: TestBrowser): Promise<{ note: unknown; outer: unknown }> {
  return (await (await browser.get('/odd')).json()) as { note: unknown; outer: unknown }
}
