import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * - `pass` hands everything on
 * - `hang` accepts, and hands nothing on until it passes again
 * - `reset` breaks every connection, and each new one at once
 * - `garbage` answers whatever is asked with bytes that mean nothing
 * - `refuse` does not listen
 */
export type ProxyMode = 'pass' | 'hang' | 'reset' | 'garbage' | 'refuse'

/** Stands between a client and an engine, and breaks the line in the ways that lines break. */
export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<readonly [client: Socket, engine: Socket]>()
  #server: Server
  #mode: ProxyMode = 'pass'
  port = 0

  private constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = this.#makeServer()
  }

  static async to(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await proxy.#listen(0)
    return proxy
  }

  async set(mode: ProxyMode): Promise<void> {
    const before = this.#mode
    this.#mode = mode
    if (mode === 'refuse') this.#server.close()
    else if (before === 'refuse') {
      this.#server = this.#makeServer()
      await this.#listen(this.port)
    }
    for (const [client, engine] of this.#pairs) {
      if (mode === 'refuse' || mode === 'reset' || before === 'garbage') {
        client.resetAndDestroy()
        engine.destroy()
      } else if (mode === 'hang') {
        client.pause()
        engine.pause()
      } else {
        client.resume()
        engine.resume()
      }
    }
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    if (this.#mode !== 'refuse') this.#server.close()
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  #makeServer(): Server {
    return createServer((client) => {
      client.on('error', () => {})
      if (this.#mode === 'reset') return void client.resetAndDestroy()
      const engine = connect(this.#target)
      engine.on('error', () => {})
      const pair = [client, engine] as const
      this.#pairs.add(pair)
      if (this.#mode === 'hang') client.pause()
      client.on('data', (chunk) => {
        if (this.#mode === 'garbage') client.write(Buffer.from('\u0001\u0007~garbage~\r\n\u0000\u00ff'))
        else engine.write(chunk)
      })
      engine.on('data', (chunk) => client.write(chunk))
      const end = (): void => {
        client.destroy()
        engine.destroy()
        this.#pairs.delete(pair)
      }
      client.on('close', end)
      engine.on('close', end)
    })
  }
}
