import { ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { LatchkeyError } from 'latchkey'
import { deniedResponse } from 'latchkey/adapter'
import { latchkey } from 'latchkey/node'
import { type Nest, referenceApp } from '../app.ts'
import type { NodeMount } from './mount.ts'

/** As in an app of plain `node:http`: the middleware first, then a handler, which another library bridges here. */
export const mount: NodeMount = (world, authOf) => {
  const auth = latchkey(authOf, { onError: () => undefined })
  const second = latchkey(authOf, { onError: () => undefined })
  return (incoming, outgoing) =>
    auth(incoming, outgoing, () => {
      const current = auth.of(incoming)
      const listener = getRequestListener(
        (request) => {
          const { pathname, search } = new URL(request.url)
          const nest: Nest = async (handle) => {
            // It has no socket of its own: what is answered here goes nowhere.
            const answer = new ServerResponse(incoming)
            await new Promise<void>((resolve) => second(incoming, answer, resolve))
            const { status } = await handle(second.of(incoming))
            answer.writeHead(status)
            answer.end()
          }
          return referenceApp({
            world,
            request,
            url: new URL(world.arguments.origin + pathname + search),
            auth: current,
            nest,
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
