import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Hono } from 'hono'
import type { Auth, RequireUserOptions } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import * as hono from 'latchkey/hono'
import * as next from 'latchkey/next'
import * as node from 'latchkey/node'
import * as router from 'latchkey/react-router'
import * as remix from 'latchkey/remix'
import { singleFetchPage } from '../../adapters/react-router/single-fetch-page.ts'
import type { TestUser } from '../app.ts'

/** Sends a request to a page that needs a user, behind an adapter, as its users write it. The page says `in`. */
export type Guarded = (
  auth: Auth<TestUser>,
  request: Request,
  options: RequireUserOptions,
) => Response | Promise<Response>

const page = (): Response => new Response('in')

/** A context of React Router. */
function routerContext(): router.RouterContext {
  const values = new Map<unknown, unknown>()
  return {
    get: (key) => (values.get(key) ?? key.defaultValue) as never,
    set: (key, value) => void values.set(key, value),
  }
}

export const ADAPTERS: Readonly<Record<string, Guarded>> = {
  fetch: (auth, request, options) =>
    withAuth(auth, async (_, { auth: current }) => (await current.requireUser(options)) ?? page())(request),

  hono: (auth, request, options) =>
    new Hono().use(hono.latchkey(auth)).all('*', hono.requireUser(options), page).fetch(request),

  node(auth, { method, url, headers }, options) {
    const { host, pathname, search } = new URL(url)
    const incoming = new IncomingMessage(new Socket())
    Object.assign(incoming, { method, url: pathname + search })
    for (const [name, value] of headers) incoming.rawHeaders.push(name, value)
    incoming.rawHeaders.push('host', host)
    const outgoing = new ServerResponse(incoming)
    const middleware = node.latchkey(auth)
    return new Promise((resolve) => {
      outgoing.end = (body?: unknown) => {
        const isEmpty = [204, 303].includes(outgoing.statusCode)
        const answer = new Response(isEmpty ? null : (body as BodyInit), { status: outgoing.statusCode })
        for (const [name, value] of Object.entries(outgoing.getHeaders()))
          for (const one of [value].flat()) answer.headers.append(name, String(one))
        resolve(answer)
        return outgoing
      }
      middleware(incoming, outgoing as never, () =>
        middleware.requireUser(options)(incoming, outgoing as never, () => void outgoing.end('in')),
      )
    })
  },

  'react-router': (auth, request, options) => {
    const middleware = router.latchkey(auth)
    const args = { request, context: routerContext(), url: singleFetchPage(request) }
    return middleware(args, async () => {
      await middleware.requireUser(args, options)
      return page()
    })
  },

  remix: (auth, request, options) => {
    const middleware = remix.latchkey(auth)
    const context = { request, url: new URL(request.url) }
    return middleware(context, async () => {
      await middleware.requireUser(context, options)
      return page()
    })
  },

  'next, in a route handler': (auth, request, options) => {
    const handler = next
      .latchkey(auth)
      .route(async (_, { auth: current }) => (await current.requireUser(options)) ?? page())
    return handler(named(request), { params: Promise.resolve({}) })
  },

  'next, in the proxy': async (auth, request, options) => {
    const clone = () => Object.assign(new URL(request.url), { clone })
    const proxied = Object.assign(named(request), { nextUrl: clone() })
    const seen = await next.latchkey(auth).check(proxied as never, options)
    return seen.ok ? page() : seen.response
  },
}

/** Next reads the host from a header. */
function named(request: Request): Request {
  const copy = new Request(request)
  copy.headers.set('x-forwarded-host', new URL(request.url).host)
  copy.headers.set('x-forwarded-proto', 'https')
  return copy
}
