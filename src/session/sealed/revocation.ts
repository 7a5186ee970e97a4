import { withTimeLimit } from '../../base/backend.ts'
import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { CLOCK_SKEW_MS } from '../lifetime.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionEnvironment } from '../session-kind.ts'
import type { EndedLogins } from './ended-logins.ts'

const METHODS = ['read', 'create'] as const

/** The list of ended sessions that all processes share: a marked record for each id, in a record store. */
export class Revocation implements EndedLogins {
  readonly #store: Pick<RecordStore, (typeof METHODS)[number]>
  readonly #env: SessionEnvironment

  constructor(store: RecordStore, environment: SessionEnvironment) {
    this.#store = withTimeLimit('record store', environment.timeLimitSeconds, store, METHODS)
    this.#env = environment
  }

  get bytes(): number {
    return 0
  }

  has(id: string): MaybePromise<boolean> {
    return andThen(this.#store.read(revokedId(id)), (record) => record !== null)
  }

  /**
   * The entry is kept for as long as the session could have lived, even if a parallel
   * request has just renewed it.
   */
  add(id: string, createdAt: number): MaybePromise<boolean> {
    const now = this.#env.now()
    const keptUntil = this.#env.lifetime.renewed(createdAt, now).expiresAt + CLOCK_SKEW_MS
    const times = { createdAt: now, renewedAt: now, expiresAt: keptUntil, keptUntil }
    const mark = { kind: 'ended', readableUntil: now, next: null } as const
    return this.#store.create(revokedId(id), { data: {}, ...times, mark })
  }
}

const revokedId = (id: string): string => `revoked:${id}`
