import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLeftOut, launch, shot, visit } from '../browser/chromium.ts'
import { freePort } from '../browser/demo-process.ts'
import { describeWhere } from '../engines/reach.ts'
import { buildExample } from './react-router/build.ts'

const SERVE = path.join(import.meta.dirname, 'react-router/node_modules/@react-router/serve/bin.cjs')
const PASSWORD = 'correct horse battery staple'

let folder: string
beforeAll(async () => {
  folder = await buildExample()
})

describe('the example for React Router', () => {
  test('sends nothing to the browser that belongs to the server', () => {
    const assets = path.join(folder, 'build/client/assets')
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(5)
    for (const name of scripts)
      expect(readFileSync(path.join(assets, name), 'utf8')).not.toMatch(/scrypt|hashedPassword|latchkey/)
  })
})

describeWhere(isLeftOut ? 'no Chromium' : null, 'the example for React Router, in Chromium', () => {
  let server: ChildProcess
  let browser: Browser
  let baseURL: string

  beforeAll(async () => {
    const port = await freePort()
    baseURL = `http://localhost:${port}`
    server = spawn(process.execPath, [SERVE, 'build/server/index.js'], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', PORT: String(port) },
      // React Router prints every page that is not there; a browser asks for an icon.
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (server.stdout) await once(server.stdout, 'data')
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    server?.kill()
  })

  const at = (page: Page, where: string): Promise<void> => page.waitForURL(baseURL + where)
  const logIn = async (page: Page, password: string): Promise<void> => {
    await page.getByLabel('E-mail').fill('ada@example.com')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  const out = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await at(page, '/login')
  }

  test.each([
    ['with', true],
    ['without', false],
  ])('logs in and out, %s JavaScript', async (how, javaScriptEnabled) => {
    const page = await visit(browser, { baseURL, javaScriptEnabled })
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto('/')
    await at(page, '/login?next=%2Fapp')
    await logIn(page, 'wrong')
    await at(page, '/login?error=invalid_credentials')
    expect(await page.getByRole('alert').textContent()).toBe('That did not work. Try again.')
    await shot(page, `react-router-refused-${how}-javascript`)
    await logIn(page, PASSWORD)
    await at(page, '/app')
    // The address changes before the page does.
    await page.getByRole('heading', { name: 'Hello Ada', exact: true }).waitFor()
    await shot(page, `react-router-inside-${how}-javascript`)
    await out(page)
    await page.goto('/app')
    await at(page, '/login?next=%2Fapp')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('goes to the page that was wanted, and to no other site', async () => {
    const page = await visit(browser, { baseURL })
    for (const [next, where] of [
      ['/app?tab=2', '/app?tab=2'],
      ['//evil.example/app', '/app'],
    ] as const) {
      await page.goto(`/login?${new URLSearchParams({ next })}`)
      await logIn(page, PASSWORD)
      await at(page, where)
      await out(page)
    }
    await page.context().close()
  })

  test('the Back button shows nothing after the logout', async () => {
    const page = await visit(browser, { baseURL })
    await page.goto('/login')
    await logIn(page, PASSWORD)
    await at(page, '/app')
    await out(page)
    await page.goBack()
    await at(page, '/login?next=%2Fapp')
    await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor()
    expect(await page.getByRole('main').textContent()).not.toContain('Hello')
    await page.context().close()
  })
})
