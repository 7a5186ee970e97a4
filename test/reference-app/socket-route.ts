import type { Visit } from './app.ts'
import { refused } from './http.ts'
import type { World } from './world.ts'

/** The standard `WebSocket`, as far as it is used here. */
export interface Socket {
  send(data: string): void
  close(code: number): void
  addEventListener(type: 'message' | 'close', listener: () => void): void
}

export type Opened = (socket: Socket) => void

/** Turns the request under way into a socket, and returns the response that says so. */
export type Upgrade = (opened: Opened) => Response

const LOOK_MS = 500

/** Where nobody can upgrade, there is no such page. */
export async function openSocket({ world, request, auth, upgrade }: Visit): Promise<Response> {
  if (!upgrade || !isUpgrade(request.headers.get('upgrade'))) return refused(request, 404, 'not_found')
  return (await auth.requireUser()) ?? upgrade(speak(world, request, auth.token.userId))
}

export function isUpgrade(header: string | null | undefined): boolean {
  return header?.toLowerCase() === 'websocket'
}

/** Answers each message with the user, and ends with the session that the request came with. */
export function speak(world: World, request: Request, userId: unknown): Opened {
  return (socket) => {
    const look = async (): Promise<boolean> => {
      const isOpen = (await whoIs(world, request).catch(() => null)) === userId
      if (!isOpen) socket.close(4401)
      return isOpen
    }
    const timer = setInterval(look, LOOK_MS)
    socket.addEventListener('close', () => clearInterval(timer))
    socket.addEventListener('message', async () => {
      if (await look()) socket.send(JSON.stringify({ user: userId }))
    })
  }
}

async function whoIs(world: World, request: Request): Promise<unknown> {
  const opened = await world.auth.open(request, { readOnly: true, target: null })
  return 'auth' in opened ? (await opened.auth.authenticate()).userId : null
}
