/** Sends a request to the app under test: `fetch`, a handler, or `app.request`. */
export type Send = (request: Request) => Response | Promise<Response>

/** The options of a request of {@link TestBrowser}. */
export interface VisitOptions {
  /** The HTTP method. Default `GET`. */
  readonly method?: string
  /** Fields to send as a form (`application/x-www-form-urlencoded`). */
  readonly form?: Readonly<Record<string, string>>
  /** A value to send as JSON. */
  readonly json?: unknown
  /** Further headers. Those given here replace the browser's own. With an `Accept`, the request is one of a script. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A client for testing an app with login. It keeps cookies as a browser does, and does not follow redirects. It sends the
 * headers that a browser sends when the user follows a link or submits a form of the app (`Sec-Fetch-Site`,
 * `Sec-Fetch-Mode: navigate`, `Accept: text/html`); with `json` or an `Accept` of your own, those of a script's `fetch`.
 */
export class TestBrowser {
  /** The cookies it holds, by name. */
  readonly cookies: Map<string, string> = new Map<string, string>()
  readonly #send: Send
  readonly #origin: string

  /** @param origin The app's origin, such as `https://app.example`: paths are resolved against it. */
  constructor(send: Send, origin: string) {
    this.#send = send
    this.#origin = origin
  }

  /** Sends a GET request. */
  get(path: string, headers?: VisitOptions['headers']): Promise<Response> {
    return this.visit(path, headers ? { headers } : {})
  }

  /** Sends a form by POST. Default: an empty form. */
  post(path: string, form: VisitOptions['form'] = {}, headers?: VisitOptions['headers']): Promise<Response> {
    return this.visit(path, { method: 'POST', form, ...(headers ? { headers } : {}) })
  }

  /** Sends a request with the cookies it holds, and keeps those of the response. */
  async visit(
    path: string,
    { method = 'GET', form, json, headers = {} }: VisitOptions = {},
  ): Promise<Response> {
    const sent = new Headers({ ...headers })
    if (this.cookies.size > 0 && !sent.has('cookie')) sent.set('cookie', this.cookieHeader)
    if (method !== 'GET' && !sent.has('sec-fetch-site')) sent.set('sec-fetch-site', 'same-origin')
    const isScript = json !== undefined || sent.has('accept')
    if (!sent.has('sec-fetch-mode')) sent.set('sec-fetch-mode', isScript ? 'cors' : 'navigate')
    if (!sent.has('accept')) sent.set('accept', isScript ? '*/*' : 'text/html,*/*;q=0.8')
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

  /** The `Cookie` header of the next request. */
  get cookieHeader(): string {
    return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Returns another browser with a copy of every cookie, as after a theft. */
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
