import { BoundedMap } from '../../base/bounded-map.ts'
import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { EndReason } from '../../user/user-token.ts'
import { USER_ID } from '../keys.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionEnd } from '../session-kind.ts'

/** Which sealed sessions have ended. */
export interface EndedLogins {
  /** What it takes in this process. */
  readonly bytes: number
  /** The store that all processes share, with a time limit on each call. Missing for a list in this process. */
  readonly records?: RecordStore
  /** Why the session with this id has ended; `null` if it has not. A rotation keeps the id. */
  whyEnded(id: string): MaybePromise<EndReason | null>
  /** Lists the session as ended. Returns whether this call was the one that ended it. */
  add(session: SessionEnd, reason: EndReason): MaybePromise<boolean>
}

/** What an id of 43 characters takes in a map, measured on Node 20. */
const ENTRY_BYTES = 128

/**
 * The logins that have ended in this process: synchronous, so that asking costs no promise. Bounded in bytes; the oldest
 * half is dropped when it is full. Visitors' sessions are not listed, or strangers could fill it.
 */
export class EndedInThisProcess implements EndedLogins {
  readonly #ids: BoundedMap<string, EndReason>

  constructor(bytes: number) {
    this.#ids = new BoundedMap(Math.floor(bytes / ENTRY_BYTES))
  }

  get bytes(): number {
    return this.#ids.size * ENTRY_BYTES
  }

  whyEnded(id: string): EndReason | null {
    return this.#ids.get(id) ?? null
  }

  add({ id, record }: SessionEnd, reason: EndReason): boolean {
    if (record.data[USER_ID] === undefined) return true
    if (this.whyEnded(id)) return false
    this.#ids.set(id, reason)
    return true
  }
}
