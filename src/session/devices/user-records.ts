import { sha256Base64url } from '../../crypto/digest.ts'
import { refuseUnusable, type UserLike } from '../../user/user.ts'
import type { EndReason } from '../../user/user-token.ts'
import { endChain } from '../chain.ts'
import type { EndReasons } from '../end-reasons.ts'
import { USER_HASH } from '../keys.ts'
import type { IndexedRecordStore, RecordEntry } from '../record-store.ts'
import type { SessionEnvironment } from '../session-kind.ts'
import type { RecordIds } from '../stored/record-ids.ts'
import { latestFirst } from './order.ts'

/** The records of one user at a time, in a store that can list them. */
export class UserRecords {
  readonly #store: IndexedRecordStore
  readonly #ids: RecordIds
  readonly #env: SessionEnvironment
  readonly #reasons: EndReasons

  constructor(
    store: IndexedRecordStore,
    ids: RecordIds,
    environment: SessionEnvironment,
    reasons: EndReasons,
  ) {
    this.#store = store
    this.#ids = ids
    this.#env = environment
    this.#reasons = reasons
  }

  /** Every session, and what is marked: a record is kept for a while after its session has timed out. */
  async all(userId: UserLike['id']): Promise<readonly RecordEntry[]> {
    const all = await this.#store.listByOwner(this.#ids.ownerOf(userId))
    const living = new Set(this.livingOf(all))
    return all.filter((entry) => entry.record.mark !== undefined || living.has(entry))
  }

  /** The sessions that have neither ended nor moved to another id, most recently used first. */
  async living(userId: UserLike['id']): Promise<RecordEntry[]> {
    return this.livingOf(await this.all(userId)).sort(latestFirst)
  }

  /** Those of them that are sessions: a record is kept for a while after its session has moved or ended. */
  livingOf(records: readonly RecordEntry[]): RecordEntry[] {
    const now = this.#env.now()
    return records.filter(({ record }) => record.mark === undefined && this.#env.lifetime.isLive(record, now))
  }

  /** The living sessions without those made under another password or epoch, which no request has used since. */
  async usable(userId: UserLike['id']): Promise<RecordEntry[]> {
    const { users, sessionHash } = this.#env
    const user = await users.findById(userId)
    if (!user) return []
    refuseUnusable(user)
    const found: RecordEntry[] = []
    for (const entry of await this.living(userId)) {
      const check = await sessionHash.check(user, entry.record.data[USER_HASH])
      if (check !== 'different') found.push(entry)
    }
    return found
  }

  /** Ends the session under `id`, and what rotations have made from it meanwhile. */
  async end(id: string, reason: EndReason): Promise<void> {
    const ended: RecordEntry[] = []
    await endChain(this.#store, id, (entry) => ended.push(entry))
    await this.#reasons.leave(ended, reason)
  }

  /** Ends all sessions, and returns what was deleted. */
  async endAll(userId: UserLike['id']): Promise<readonly RecordEntry[]> {
    const ended = await this.#store.deleteByOwner(this.#ids.ownerOf(userId))
    const known = new Set(ended.map(({ id }) => id))
    // A rotation under way may have made a session that did not exist yet when the others were deleted.
    for (const { record } of ended) {
      const next = record.mark?.next ?? null
      if (next !== null && !known.has(next)) await this.end(next, 'revoked')
    }
    await this.#reasons.leave(ended, 'revoked')
    return ended
  }
}

/** 132 bits of a one-way hash: a device list reveals nothing about the store's ids. */
export function handleOf(id: string): string {
  return sha256Base64url(`handle:${id}`).slice(0, 22)
}
