import { latchkey } from 'latchkey/remix'
import { install } from '../../engines/install.mjs'
import { type Nest, referenceApp } from '../app.ts'
import type { Mount } from './mount.ts'

/** The router takes nothing but a request: the server tells it the address by a header that no client can set. */
const ADDRESS = 'x-socket-address'

/** Remix 3's router, with one handler for every path. */
export const mount: Mount = async (world, authOf) => {
  install('frameworks/remix')
  const { createRouter } = await import('../../frameworks/remix/router.ts')
  const options = {
    address: ({ request }: { request: Request }) => request.headers.get(ADDRESS) ?? undefined,
    onError: () => undefined,
  }
  const auth = latchkey(authOf, options)
  const second = latchkey(authOf, options)
  const router = createRouter({ middleware: [auth] })
  router.route('ANY', '*', (context) => {
    const nest: Nest = (handle) => second(context, () => handle(second.of(context)))
    return referenceApp({ world, request: context.request, url: context.url, auth: auth.of(context), nest })
  })
  return (request, address) => {
    const headers = new Headers(request.headers)
    headers.delete(ADDRESS)
    if (address !== undefined) headers.set(ADDRESS, address)
    return router.fetch(new Request(request, { headers }))
  }
}
