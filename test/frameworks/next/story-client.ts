import type { RequestListener } from 'node:http'
import { TestBrowser } from 'latchkey/testing'
import { overHttp } from '../../reference-app/cell.ts'

/** How a browser submits a form of React: by itself, or by the script of Next. */
export type Way = 'form' | 'script'

declare global {
  var storyLookups: number
}

export interface Story {
  /** A browser at an origin: the app's own, or that of a proxy in front of it. */
  browser(origin?: string): TestBrowser
  /** How often the app has looked up a user. */
  lookups(): number
  close(): Promise<void>
}

/** The story app as browsers see it, through a proxy that says what was asked for. */
export async function storyOver(listener: RequestListener): Promise<Story> {
  const { send, port, close } = await overHttp(listener)
  // As `next start` does: where Next fetches the page that an action redirects to.
  process.env.__NEXT_PRIVATE_ORIGIN = `http://127.0.0.1:${port}`
  const through = async (request: Request): Promise<Response> => {
    const { host, protocol } = new URL(request.url)
    const headers = new Headers(request.headers)
    headers.set('x-forwarded-host', host)
    headers.set('x-forwarded-proto', protocol.slice(0, -1))
    if (request.method === 'POST' && !headers.has('origin')) headers.set('origin', `${protocol}//${host}`)
    // What TestBrowser always sends, and old browsers do not.
    if (headers.get('sec-fetch-site') === '') headers.delete('sec-fetch-site')
    const { url, method } = request
    if (!headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) {
      return send(new Request(url, { method, headers, body: await bodyOf(request) }))
    }
    // React's forms are multipart.
    headers.delete('content-type')
    return send(new Request(url, { method, headers, body: await multipart(request) }))
  }
  const browser = (origin = 'https://app.test'): TestBrowser => new TestBrowser(through, origin)
  return { browser, close, lookups: () => globalThis.storyLookups }
}

async function bodyOf(request: Request): Promise<string | null> {
  return request.method === 'GET' || request.method === 'HEAD' ? null : request.text()
}

async function multipart(request: Request): Promise<FormData> {
  const form = new FormData()
  for (const [name, value] of new URLSearchParams(await request.text())) form.append(name, value)
  // The call itself comes last; as the key of an object, `0` came first.
  const call = form.get('0')
  form.delete('0')
  if (call !== null) form.append('0', call)
  return form
}

/** Submits the form of an action on a page. */
export async function submit(
  browser: TestBrowser,
  action: string,
  {
    way = 'form',
    page = '/account',
    fields = {},
    headers = {},
  }: {
    readonly way?: Way
    readonly page?: string
    readonly fields?: Readonly<Record<string, string>>
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Response> {
  const html = await (await browser.get(page)).text()
  const id = new RegExp(`<form id="${action}"[^>]*><input[^>]*name="\\$ACTION_ID_(\\w+)"`).exec(html)?.[1]
  if (id === undefined) throw new Error(`no form ${action} on ${page}`)
  if (way === 'form') return browser.post(page, { [`$ACTION_ID_${id}`]: '', ...fields }, headers)
  // What React's encodeReply makes of [FormData].
  const encoded = Object.entries(fields).map(([name, value]) => [`_1_${name}`, value])
  const form = Object.fromEntries([...encoded, ['0', '["$K1"]']])
  return browser.post(page, form, { 'next-action': id, accept: 'text/x-component', ...headers })
}
