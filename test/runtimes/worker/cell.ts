import { pbkdf2 } from 'latchkey/password'
import type { ContractCase } from 'latchkey/testing'
import { type AdapterSubject, adapterContract } from '../../reference-app/adapter-contract.ts'
import type { CellOptions } from '../../reference-app/cell.ts'
import { fetchServer } from '../../reference-app/fetch-server.ts'
import { mountOf } from '../../reference-app/runtimes/mounts.ts'
import { World } from '../../reference-app/world.ts'

/** The quickest there is: how long a KDF takes is not what is tested here. */
const SURROUNDINGS = {
  passwords: pbkdf2({ iterations: 120_000 }),
  cheap: pbkdf2({ iterations: 100_000 }),
  engines: {},
}

/** A cell of the matrix inside of workerd, in place of the one for Node. */
export class Cell {
  readonly #options: CellOptions
  #opened: Promise<{ world: World; send: AdapterSubject['send'] }> | undefined

  constructor(options: CellOptions) {
    this.#options = options
  }

  cases(): readonly ContractCase[] {
    return adapterContract(async () => {
      this.#opened ??= this.#open()
      const { world, send } = await this.#opened
      await world.reset()
      const { origin, canEndCopies, sessions } = this.#options
      return { send, origin, canEndCopies, tellsReasons: sessions !== 'kv' }
    })
  }

  close(): void {}

  async #open(): Promise<{ world: World; send: AdapterSubject['send'] }> {
    const { adapter, sessions, origin, port } = this.#options
    const args = { adapter, sessions, origin, port, isManualClock: false, options: {} }
    const world = await World.make(args, SURROUNDINGS)
    const server = await fetchServer(world, mountOf(adapter), () => {})
    return { world, send: (request) => server(request, undefined) }
  }
}
