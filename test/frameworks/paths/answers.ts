import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** What comes back for a target that is sent as it is, byte for byte, over a connection of its own. */
export async function overSocket(port: number, target: string, method = 'GET'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(
    Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`, 'latin1'),
  )
  return text(socket).catch(() => '')
}

export interface Http2Client {
  ask(target: string): Promise<string>
  close(): void
}

/** The same over HTTP/2, where bytes above 0x7e arrive. The body; empty where the connection itself refuses a target. */
export function overHttp2(port: number): Http2Client {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  return {
    ask: (target) =>
      new Promise((resolve) => {
        const stream = session.request({ ':path': target })
        stream.on('error', () => resolve(''))
        text(stream).then(resolve, () => resolve(''))
      }),
    close: () => session.destroy(),
  }
}
