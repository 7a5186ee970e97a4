import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import type { EndReason } from '../../user/user-token.ts'
import { endedRecord, reasonOf } from '../end-reasons.ts'
import { USER_ID } from '../keys.ts'
import { CLOCK_SKEW_MS } from '../lifetime.ts'
import { limitedStore } from '../limited-store.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionEnd, SessionEnvironment } from '../session-kind.ts'
import type { EndedLogins } from './ended-logins.ts'

/** The list of ended sessions that all processes share: a marked record for each id, in a record store. */
export class Revocation implements EndedLogins {
  readonly records: RecordStore
  readonly #env: SessionEnvironment

  constructor(store: RecordStore, environment: SessionEnvironment) {
    this.records = limitedStore(store, environment.timeLimitSeconds)
    this.#env = environment
  }

  get bytes(): number {
    return 0
  }

  whyEnded(id: string): MaybePromise<EndReason | null> {
    return andThen(this.records.read(revokedId(id)), (record) => record && reasonOf(record))
  }

  /**
   * Visitors' sessions are not listed: anyone can make them, and in a store that is bounded they would drop the entries
   * of users. The entry is kept for as long as the session could have lived, even if a parallel
   * request has just renewed it.
   */
  add({ id, record }: SessionEnd, reason: EndReason): MaybePromise<boolean> {
    if (record.data[USER_ID] === undefined) return true
    const now = this.#env.now()
    const keptUntil = this.#env.lifetime.renewed(record, now).expiresAt + CLOCK_SKEW_MS
    return this.records.create(revokedId(id), endedRecord(reason, now, keptUntil))
  }
}

const revokedId = (id: string): string => `revoked:${id}`
