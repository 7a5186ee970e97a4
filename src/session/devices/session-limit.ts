import type { UserLike } from '../../user/user.ts'
import { inGroups } from '../end-reasons.ts'
import { USER_HASH } from '../keys.ts'
import type { RecordEntry } from '../record-store.ts'
import type { KeptSession, SessionEnvironment } from '../session-kind.ts'
import type { CurrentSession } from './device-index.ts'
import { earliestMade, latestMadeOrUsed } from './order.ts'
import { handleOf, type UserRecords } from './user-records.ts'

/** `maxSessionsPerUser`: refuses a login, or ends sessions after it. */
export class SessionLimit {
  readonly #records: UserRecords
  readonly #max: number
  readonly #refuses: boolean
  readonly #emit: SessionEnvironment['emit']

  constructor(records: UserRecords, max: number, refuses: boolean, emit: SessionEnvironment['emit']) {
    this.#records = records
    this.#max = max
    this.#refuses = refuses
    this.#emit = emit
  }

  /** The reason to reject a login of this user, if they already have the maximum number of sessions. */
  async rejection(session: CurrentSession, { id: userId }: UserLike): Promise<string | undefined> {
    const currentId = await session.currentId()
    const usable = await this.#records.usable(userId)
    // The login replaces the session that it came with.
    const others = usable.filter(({ id }) => id !== currentId)
    return others.length >= this.#max ? 'too_many_sessions' : undefined
  }

  /**
   * Runs when the new session already exists. Parallel logins see the same list in the same order, so they
   * all end the same sessions: the limit holds, and as many sessions as it allows are left.
   */
  async endOthers({ record }: KeptSession, userId: UserLike['id']): Promise<void> {
    const living = await this.#records.living(userId)
    const order = this.#refuses ? earliestMade : latestMadeOrUsed(living)
    // A session made under another password or epoch is over: it comes last and takes no other's place.
    const isOver = (other: RecordEntry): boolean => other.record.data[USER_HASH] !== record.data[USER_HASH]
    living.sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || order(a, b))
    const reason = 'too_many_sessions'
    await inGroups(living.slice(this.#max), async ({ id }) => {
      await this.#records.end(id, reason)
      this.#emit({}, { type: 'session_revoked', userId, reason, session: handleOf(id) })
    })
  }
}
