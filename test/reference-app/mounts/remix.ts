import { latchkey } from 'latchkey/remix'
import { install } from '../../engines/install.mjs'
import { referenceApp } from '../app.ts'
import type { Mount } from './mount.ts'

/** The router takes nothing but a request: the server tells it the address by a header that no client can set. */
const ADDRESS = 'x-socket-address'

/** Remix 3's router, with one handler for every path. */
export const mount: Mount = async (world, authOf) => {
  install('frameworks/remix')
  const { createRouter } = await import('../../frameworks/remix/router.ts')
  const auth = latchkey(authOf, {
    address: ({ request }) => request.headers.get(ADDRESS) ?? undefined,
    onError: () => undefined,
  })
  const router = createRouter({ middleware: [auth] })
  router.route('ANY', '*', (context) =>
    referenceApp({ world, request: context.request, url: context.url, auth: auth.of(context) }),
  )
  return (request, address) => {
    const headers = new Headers(request.headers)
    headers.delete(ADDRESS)
    if (address !== undefined) headers.set(ADDRESS, address)
    return router.fetch(new Request(request, { headers }))
  }
}
