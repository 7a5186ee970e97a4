import { BoundedMap } from '../../base/bounded-map.ts'
import type { MaybePromise } from '../../base/maybe-promise.ts'

/** Which sealed sessions have ended. */
export interface EndedLogins {
  /** What it takes in this process. */
  readonly bytes: number
  /** Whether the session with this id has ended. A rotation keeps the id. */
  has(id: string): MaybePromise<boolean>
  /** Lists a user's session as ended. Returns whether this call was the one that ended it. */
  add(id: string, createdAt: number): MaybePromise<boolean>
}

/** What an id of 43 characters takes in a map, measured on Node 20. */
const ENTRY_BYTES = 128

/**
 * The logins that have ended in this process: synchronous, so that asking costs no promise. Bounded in bytes; the oldest
 * half is dropped when it is full.
 */
export class EndedInThisProcess implements EndedLogins {
  readonly #ids: BoundedMap<string, true>

  constructor(bytes: number) {
    this.#ids = new BoundedMap(Math.floor(bytes / ENTRY_BYTES))
  }

  get bytes(): number {
    return this.#ids.size * ENTRY_BYTES
  }

  has(id: string): boolean {
    return this.#ids.get(id) === true
  }

  add(id: string): boolean {
    if (this.has(id)) return false
    this.#ids.set(id, true)
    return true
  }
}
