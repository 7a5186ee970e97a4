import type { ErrorHandler, RequestAuth, UserLike } from 'latchkey'
import { errorResponse } from 'latchkey/adapter'

/** What is used of the socket of an upgrade. */
export interface SocketLike {
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
  once(event: 'finish', listener: () => void): unknown
  end(data: string): unknown
  destroy(): unknown
}

/** The user who asks for an upgrade, or `null` once the socket has been answered and closed. */
export async function upgradingUser<User extends UserLike>(
  socket: SocketLike,
  begun: RequestAuth<User> | Response,
  target: string,
  onError: ErrorHandler | undefined,
): Promise<User | null> {
  // A client that goes away meanwhile: without a listener it would end the process.
  const ignore = (): void => {}
  socket.on('error', ignore)
  const user = begun instanceof Response ? begun : await userOf(begun, target, onError)
  if (!(user instanceof Response)) {
    socket.off('error', ignore)
    return user
  }
  await refuse(socket, user).catch(() => socket.destroy())
  return null
}

async function userOf<User extends UserLike>(
  auth: RequestAuth<User>,
  target: string,
  onError: ErrorHandler | undefined,
): Promise<User | Response> {
  try {
    return (await auth.protect({ target })) ?? (await auth.requireUser()) ?? (auth.user as User)
  } catch (error) {
    return errorResponse(error, auth.request, onError)
  }
}

/** There is no response object yet: HTTP by hand. */
async function refuse(socket: SocketLike, response: Response): Promise<void> {
  const body = await response.text()
  const headers = new Headers(response.headers)
  headers.set('connection', 'close')
  headers.set('content-length', String(new TextEncoder().encode(body).length))
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${response.status} \r\n${lines.join('')}\r\n${body}`)
}
