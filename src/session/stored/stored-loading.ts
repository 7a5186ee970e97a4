import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import type { EndReason } from '../../user/user-token.ts'
import { chain } from '../chain.ts'
import { reasonOf } from '../end-reasons.ts'
import type { SessionMark, SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { KeptSession, LoadResult, SessionEnvironment } from '../session-kind.ts'
import type { RecordIds } from './record-ids.ts'

/** How stored sessions are found by the values of a request's cookies. */
export class StoredLoading {
  readonly #store: Pick<RecordStore, 'read'>
  readonly #ids: RecordIds
  readonly #env: SessionEnvironment

  constructor(store: Pick<RecordStore, 'read'>, ids: RecordIds, environment: SessionEnvironment) {
    this.#store = store
    this.#ids = ids
    this.#env = environment
  }

  /** Loads the session of the first value, from `index` on, that opens one; otherwise the reason. */
  load(values: readonly string[], index: number, reason: EndReason): MaybePromise<LoadResult> {
    const value = values[index]
    if (value === undefined) return reason
    const id = this.#ids.of(value)
    if (id === null) return this.load(values, index + 1, reason)
    const judge = (record: SessionRecord | null): MaybePromise<LoadResult> => {
      if (!record || !isRecord(record)) return this.#loadOthers(values, index, reason, 'unknown')
      if (record.mark) {
        const others = () => this.#loadOthers(values, index, reason, reasonOf(record))
        return this.#loadMarked(this.kept(id, value, record), others)
      }
      const now = this.#env.now()
      const ends = this.#env.lifetime.endsOf(record)
      if (now < ends.expiresAt) return { id, value, record, ends, readAt: now }
      return this.#loadOthers(values, index, reason, this.#env.lifetime.whyOver(record, now))
    }
    const record = this.#store.read(id)
    return record instanceof Promise ? record.then(judge) : judge(record)
  }

  /** Of several values the first reason that says something. */
  #loadOthers(
    values: readonly string[],
    index: number,
    reason: EndReason,
    own: EndReason,
  ): MaybePromise<LoadResult> {
    return this.load(values, index + 1, reason === 'unknown' ? own : reason)
  }

  /**
   * A request that was under way while its session moved to another id. After a rotation it is not logged out: it
   * reads the session as it is now. After a login it reads an empty session, unless another cookie opens one.
   * Otherwise it would begin a session of its own, whose cookie would replace the login's.
   */
  async #loadMarked(marked: KeptSession, others: () => MaybePromise<LoadResult>): Promise<LoadResult> {
    const { kind, readableUntil, next } = marked.record.mark as SessionMark
    if (kind === 'ended' || this.#env.now() >= readableUntil) return others()
    if (kind === 'rotation' && next !== null) return (await this.#successor(marked, next)) ?? others()
    const other = await others()
    if (typeof other === 'object') return other
    // Empty, also if the store has not emptied it.
    return { ...marked, record: { ...marked.record, data: {} }, isReadOnly: true }
  }

  /** The session that rotations have made from a marked record, read-only. */
  async #successor({ value, record: old }: KeptSession, next: string): Promise<KeptSession | null> {
    const now = this.#env.now()
    const found = await chain(next, async (id) => {
      const record = await this.#store.read(id)
      if (!record || !isRecord(record) || record.owner !== old.owner) return null
      const { mark } = record
      const isReadable = mark
        ? mark.kind === 'rotation' && now < mark.readableUntil
        : this.#env.lifetime.isLive(record, now)
      return isReadable ? record : null
    })
    if (!found || found.record.mark) return null
    return { ...this.kept(found.id, value, found.record), isReadOnly: true }
  }

  /**
   * Whether the session has not come to its end since it was loaded. A store keeps users' records beyond it. Asked again
   * then, since another request may have renewed it.
   */
  isLive({ id, record, ends }: KeptSession): MaybePromise<boolean> {
    const now = this.#env.now()
    if (record.mark || now < ends.expiresAt) return true
    return andThen(
      this.#store.read(id),
      (again) => again !== null && !again.mark && isRecord(again) && this.#env.lifetime.isLive(again, now),
    )
  }

  /** The session of a record, and when it ends. */
  kept(id: string, value: string, record: SessionRecord): KeptSession {
    return { id, value, record, ends: this.#env.lifetime.endsOf(record) }
  }
}

/** A record that was tampered with, or has another version, must not crash a request. */
function isRecord(record: SessionRecord): boolean {
  const { data, createdAt, renewedAt, expiresAt, mark } = record
  const hasTimes = [createdAt, renewedAt, expiresAt].every(Number.isFinite)
  return (
    hasTimes &&
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    (mark === undefined || isMark(mark))
  )
}

function isMark(mark: SessionMark | null): boolean {
  if (!mark || !['login', 'rotation', 'ended'].includes(mark.kind)) return false
  return Number.isFinite(mark.readableUntil) && (mark.next === null || typeof mark.next === 'string')
}
