import type { UserLike, Visit } from 'latchkey'

/** The subset of the socket of an upgrade (`net.Socket`) that we call. */
export interface SocketLike {
  /** Adds a listener for errors. */
  on(event: 'error', listener: () => void): unknown
  /** Removes a listener for errors. */
  off(event: 'error', listener: () => void): unknown
  /** Calls the listener once everything has been sent. */
  once(event: 'finish', listener: () => void): unknown
  /** Sends the data and closes the sending side. */
  end(data: string): unknown
  /** Closes the connection. */
  destroy(): unknown
}

/** The user who requests an upgrade; `null` after a denial has been sent and the socket closed. */
export async function upgradingUser<User extends UserLike, Devices>(
  socket: SocketLike,
  opening: Promise<Response | Visit<User, Devices>>,
  answerTo: (error: unknown) => Promise<Response>,
): Promise<User | null> {
  // The client may disconnect meanwhile: without a listener, that error would end the process.
  const ignore = (): void => {}
  socket.on('error', ignore)
  const user = await opening.then(userOf).catch(answerTo)
  if (!(user instanceof Response)) {
    socket.off('error', ignore)
    return user
  }
  await refuse(socket, user).catch(() => socket.destroy())
  return null
}

async function userOf<User extends UserLike, Devices>(
  opened: Response | Visit<User, Devices>,
): Promise<User | Response> {
  if (!('auth' in opened)) return opened
  return (await opened.auth.requireUser()) ?? (opened.auth.user as User)
}

/** Writes the HTTP response by hand, since an upgrade has no response object. */
async function refuse(socket: SocketLike, response: Response): Promise<void> {
  const body = await response.text()
  const headers = new Headers(response.headers)
  headers.set('connection', 'close')
  headers.set('content-length', String(new TextEncoder().encode(body).length))
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${response.status} \r\n${lines.join('')}\r\n${body}`)
}
