import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './demo-process.ts'

/** Stands between one demo and its engine. Cut it, and the demo has lost its engine, and nobody else has. */
export interface Line {
  /** The engine's URL, by way of this line. */
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function openLine(engine: string): Promise<Line> {
  const { hostname, port } = new URL(engine)
  const url = new URL(engine)
  url.hostname = '127.0.0.1'
  url.port = String(await freePort())

  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    keep(near, far)
    keep(far, near)
    near.pipe(far).pipe(near)
  })

  const mend = async (): Promise<void> => {
    server.listen(Number(url.port), '127.0.0.1')
    await once(server, 'listening')
  }
  await mend()
  return {
    url: url.href,
    mend,
    async cut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
