import { type Send, TestBrowser } from 'latchkey/testing'
import { guidePath } from './guide-files.ts'

export const origin = 'https://app.example'
/** That of every user in docs/guide/users-and-tokens.md. */
export const password = 'correct horse battery staple'
export const driven: Set<string> = new Set()

/** What a file of the guide exports. */
// biome-ignore lint/suspicious/noExplicitAny: compiled by snippets.test.ts; to the compiler they are no files here
export async function load(name: string): Promise<any> {
  driven.add(name)
  return import(guidePath(name))
}

/** A browser in front of an app or a handler of the guide. */
export async function open(name: string, key: string): Promise<TestBrowser> {
  const exported: Send | { fetch: Send } = (await load(name))[key]
  return new TestBrowser(
    (request) => ('fetch' in exported ? exported.fetch(request) : exported(request)),
    origin,
  )
}

/** The status, and where it leads or what it says. */
export async function said(asked: Promise<Response>): Promise<[number, string]> {
  const answer = await asked
  return [answer.status, answer.headers.get('location') ?? (await answer.text())]
}

export function logIn(
  browser: TestBrowser,
  name: string,
  given: string = password,
  page: string = '/login',
): Promise<[number, string]> {
  return said(browser.post(page, { email: `${name}@example.com`, password: given }))
}
