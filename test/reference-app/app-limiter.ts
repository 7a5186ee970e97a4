import { type Limiter, type MemoryLimiter, memoryLimiter } from 'latchkey'
import type { Engine } from './engines/engine.ts'
import type { Faults } from './faults.ts'

/** What one key takes in memory. */
const BYTES_PER_KEY = (() => {
  const limiter = memoryLimiter()
  limiter.reserve('key', '', { perSource: 1, total: 1, windowSeconds: 1 })
  return limiter.bytes
})()

/** The limiter of one auth: in memory or in the engine, breakable, and the same over several configurations. */
export class AppLimiter {
  readonly #now: () => number
  readonly #faults: Faults
  readonly #engine: Engine
  #memory: MemoryLimiter
  #maxKeys: unknown

  constructor(now: () => number, faults: Faults, engine: Engine) {
    this.#now = now
    this.#faults = faults
    this.#engine = engine
    this.#memory = memoryLimiter({ now })
  }

  get bytes(): number {
    return this.#memory.bytes
  }

  clear(): void {
    const maxBytes = this.#maxKeys === undefined ? undefined : Number(this.#maxKeys) * BYTES_PER_KEY
    this.#memory = memoryLimiter({ now: this.#now, ...(maxBytes === undefined ? {} : { maxBytes }) })
  }

  /** The options of `createAuth` for those of the contract. */
  optionsOf(throttle: unknown, limiter: unknown): object {
    const isObject = typeof throttle === 'object' && throttle !== null
    const { perAddress, maxKeys, ...limits } = (isObject ? throttle : {}) as Record<string, unknown>
    if (maxKeys !== this.#maxKeys) {
      this.#maxKeys = maxKeys
      this.clear()
    }
    if (limiter !== undefined && limiter !== 'engine') return { throttle, limiter }
    return {
      throttle: isObject
        ? { ...limits, ...(perAddress === undefined ? {} : { perNetwork: perAddress }) }
        : throttle,
      limiter: this.#breakable(limiter === 'engine'),
    }
  }

  #breakable(isInEngine: boolean): Limiter {
    const inner = (): Limiter => (isInEngine ? this.#engine.limiter : undefined) ?? this.#memory
    const pass = <T>(call: () => T) => this.#faults.pass('limiter', true, call)
    return {
      reserve: (...args) => pass(() => inner().reserve(...args)),
      settle: (...args) => pass(() => inner().settle(...args)),
      forget: (key) => pass(() => inner().forget(key)),
    }
  }
}
