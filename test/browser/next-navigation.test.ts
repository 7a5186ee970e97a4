import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWhere } from '../engines/reach.ts'
import { serveApp } from '../frameworks/next/serve.ts'
import { isLeftOut, launch, visit } from './chromium.ts'

describeWhere(isLeftOut ? 'no Chromium' : null, 'Next’s own router and a proxy that asks for a user', () => {
  let server: Server
  let browser: Browser

  beforeAll(async () => {
    server = createServer(await serveApp('story'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    browser = await launch()
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  /** A page of the app that is open in a browser without a session. */
  async function opened(): Promise<Page> {
    const page = await visit(browser, {
      baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    await page.goto('/account')
    await page.waitForFunction('window.next?.router')
    return page
  }

  test('a navigation by its script leads to the login page, without loading the app anew', async () => {
    const page = await opened()
    await page.evaluate('window.isSame = true')
    await page.evaluate("window.next.router.push('/guarded/a?b=1')")
    await page.waitForURL((url) => url.pathname === '/login')
    expect(new URL(page.url()).searchParams.get('next')).toBe('/guarded/a?b=1')
    expect(await page.evaluate('window.isSame')).toBe(true)
  })

  test('a link, and an address that was typed, do too', async () => {
    const page = await opened()
    await page.evaluate("location = '/guarded/a'")
    await page.waitForURL((url) => url.pathname === '/login')
    await page.goto('/guarded/a')
    expect(new URL(page.url()).pathname).toBe('/login')
  })

  test('a script of the app is told 401', async () => {
    const page = await opened()
    const ask = "fetch('/guarded/a').then(async (r) => [r.status, r.redirected, (await r.json()).code])"
    expect(await page.evaluate(ask)).toEqual([401, false, 'login_required'])
  })
})
