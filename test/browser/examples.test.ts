import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWhere } from '../engines/reach.ts'
import { pack } from '../runtimes/packed.ts'
import { isLeftOut, launch, shot, visit } from './chromium.ts'
import { EXAMPLE_NAMES, Example, type RunningExample } from './example-process.ts'

const PASSWORD = 'correct horse battery staple'

/** How a script of the framework goes to `/app`, in those that navigate by `fetch`. */
const BY_SCRIPT: Readonly<Record<string, string>> = {
  'react-router': "window.__reactRouterDataRouter?.navigate('/app').then(() => true)",
}

test('these are the examples', () => {
  const all = ['bun', 'deno', 'express', 'fetch', 'hono', 'next', 'react-router', 'workers']
  expect(EXAMPLE_NAMES.toSorted()).toEqual(all)
})

describeWhere(isLeftOut ? 'no Chromium' : null, 'every example, copied and started, in Chromium', () => {
  /** Outside of the repository: an example that has forgotten a dependency must not find ours. */
  let scratch: string
  let tarball: string
  let browser: Browser

  beforeAll(async () => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-examples-'))
    tarball = await pack(scratch, { types: true })
    browser = await launch()
  }, 240_000)

  afterAll(async () => {
    await browser?.close()
    if (scratch) rmSync(scratch, { recursive: true, force: true })
  })

  describe.each(EXAMPLE_NAMES)('%s', (name) => {
    let running: RunningExample | undefined
    const complaints: string[] = []

    beforeAll(async () => {
      const example = new Example(name, scratch, tarball)
      await example.install()
      running = await example.start()
    }, 600_000)
    afterAll(() => running?.stop())

    async function visitor(javaScriptEnabled = true): Promise<Page> {
      const page = await visit(browser, { baseURL: running?.origin ?? '', javaScriptEnabled })
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        // Browsers ask for an icon, which no example has.
        if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
          complaints.push(`${message.text()} ${message.location().url}`)
      })
      return page
    }

    const heading = (page: Page, text: string): Promise<void> =>
      page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor()

    async function logIn(page: Page, password: string): Promise<void> {
      await page.locator('input[name=email]').fill('ada@example.com')
      await page.locator('input[name=password]').fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
    }

    async function logOut(page: Page): Promise<void> {
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.waitForURL('/login')
      await heading(page, 'Log in')
    }

    const navigate = BY_SCRIPT[name]
    if (navigate) {
      test('a navigation by script leads to the login page, once the session has ended', async () => {
        const page = await visitor()
        await page.goto('/login')
        // As if the session had ended: there is none. The page is not loaded anew.
        await page.evaluate('window.isSame = true')
        await page.waitForFunction(navigate)
        await page.waitForURL((url) => url.pathname === '/login' && url.search === '?next=%2Fapp')
        await heading(page, 'Log in')
        expect(await page.evaluate('window.isSame')).toBe(true)
        expect(complaints).toEqual([])
        await page.context().close()
      })
    }

    test.each([
      ['with', true],
      ['without', false],
    ] as const)('logs in and out, %s JavaScript', async (how, javaScriptEnabled) => {
      const page = await visitor(javaScriptEnabled)
      await page.goto('/app')
      await heading(page, 'Log in')
      expect(new URL(page.url()).pathname).toBe('/login')
      await logIn(page, 'wrong')
      await page.getByRole('alert').filter({ hasText: 'That did not work. Try again.' }).waitFor()
      await shot(page, `example-${name}-refused-${how}-javascript`)
      await logIn(page, PASSWORD)
      await page.waitForURL('/app')
      await heading(page, 'Hello Ada')
      await shot(page, `example-${name}-${how}-javascript`)
      await page.reload()
      await heading(page, 'Hello Ada')
      await logOut(page)

      await page.goBack({ waitUntil: 'commit' })
      await heading(page, 'Log in')
      expect(await page.content()).not.toContain('Hello Ada')
      await page.goto('/app')
      await heading(page, 'Log in')
      await page.goBack({ waitUntil: 'commit' })
      await heading(page, 'Log in')
      expect(complaints).toEqual([])
      await page.context().close()
    })
  })
})
