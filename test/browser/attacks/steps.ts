import type { Page } from 'playwright-core'
import { APP } from './sites.ts'

/*
 * What people do in the reference app, and what they see there.
 */

export const PASSWORDS = { alice: 'correct horse battery staple', bob: 'hunter2hunter2' } as const
export type Name = keyof typeof PASSWORDS

export async function logIn(page: Page, name: Name): Promise<void> {
  await page.goto(`${APP}/login`)
  await page.locator('[name=username]').fill(name)
  await page.locator('[name=password]').fill(PASSWORDS[name])
  await page.getByRole('button').click()
  await page.waitForURL(`${APP}/app`)
}

export async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.waitForURL(`${APP}/login`)
}

export const heading = (page: Page): Promise<string | null> =>
  page.getByRole('heading', { level: 1 }).textContent()

/** Whom the app takes this browser for: asked in a tab of its own. `nobody` for an anonymous visitor. */
export async function whoIs(page: Page): Promise<string | null> {
  const tab = await page.context().newPage()
  await tab.goto(`${APP}/`)
  const name = await heading(tab)
  await tab.close()
  return name
}

/** The value of our cookie in this browser's jar. */
export async function sessionCookie(page: Page): Promise<string | undefined> {
  const cookies = await page.context().cookies(APP)
  return cookies.find(({ name }) => name === '__Host-session')?.value
}
