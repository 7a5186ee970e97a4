import type { Auth } from 'latchkey'
import { deniedResponse } from 'latchkey/adapter'
import { control } from './controls.ts'
import type { AuthOf, Devices, Mount } from './mounts/mount.ts'
import type { Upgrade } from './socket-route.ts'
import type { User } from './users.ts'
import type { World } from './world.ts'

export type Report = (line: string) => void
export type FetchServer = (request: Request, address?: string, upgrade?: Upgrade) => Promise<Response>

export const isControl = (pathname: string): boolean => pathname.startsWith('/__control/')
export const isOther = (pathname: string): boolean => pathname.startsWith('/other/')

/** An auth for a mount, which asks for it once: it stands for the one that the world has built last. */
export function authIn(current: AuthOf): AuthOf {
  const auth = new Proxy({} as Auth<User, Devices>, {
    get(_, name: keyof Auth<User, Devices>) {
      const built = current()
      const member: unknown = built[name]
      return typeof member === 'function' ? member.bind(built) : member
    },
  })
  return () => auth
}

/** The whole server as one fetch function: controls, then the app behind an adapter. */
export async function fetchServer(
  world: World,
  mount: Mount,
  report: Report = console.error,
): Promise<FetchServer> {
  const main = await mount(
    world,
    authIn(() => world.auth),
  )
  const other = await mount(
    world,
    authIn(() => world.other),
  )
  return async (request, address, upgrade) => {
    // Deno hands on what no `Request` can be made of.
    if (/^(TRACE|TRACK|CONNECT)$/.test(request.method) || !URL.canParse(request.url))
      return deniedResponse(request, 400, 'bad_request')
    const { pathname, search } = new URL(request.url)
    if (isControl(pathname)) return control(world, request, pathname)
    // Whatever `Host` says: the app is told its origin.
    const { method, headers, body } = request
    const told = new Request(world.arguments.origin + pathname + search, {
      method,
      headers,
      body,
      duplex: 'half',
    } as RequestInit)
    const response = await (isOther(pathname) ? other : main)(told, address, upgrade)
    if (response.status >= 500) report(`${response.status} ${request.method} ${pathname}`)
    return response
  }
}
