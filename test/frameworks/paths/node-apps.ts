import type { IncomingMessage, RequestListener } from 'node:http'
import path from 'node:path'
import { parse } from 'node:url'
import { latchkey } from 'latchkey/node'
import { connect, express, express4, fastify, fastify4, findMyWay } from '../node/index.ts'
import { type AnyAuth, HIDDEN, OTHER, ROUTES, SHOWN, withoutLanguage } from './routes.ts'

type MakeApp = (auth: AnyAuth) => RequestListener | Promise<RequestListener>

const say =
  (body: string): RequestListener =>
  (_, response) =>
    void response.end(body)

/** Middleware of the app's own that changes the path. */
function rewriting(request: { url?: string | undefined }, _: unknown, next: () => void): void {
  request.url = withoutLanguage(request.url)
  next()
}

/** As patterns of one router. */
function addRoutes(below: string, add: (pattern: string, handle: RequestListener) => unknown): void {
  add('/', say(SHOWN))
  for (const [pattern, says] of ROUTES) {
    add(pattern, say(says))
    add(pattern + below, say(says))
  }
  add(below, say(OTHER))
}

interface Router {
  use(handle: unknown): unknown
  use(mount: string, handle: unknown): unknown
  all(pattern: string, handle: never): unknown
}

const routed =
  (make: () => Router, below: string, first?: typeof rewriting): MakeApp =>
  (auth) => {
    const router = make()
    if (first) router.use(first)
    router.use(latchkey(auth))
    addRoutes(below, (pattern, handle) => router.all(pattern, handle as never))
    return finished(router)
  }

/** By prefixes, one router in another. */
const mounted =
  (make: () => Pick<Router, 'use'>, first?: typeof rewriting): MakeApp =>
  (auth) => {
    const router = make()
    if (first) router.use(first)
    router.use(latchkey(auth))
    const deep = make()
    deep.use('/inner', say(HIDDEN))
    router.use('/deep', deep)
    for (const [prefix, says] of ROUTES) if (prefix !== '/deep/inner') router.use(prefix, say(says))
    router.use(((request, response) =>
      response.end(withoutQuery(request.url ?? '') === '/' ? SHOWN : OTHER)) satisfies RequestListener)
    return finished(router)
  }

/** A router by itself, which is not an app, wants to be told what comes behind it. */
const finished =
  (router: unknown): RequestListener =>
  (request, response) =>
    (router as (...all: unknown[]) => void)(request, response, () => response.end())

const fastifyOf =
  (make: unknown, options: object): MakeApp =>
  async (configured) => {
    const auth = latchkey(configured)
    const app = (make as typeof fastify)(options)
    app.addHook('onRequest', (request, reply, done) => auth(request.raw, reply.raw, done))
    addRoutes('/*', (pattern, handle) =>
      app.all(pattern, (request, reply) => {
        reply.hijack()
        handle(request.raw as IncomingMessage, reply.raw as never)
      }),
    )
    await app.ready()
    return (request, response) => void app.server.emit('request', request, response)
  }

const findMyWayOf =
  (options: object): MakeApp =>
  (configured) => {
    const auth = latchkey(configured)
    const router = findMyWay(options)
    addRoutes('/*', (pattern, handle) =>
      router.all(pattern, (request, response) => handle(request as never, response as never)),
    )
    return (request, response) =>
      auth(request, response, () => router.lookup(request as never, response as never))
  }

/** Plain `node:http`, by what an app makes of `req.url`. */
const plain =
  (pathOf: (url: string) => string): MakeApp =>
  (configured) => {
    const auth = latchkey(configured)
    const bodyOf = (url: string): string => {
      const asked = pathOf(url)
      if (asked === '/') return SHOWN
      return ROUTES.find(([prefix]) => asked === prefix || asked.startsWith(`${prefix}/`))?.[1] ?? OTHER
    }
    return (request, response) =>
      auth(request, response, () => {
        try {
          response.end(bodyOf(request.url ?? ''))
        } catch {
          response.writeHead(400).end()
        }
      })
  }

const LAX = {
  caseSensitive: false,
  ignoreTrailingSlash: true,
  ignoreDuplicateSlashes: true,
  useSemicolonDelimiter: true,
}
const withoutQuery = (url: string): string => url.split('?')[0] ?? ''

export const NODE_APPS: Readonly<Record<string, MakeApp>> = {
  'Express 5': routed(() => express() as never, '/{*rest}'),
  'Express 5, mounted': mounted(() => express() as never),
  'Express 5, behind a rewrite': routed(() => express() as never, '/{*rest}', rewriting),
  'Express 4': routed(() => express4() as never, '/*'),
  'Express 4, mounted': mounted(() => express4() as never),
  Connect: mounted(() => connect()),
  'Connect, behind a rewrite': mounted(() => connect(), rewriting),
  'Fastify 5': fastifyOf(fastify, {}),
  'Fastify 5, lax': fastifyOf(fastify, { routerOptions: LAX }),
  'Fastify 5, with rewriteUrl': fastifyOf(fastify, {
    rewriteUrl: ({ url }: { url?: string }) => withoutLanguage(url),
    routerOptions: LAX,
  }),
  'Fastify 4': fastifyOf(fastify4, {}),
  'Fastify 4, lax': fastifyOf(fastify4, {
    caseSensitive: false,
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
  }),
  'Fastify 4, with rewriteUrl': fastifyOf(fastify4, {
    rewriteUrl: ({ url }: { url?: string }) => withoutLanguage(url),
  }),
  'find-my-way': findMyWayOf({}),
  'find-my-way, lax': findMyWayOf(LAX),
  'node:http, before the query': plain(withoutQuery),
  'node:http, decoded': plain((url) => decodeURIComponent(withoutQuery(url))),
  'node:http, normalized': plain((url) => path.posix.normalize(decodeURIComponent(withoutQuery(url)))),
  'node:http, by URL': plain((url) => new URL(url, 'http://localhost').pathname),
  'node:http, by URL, decoded': plain((url) => decodeURIComponent(new URL(url, 'http://localhost').pathname)),
  'node:http, by url.parse': plain((url) => parse(url).pathname ?? ''),
  'node:http, by url.parse, in small letters': plain((url) => (parse(url).pathname ?? '').toLowerCase()),
}

/** Those that work over HTTP/2; of Express its router does. */
export const HTTP2_APPS: Readonly<Record<string, MakeApp>> = {
  'Express 5, its router': routed(() => express.Router() as never, '/{*rest}'),
  'Express 5, its router, mounted': mounted(() => express.Router() as never),
  'Express 5, its router, behind a rewrite': routed(() => express.Router() as never, '/{*rest}', rewriting),
  'Express 4, its router': routed(() => express4.Router() as never, '/*'),
  'Fastify 5': fastifyOf(fastify, { http2: true }),
  'Fastify 5, lax': fastifyOf(fastify, { http2: true, routerOptions: LAX }),
  'Fastify 4': fastifyOf(fastify4, { http2: true }),
  ...Object.fromEntries(Object.entries(NODE_APPS).filter(([name]) => !/^(Express|Fastify)/.test(name))),
}
