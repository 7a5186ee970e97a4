import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SCREENSHOTS = fileURLToPath(new URL('../output/screenshots/', import.meta.url))

// In CI a missing browser is a failure: a suite that is skipped everywhere proves nothing.
export const isLeftOut = !existsSync(CHROMIUM) && !process.env.CI
if (isLeftOut)
  console.warn(`Left out: the demo in a real browser. There is no ${CHROMIUM}; set CHROMIUM to one.`)

/** @param flags Further command line flags of Chromium. */
export const launch = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', ...flags],
    // What people's browsers have: the Back button may bring a page back from memory.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })

/** A visitor with an empty cookie jar. */
export async function visit(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(10_000)
  return context.newPage()
}

export const shot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true })
