import { EventEmitter, once } from 'node:events'
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { referenceOnNode } from '../../reference-app/server.ts'
import { World } from '../../reference-app/world.ts'
import { launch, visit } from '../chromium.ts'
import { certificateFor } from './certificate.ts'

export const APP = 'https://app.example.com'
/** The app's own host without TLS: whoever is on the network. */
export const PLAIN = 'http://app.example.com'
/** A sibling: shares the registrable domain, and so may set cookies for it; somebody else's all the same. */
export const SIBLING = 'https://evil.example.com'
/** Another site. */
export const STRANGER = 'https://evil.test'

const HOSTS = ['app.example.com', 'evil.example.com', 'evil.test']

/** A request as it reached the app, once answered. */
export interface Arrived {
  /** `POST /logout`, without the query. */
  readonly what: string
  readonly status: number
  /** The header, or `''`. */
  readonly site: string
  readonly cookie: string
  readonly purpose: string
}

interface Served {
  readonly html: string
  readonly status: number
  readonly headers: Record<string, string | string[]>
}

/** The reference app at https://app.example.com and its enemies, on real names with TLS, in a real browser. */
export class Sites {
  readonly world: World
  readonly browser: Browser
  /** What has reached the app, in the order of the answers. */
  readonly arrived: Arrived[]
  /** What stands in front of the app adds to its answers, by path. */
  readonly added: Map<string, Record<string, string>>
  readonly #pages: Map<string, Served>
  readonly #answered: EventEmitter
  readonly #servers: readonly Server[]

  private constructor(world: World, browser: Browser, net: Net) {
    this.world = world
    this.browser = browser
    this.arrived = net.arrived
    this.added = net.added
    this.#pages = net.pages
    this.#answered = net.answered
    this.#servers = net.servers
  }

  static async open(adapter: string, sessions: string): Promise<Sites> {
    const world = await World.make({
      adapter,
      sessions,
      origin: APP,
      port: 0,
      isManualClock: false,
      options: {},
    })
    const net = await openNet((await referenceOnNode(world)).listener)
    return new Sites(world, await launch(net.flags), net)
  }

  /** Puts an attacker's page on the web. */
  put(url: string, html: string, headers: Served['headers'] = {}, status = 200): string {
    this.#pages.set(url, {
      html,
      status,
      headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    })
    return url
  }

  /** A browser with an empty cookie jar. */
  visitor(): Promise<Page> {
    return visit(this.browser, { baseURL: APP })
  }

  /** The first request of this kind that the app has answered, or will within ten seconds. */
  async arrival(what: string): Promise<Arrived> {
    const signal = AbortSignal.timeout(10_000)
    for (;;) {
      const found = this.arrived.find((request) => request.what === what)
      if (found) return found
      await once(this.#answered, 'request', { signal }).catch(() => {
        throw new Error(
          `no ${what}, but ${this.arrived.map((request) => request.what).join(', ') || 'nothing'}`,
        )
      })
    }
  }

  /** As if nothing had happened in any browser, nor on the web; users and sessions stay. */
  async tidy(): Promise<void> {
    for (const context of this.browser.contexts()) await context.close()
    this.#pages.clear()
    this.added.clear()
    this.arrived.length = 0
  }

  async close(): Promise<void> {
    await this.browser.close()
    for (const server of this.#servers) {
      server.closeAllConnections()
      server.close()
    }
    await this.world.close()
  }
}

interface Net {
  readonly arrived: Arrived[]
  readonly added: Map<string, Record<string, string>>
  readonly pages: Map<string, Served>
  readonly answered: EventEmitter
  readonly servers: readonly Server[]
  /** What Chromium needs to find these hosts, and no others. */
  readonly flags: readonly string[]
}

async function openNet(app: RequestListener): Promise<Net> {
  const arrived: Arrived[] = []
  const added: Net['added'] = new Map()
  const pages: Net['pages'] = new Map()
  const answered = new EventEmitter()
  const listenerOf =
    (scheme: string): RequestListener =>
    (request, response) => {
      const origin = `${scheme}://${request.headers.host}`
      const page = pages.get(origin + request.url)
      if (page) return void response.writeHead(page.status, page.headers).end(page.html)
      if (origin !== APP) return void response.writeHead(404).end()
      response.on('close', () => {
        const header = (name: string) => String(request.headers[name] ?? '')
        arrived.push({
          what: `${request.method} ${request.url?.split('?')[0]}`,
          status: response.statusCode,
          site: header('sec-fetch-site'),
          cookie: header('cookie'),
          purpose: header('sec-purpose'),
        })
        answered.emit('request')
      })
      for (const [name, value] of Object.entries(added.get(request.url ?? '') ?? {}))
        response.setHeader(name, value)
      app(request, response)
    }
  const { key, cert, flag } = certificateFor(HOSTS)
  const servers = [createServer({ key, cert }, listenerOf('https')), createPlainServer(listenerOf('http'))]
  const [tls, plain] = await Promise.all(servers.map(listen))
  const rules = HOSTS.flatMap((host) => [
    `MAP ${host}:443 127.0.0.1:${tls}`,
    `MAP ${host}:80 127.0.0.1:${plain}`,
  ])
  const flags = [flag, `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND'].join(',')}`]
  return { arrived, added, pages, answered, servers, flags }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
