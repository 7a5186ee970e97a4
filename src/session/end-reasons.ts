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
   * Best effort: the session is over without it. Visitors' sessions leave nothing, since anyone can make them, nor does
   * what was no session any more. A reason that was there before is put back.
   */
  async leave({ id, record }: RecordEntry, reason: EndReason): Promise<void> {
    const { reasonMs } = this.#lifetime
    const now = this.#now()
    const isSession =
      record.mark === undefined && record.owner !== undefined && this.#lifetime.isLive(record, now)
    const left = isSession && reasonMs > 0 ? endedRecord(reason, now, now + reasonMs) : null
    const kept = record.mark?.kind === 'ended' ? record : left
    if (!kept) return
    try {
      await this.#store.create(id, kept)
    } catch {
      // Then a request with the old cookie is told that it is unknown.
    }
  }
}
