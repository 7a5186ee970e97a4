import { getRequestListener } from '@hono/node-server'
import { LatchkeyError } from 'latchkey'
import { deniedResponse } from 'latchkey/adapter'
import { latchkey } from 'latchkey/node'
import { referenceApp } from '../app.ts'
import type { NodeMount } from './mount.ts'

/** As in an app of plain `node:http`: the middleware first, then a handler, which another library bridges here. */
export const mount: NodeMount = (world, authOf) => {
  const auth = latchkey(authOf, { onError: () => undefined })
  return (incoming, outgoing) =>
    auth(incoming, outgoing, () => {
      const current = auth.of(incoming)
      const listener = getRequestListener(
        (request) => {
          const { pathname, search } = new URL(request.url)
          return referenceApp({
            world,
            request,
            url: new URL(world.arguments.origin + pathname + search),
            auth: current,
          })
        },
        {
          errorHandler: (error) => {
            if (error instanceof Response) return error
            const { status, code } =
              error instanceof LatchkeyError ? error : { status: 500, code: 'internal_error' }
            return deniedResponse(current.request, status, code)
          },
        },
      )
      listener(incoming, outgoing)
    })
}
