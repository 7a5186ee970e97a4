import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLeftOut, launch, visit } from '../../browser/chromium.ts'
import { type RunningServer, startNode } from './websocket-servers.ts'

describe.skipIf(isLeftOut)('a WebSocket that a page opens, in a real browser', () => {
  let browser: Browser
  let app: RunningServer
  let other: Server

  beforeAll(async () => {
    browser = await launch()
    app = await startNode('')
    other = createServer((_, response) => response.end('<h1>another site</h1>')).listen(0, '127.0.0.1')
    await once(other, 'listening')
  })
  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    other?.closeAllConnections()
    other?.close()
  })

  /** A visitor who is logged in, or not, on this page. */
  async function pageAt(url: string, isLoggedIn: boolean): Promise<Page> {
    const page = await visit(browser, {})
    if (isLoggedIn) expect((await page.request.post(`${app.url}/login`)).status()).toBe(200)
    await page.goto(url)
    return page
  }

  const say = (page: Page): Promise<string> =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url)
          socket.onopen = () => socket.send('hello')
          socket.onmessage = ({ data }) => resolve(data)
          socket.onerror = () => resolve('refused')
        }),
      `${app.url.replace('http', 'ws')}/socket`,
    )

  const portOf = (server: Server): number => (server.address() as AddressInfo).port

  test('the app’s own page is heard', async () => {
    expect(await say(await pageAt(`${app.url}/upgrades`, true))).toBe('alice: hello')
  })

  test('but not for nobody', async () => {
    expect(await say(await pageAt(`${app.url}/upgrades`, false))).toBe('refused')
  })

  test('a page on another port is not, though the browser sends the cookie along', async () => {
    expect(await say(await pageAt(`http://127.0.0.1:${portOf(other)}/`, true))).toBe('refused')
  })

  test('a page of another site is not', async () => {
    const { port } = new URL(app.url)
    const page = await pageAt(`${app.url}/upgrades`, true)
    await page.route('http://evil.test/', (route) => route.fulfill({ body: `<h1>${port}</h1>` }))
    await page.goto('http://evil.test/')
    expect(await say(page)).toBe('refused')
  })
})
