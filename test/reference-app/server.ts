import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { control } from './controls.ts'
import { authIn, type FetchServer, fetchServer, isControl, isOther, type Report } from './fetch-server.ts'
import { MOUNTS, NODE_MOUNTS } from './mounts/index.ts'
import { type UpgradeListener, upgradeListener } from './node-sockets.ts'
import type { World } from './world.ts'

export interface NodeServer {
  readonly listener: RequestListener
  readonly upgrades?: UpgradeListener | undefined
}

/** The whole server as one fetch function, behind the adapter that was asked for. */
export async function referenceServer(world: World, report?: Report): Promise<FetchServer> {
  const { adapter } = world.arguments
  const load = MOUNTS[adapter]
  if (!load) throw new Error(`no adapter ${adapter}`)
  return fetchServer(world, (await load()).mount, report)
}

/** The whole server for Node, whichever kind of adapter it is. */
export async function referenceOnNode(world: World, report: Report = console.error): Promise<NodeServer> {
  const { adapter } = world.arguments
  const load = NODE_MOUNTS[adapter]
  if (!load) return overFetch(await referenceServer(world, report))
  const { mount, upgrades } = await load()
  const main = await mount(
    world,
    authIn(() => world.auth),
  )
  const other = await mount(
    world,
    authIn(() => world.other),
  )
  const controls = getRequestListener((request) => control(world, request, new URL(request.url).pathname))
  const listener: RequestListener = (request, response) => {
    const pathname = (request.url ?? '').split('?')[0] ?? ''
    if (isControl(pathname)) return controls(request, response)
    response.on('finish', () => {
      if (response.statusCode >= 500) report(`${response.statusCode} ${request.method} ${pathname}`)
    })
    return (isOther(pathname) ? other : main)(request, response)
  }
  if (adapter !== 'node') return { listener: refusingMalformed(listener) }
  return {
    listener,
    upgrades: upgrades?.(
      world,
      authIn(() => world.auth),
    ),
  }
}

function overFetch(serve: FetchServer): NodeServer {
  const listener = getRequestListener((request, { incoming }) =>
    serve(request, incoming.socket?.remoteAddress ?? undefined),
  )
  return { listener: refusingMalformed(listener), upgrades: upgradeListener(serve) }
}

/**
 * As a server should, before a framework is asked. Next answers 500 to these by itself, @hono/node-server makes requests of
 * them that the app cannot copy, and takes the host of an address for its own.
 */
function refusingMalformed(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { method, url = '' } = request
    if (method !== 'TRACE' && url.startsWith('/') && isDecodable(url.split('?')[0]))
      return listener(request, response)
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"ok":false,"code":"bad_request"}')
  }
}

function isDecodable(path = ''): boolean {
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}
