import type { EndReason } from '../user/user-token.ts'
import type { Lifetime } from './lifetime.ts'
import type { SessionRecord } from './record.ts'
import type { RecordEntry, RecordStore } from './record-store.ts'

const REASONS: readonly string[] = [
  'idle',
  'absolute',
  'logged_out',
  'revoked',
  'too_many_sessions',
  'credentials_changed',
  'user_missing',
  'user_disabled',
] satisfies EndReason[]

/** Why a session ended, by the record that was left for it. */
export function reasonOf({ mark }: SessionRecord): EndReason {
  const reason = mark?.kind === 'ended' ? mark.reason : undefined
  return reason !== undefined && REASONS.includes(reason) ? (reason as EndReason) : 'unknown'
}

/** The record that says why a session ended: under the same id, without data and owner. Nothing writes to it. */
export function endedRecord(reason: EndReason, now: number, keptUntil: number): SessionRecord {
  return {
    data: {},
    createdAt: now,
    renewedAt: now,
    expiresAt: keptUntil,
    keptUntil,
    mark: { kind: 'ended', reason, readableUntil: now, next: null },
  }
}

/** Leaves the reason why sessions ended in the store that they were deleted from. */
export class EndReasons {
  readonly #store: Pick<RecordStore, 'create'>
  readonly #lifetime: Lifetime
  readonly #now: () => number

  constructor(
    store: Pick<RecordStore, 'create'>,
    { lifetime, now }: { lifetime: Lifetime; now: () => number },
  ) {
    this.#store = store
    this.#lifetime = lifetime
    this.#now = now
  }

  /**
   * Best effort: the sessions are over without it. It never rejects, and stops at the first failure: a store that hangs is
   * not asked again and again. Visitors' sessions leave nothing, since anyone can make them. Nor do records that are
   * marked. A reason that was there before is put back.
   */
  async leave(ended: readonly RecordEntry[], reason: EndReason): Promise<void> {
    try {
      await inGroups(ended, ({ id, record }) => this.#leave(id, this.#left(record, reason)))
    } catch {
      // Then a request with the old cookie is told that it is unknown.
    }
  }

  async #leave(id: string, record: SessionRecord | null): Promise<void> {
    if (record) await this.#store.create(id, record)
  }

  #left(record: SessionRecord, reason: EndReason): SessionRecord | null {
    if (record.mark) return record.mark.kind === 'ended' ? record : null
    const { reasonMs } = this.#lifetime
    const now = this.#now()
    const why = this.#lifetime.isLive(record, now) ? reason : this.#lifetime.whyOver(record, now)
    if (record.owner === undefined || reasonMs <= 0 || why === 'unknown') return null
    // The session has ended: what is kept longer is its reason.
    return { ...endedRecord(why, now, now + reasonMs), expiresAt: now }
  }
}

/** How many records are written in parallel. */
const AT_ONCE = 50

/** Calls `work` for each, fifty at a time. */
export async function inGroups<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(work))
}
