import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ContractCase } from 'latchkey/testing'
import { type AdapterSubject, adapterContract } from './adapter-contract.ts'
import { MOUNTS } from './mounts/index.ts'
import { referenceOnNode, referenceServer } from './server.ts'
import { World } from './world.ts'

type Send = AdapterSubject['send']

export interface CellOptions {
  readonly adapter: string
  readonly sessions: string
  readonly origin: string
  /** Names what is kept: another one than any server that runs. */
  readonly port: number
  readonly canEndCopies: boolean
}

/** One cell of the matrix: the reference app behind one adapter, over one kind of session. */
export class Cell {
  readonly #options: CellOptions
  #opened: Promise<{ world: World; send: Send; close: () => Promise<void> }> | undefined

  constructor(options: CellOptions) {
    this.#options = options
  }

  /** The login story, each case on a fresh app. */
  cases(): readonly ContractCase[] {
    return adapterContract(() => this.subject())
  }

  async subject(): Promise<AdapterSubject> {
    this.#opened ??= this.#open()
    const { world, send } = await this.#opened
    await world.reset()
    const { origin, canEndCopies, sessions } = this.#options
    return { send, origin, canEndCopies, tellsReasons: sessions !== 'kv' }
  }

  async close(): Promise<void> {
    const opened = await this.#opened
    await opened?.close()
    await opened?.world.close()
  }

  async #open(): Promise<{ world: World; send: Send; close: () => Promise<void> }> {
    const { adapter, sessions, origin, port } = this.#options
    const world = await World.make({ adapter, sessions, origin, port, isManualClock: false, options: {} })
    const quiet = (): void => {}
    if (!(adapter in MOUNTS))
      return { world, ...(await overHttp((await referenceOnNode(world, quiet)).listener)) }
    const serve = await referenceServer(world, quiet)
    return { world, send: (request) => serve(request, undefined), close: async () => {} }
  }
}

/** A server for Node on a port of its own, as a function of a request to any origin. */
export async function overHttp(
  listener: RequestListener,
): Promise<{ send: Send; port: number; close: () => Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { send: sendTo(port), port, close }
}

/** Sends requests to any origin to a port of this machine. */
export function sendTo(port: number): Send {
  return (request) => {
    const { pathname, search } = new URL(request.url)
    const { method, headers, body } = request
    const init = { method, headers, body, redirect: 'manual', duplex: 'half' }
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, init as RequestInit)
  }
}
