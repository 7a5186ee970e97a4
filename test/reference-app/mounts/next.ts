import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import { register } from 'node:module'
import { latchkey } from 'latchkey/next'
import { serveApp } from '../../frameworks/next/serve.ts'
import { type Nest, referenceApp } from '../app.ts'
import type { NodeMount } from './mount.ts'

type Handler = (request: Request, context: { readonly params: Promise<unknown> }) => Promise<Response>

/** Node's request has a socket, which Next hides; a server of one's own can hand its address on. */
const ADDRESS = 'x-socket-address'

/**
 * The adapter stands outside of the built app here, and still has to find the very `next/headers.js` that Next's own
 * server uses.
 */
const HEADERS = new URL('../../frameworks/next/node_modules/next/headers.js', import.meta.url).href
register(
  `data:text/javascript,${encodeURIComponent(`export const resolve = (specifier, context, next) =>
  specifier === 'next/headers.js' ? { url: '${HEADERS}', shortCircuit: true } : next(specifier, context)`)}`,
)

const current = new AsyncLocalStorage<Handler>()
let server: Promise<RequestListener> | undefined

/**
 * Next's own server with one built app, whose only route handler is whatever is current: so each auth has its own, and
 * the world stays in this process.
 */
export const mount: NodeMount = async (world, authOf) => {
  const auth = latchkey(authOf, {
    address: (request) => request.headers.get(ADDRESS) ?? undefined,
    onError: () => undefined,
  })
  const handler = auth.route(async (request, { auth: visit }) => {
    const { pathname, search } = new URL(request.url)
    const told = new Request(world.arguments.origin + pathname + search, request)
    // A route that calls an action.
    const nest: Nest = (handle) => auth.action(handle)()
    return referenceApp({ world, request: told, url: new URL(told.url), auth: visit, nest })
  })
  Object.assign(globalThis, {
    latchkeyReference: (...given: Parameters<Handler>) => current.getStore()?.(...given),
  })
  server ??= serveApp('reference')
  const listener = await server
  return (incoming, outgoing) => {
    incoming.headers[ADDRESS] = incoming.socket.remoteAddress ?? ''
    current.run(handler, () => listener(incoming, outgoing))
  }
}
