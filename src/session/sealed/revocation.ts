import { withTimeLimit } from '../../base/backend.ts'
import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { chain } from '../chain.ts'
import { CLOCK_SKEW_MS } from '../lifetime.ts'
import type { SessionMark } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionEnvironment } from '../session-kind.ts'

const METHODS = ['read', 'create'] as const
const ENDED = { kind: 'ended', next: null } as const

/** The list of sealed sessions that have ended: a record under each id, whose mark says what came after it. */
export class Revocation {
  readonly #store: Pick<RecordStore, (typeof METHODS)[number]>
  readonly #env: SessionEnvironment

  constructor(store: RecordStore, environment: SessionEnvironment) {
    this.#store = withTimeLimit('record store', environment.timeLimitSeconds, store, METHODS)
    this.#env = environment
  }

  /** Whether the session is listed as ended. */
  has(id: string): MaybePromise<boolean> {
    return andThen(this.#store.read(revokedId(id)), (record) => record !== null)
  }

  /**
   * Lists a session as ended. Returns whether this call was the one that ended it. The entry is kept for as
   * long as the session could have lived, even if a parallel request has just renewed it.
   */
  add(
    id: string,
    createdAt: number,
    mark: Pick<SessionMark, 'kind' | 'next'> = ENDED,
  ): MaybePromise<boolean> {
    const now = this.#env.now()
    const keptUntil = this.#env.lifetime.renewed(createdAt, now).expiresAt + CLOCK_SKEW_MS
    const times = { createdAt: now, renewedAt: now, expiresAt: keptUntil, keptUntil }
    return this.#store.create(revokedId(id), { data: {}, ...times, mark: { ...mark, readableUntil: now } })
  }

  /** Lists the session under `id` as ended, and what rotations have made from it. */
  async endChain(id: string): Promise<void> {
    const now = this.#env.now()
    await chain(id, async (current) =>
      (await this.add(current, now)) ? null : this.#store.read(revokedId(current)),
    )
  }
}

const revokedId = (id: string): string => `revoked:${id}`
