import type { Page } from 'playwright-core'

/*
 * What people do in the demo, and what they see there.
 */

export interface Account {
  readonly displayName: string
  readonly email: string
  readonly password: string
}

export const PASSWORD = 'a long walk by the sea'
export const WRONG = 'That e-mail address and password do not belong together.'

/** Where the browser is, without the origin. */
export function path(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}

export const alert = (page: Page): Promise<string | null> => page.getByRole('alert').textContent()
export const notice = (page: Page): Promise<string | null> => page.getByRole('status').textContent()
export const main = (page: Page): Promise<string | null> => page.getByRole('main').textContent()

export const submit = (page: Page, button: string): Promise<void> =>
  page.getByRole('main').getByRole('button', { name: button }).click()

type Credentials = Pick<Account, 'email' | 'password'>

export async function logIn(page: Page, { email, password }: Credentials, from = '/login'): Promise<void> {
  await page.goto(from)
  await fillLogin(page, email, password)
}

export async function fillLogin(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await submit(page, 'Log in')
}

export async function signUp(page: Page, { displayName, email, password }: Account): Promise<void> {
  await page.goto('/signup')
  await page.getByLabel('Name').fill(displayName)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await submit(page, 'Create the account')
}

export async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.goto('/password')
  await page.getByLabel('Current password').fill(current)
  await page.getByLabel('New password').fill(next)
  await submit(page, 'Change the password')
}

/** How far the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
