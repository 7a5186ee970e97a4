import { control } from './controls.ts'
import { MOUNTS } from './mounts.ts'
import type { World } from './world.ts'

interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

/** The whole server as one fetch function: controls, then the app behind the adapter that was asked for. */
export function referenceServer(
  world: World,
  report: (line: string) => void = console.error,
): (request: Request, bindings?: unknown) => Promise<Response> {
  const { adapter, origin } = world.arguments
  const mount = MOUNTS[adapter]
  if (!mount) throw new Error(`no adapter ${adapter}`)
  const main = mount(world, () => world.auth)
  const other = mount(world, () => world.other)
  return async (request, bindings) => {
    const { pathname, search } = new URL(request.url)
    if (pathname.startsWith('/__control/')) return control(world, request, pathname)
    const address = (bindings as NodeBindings | undefined)?.incoming?.socket?.remoteAddress
    // Whatever `Host` says: the app is told its origin.
    const { method, headers, body } = request
    const told = new Request(origin + pathname + search, {
      method,
      headers,
      body,
      duplex: 'half',
    } as RequestInit)
    const response = await (pathname.startsWith('/other/') ? other : main)(told, address)
    if (response.status >= 500) report(`${response.status} ${request.method} ${pathname}`)
    return response
  }
}
