import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { control } from './controls.ts'
import { fetchServer, isControl, isOther, type Report } from './fetch-server.ts'
import { MOUNTS, NODE_MOUNTS } from './mounts/index.ts'
import type { World } from './world.ts'

interface NodeBindings {
  readonly incoming?: IncomingMessage
}

/** The whole server as one fetch function, behind the adapter that was asked for. */
export async function referenceServer(
  world: World,
  report?: Report,
): Promise<(request: Request, bindings?: unknown) => Promise<Response>> {
  const { adapter } = world.arguments
  const load = MOUNTS[adapter]
  if (!load) throw new Error(`no adapter ${adapter}`)
  const serve = await fetchServer(world, (await load()).mount, report)
  return (request, bindings) =>
    serve(request, (bindings as NodeBindings | undefined)?.incoming?.socket?.remoteAddress)
}

/** The whole server for Node, whichever kind of adapter it is. */
export async function referenceListener(
  world: World,
  report: Report = console.error,
): Promise<RequestListener> {
  const load = NODE_MOUNTS[world.arguments.adapter]
  if (!load) return getRequestListener(await referenceServer(world, report))
  const { mount } = await load()
  const main = await mount(world, () => world.auth)
  const other = await mount(world, () => world.other)
  const controls = getRequestListener((request) => control(world, request, new URL(request.url).pathname))
  return (request, response) => {
    const pathname = (request.url ?? '').split('?')[0] ?? ''
    if (isControl(pathname)) return controls(request, response)
    response.on('finish', () => {
      if (response.statusCode >= 500) report(`${response.statusCode} ${request.method} ${pathname}`)
    })
    return (isOther(pathname) ? other : main)(request, response)
  }
}
