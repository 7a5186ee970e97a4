import { EventEmitter } from 'node:events'
import { getRequestListener } from '@hono/node-server'
import { LatchkeyError } from 'latchkey'
import { deniedResponse } from 'latchkey/adapter'
import { latchkey, type OutgoingLike, toRequest } from 'latchkey/node'
import { type Nest, referenceApp } from '../app.ts'
import { refuseUpgrade, upgradeTo } from '../node-sockets.ts'
import { isUpgrade, speak } from '../socket-route.ts'
import type { NodeMount, NodeUpgrades } from './mount.ts'

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
            const answer = unsentResponse()
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

export const upgrades: NodeUpgrades = (world, authOf) => {
  const auth = latchkey(authOf, { onError: () => undefined })
  return async (incoming, socket, head) => {
    if (incoming.url?.split('?')[0] !== '/ws' || !isUpgrade(incoming.headers.upgrade))
      return refuseUpgrade(socket, 404)
    const user = await auth.upgradeUser(incoming, socket)
    if (user) upgradeTo(speak(world, toRequest(incoming), user.id), incoming, socket, head)
  }
}

/** What is answered here goes nowhere. A `ServerResponse` of Node would do, but that of Bun answers the request. */
function unsentResponse(): OutgoingLike {
  const headers = new Map<string, string | readonly string[]>()
  return Object.assign(new EventEmitter(), {
    statusCode: 200,
    headersSent: false,
    writableEnded: false,
    getHeaderNames: () => [...headers.keys()],
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string | readonly string[]) => headers.set(name, value),
    removeHeader: (name: string) => void headers.delete(name),
    destroy: () => undefined,
    writeHead: () => undefined,
    write: () => true,
    end: () => undefined,
  })
}
