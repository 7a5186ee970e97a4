/** Answers a request: `fetch`, a handler, or `app.request`. */
export type Send = (request: Request) => Response | Promise<Response>

export interface VisitOptions {
  readonly method?: string
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A client that keeps cookies as a browser does, sends what a browser sends with a form of the app's own, and does
 * not follow redirects. For tests of an app with login.
 */
export class TestBrowser {
  readonly cookies: Map<string, string> = new Map<string, string>()
  readonly #send: Send
  readonly #origin: string

  constructor(send: Send, origin: string) {
    this.#send = send
    this.#origin = origin
  }

  get(path: string, headers?: VisitOptions['headers']): Promise<Response> {
    return this.visit(path, headers ? { headers } : {})
  }

  post(path: string, form: VisitOptions['form'] = {}, headers?: VisitOptions['headers']): Promise<Response> {
    return this.visit(path, { method: 'POST', form, ...(headers ? { headers } : {}) })
  }

  async visit(
    path: string,
    { method = 'GET', form, json, headers = {} }: VisitOptions = {},
  ): Promise<Response> {
    const sent = new Headers({ ...headers })
    if (this.cookies.size > 0 && !sent.has('cookie')) sent.set('cookie', this.cookieHeader)
    if (method !== 'GET' && !sent.has('sec-fetch-site')) sent.set('sec-fetch-site', 'same-origin')
    const init: RequestInit = { method, headers: sent, redirect: 'manual' }
    if (form) init.body = new URLSearchParams(form)
    if (json !== undefined) {
      init.body = JSON.stringify(json)
      sent.set('content-type', 'application/json')
    }
    const response = await this.#send(new Request(new URL(path, this.#origin), init))
    this.#keep(response)
    return response
  }

  get cookieHeader(): string {
    return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Another browser that has stolen every cookie of this one. */
  copy(): TestBrowser {
    const copy = new TestBrowser(this.#send, this.#origin)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }

  #keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      if (attributes.some(isOver)) this.cookies.delete(name)
      else this.cookies.set(name, pair.slice(at + 1))
    }
  }
}

function isOver(attribute: string): boolean {
  const [name = '', value = ''] = attribute.trim().split('=')
  if (/^max-age$/i.test(name)) return Number(value) <= 0
  return /^expires$/i.test(name) && Date.parse(value) <= Date.now()
}
