import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { UserLike } from '../../user/user.ts'
import { AUTH_ADDRESS, AUTH_METHOD, AUTH_USER_AGENT, USER_HASH, USER_ID } from '../keys.ts'
import type { SessionPatch } from '../record.ts'
import type { IndexedRecordStore, RecordEntry } from '../record-store.ts'
import {
  type KeptSession,
  MAX_HOPS,
  type SessionEnvironment,
  type SessionKind,
  type Visit,
} from '../session-kind.ts'
import { StoredSessions } from '../stored/stored-sessions.ts'
import type { DeviceList, DeviceSession, UserDevices } from './device-list.ts'
import { earliestMade, latestFirst, latestMadeOrUsed } from './order.ts'

/** Options of `storedSessions` over a store that can list a user's records. */
export interface IndexedSessionOptions {
  /** How many sessions a user may have at the same time. Default: no limit. */
  readonly maxSessionsPerUser?: number
  /**
   * What a login over `maxSessionsPerUser` does. Default `end_least_recent`.
   *
   * - `end_least_recent` ends the session that has not been used for the longest time
   * - `refuse` answers `rejected` with the reason `too_many_sessions`. If several logins at the same instant
   *   were all accepted, the latest ones end.
   */
  readonly onLimit?: 'end_least_recent' | 'refuse'
  /**
   * Stores the client's address with each login, for `auth.devices`. This is personal data. Default false.
   */
  readonly keepAddress?: boolean
  /** Stores the first 256 characters of `User-Agent` with each login, for `auth.devices`. Default false. */
  readonly keepUserAgent?: boolean
}

/** How many sessions over the limit a login ends in parallel. */
const ENDED_AT_ONCE = 50

/** `StoredSessions` over a store with an index: adds the device list, revocation and a limit on sessions. */
export class IndexedSessions extends StoredSessions<IndexedRecordStore> implements SessionKind<DeviceList> {
  readonly rejection?: (visit: Visit, user: UserLike) => Promise<string | undefined>
  readonly #options: IndexedSessionOptions

  constructor(store: IndexedRecordStore, options: IndexedSessionOptions, environment: SessionEnvironment) {
    super(store, environment)
    this.#options = options
    const { maxSessionsPerUser, onLimit } = options
    if (maxSessionsPerUser !== undefined && onLimit === 'refuse')
      this.rejection = (visit, user) => this.#rejection(visit, user, maxSessionsPerUser)
  }

  override create(data: SessionPatch): MaybePromise<KeptSession> {
    return andThen(super.create(data), (kept) => this.#amongOthers(kept, data))
  }

  override async rotate(session: KeptSession, patch: SessionPatch): Promise<KeptSession | null> {
    const kept = await super.rotate(session, patch)
    return kept && this.#amongOthers(kept, patch)
  }

  /**
   * Always sets both keys, so that values kept under an earlier configuration are removed at the next login.
   */
  about({ request, address }: Pick<Visit, 'request' | 'address'>): SessionPatch {
    const { keepAddress, keepUserAgent } = this.#options
    return {
      [AUTH_ADDRESS]: keepAddress ? address : undefined,
      [AUTH_USER_AGENT]: keepUserAgent ? request.headers.get('user-agent')?.slice(0, 256) : undefined,
    }
  }

  async #rejection(
    visit: Visit,
    { id: userId }: UserLike,
    maxSessionsPerUser: number,
  ): Promise<string | undefined> {
    const currentId = await visit.session.currentId()
    const isValid = await visit.validity(userId)
    let others = 0
    for (const { id, record } of await this.#living(userId)) {
      // The login replaces the session that it came with.
      if (id !== currentId && (await isValid(record.data[USER_HASH]))) others++
    }
    return others >= maxSessionsPerUser ? 'too_many_sessions' : undefined
  }

  devices(visit: Visit): DeviceList {
    const own = async <T>(empty: T, use: (userId: UserLike['id']) => Promise<T>): Promise<T> => {
      const userId = await visit.userId()
      return userId === null ? empty : use(userId)
    }
    return {
      listSessions: () => own([], (userId) => this.#list(userId, visit)),
      revokeSession: (handle) => own(false, (userId) => this.#revoke(userId, handle, visit)),
      revokeAll: () =>
        own(0, (userId) => visit.session.waitFor(this.#revokeAll(userId, visit)).finally(() => visit.end())),
      revokeOthers: () => own(0, (userId) => this.#revokeOthers(userId, visit)),
      of: (userId): UserDevices => ({
        listSessions: () => this.#list(userId, visit),
        revokeSession: (handle) => this.#revoke(userId, handle, visit),
        revokeAll: () => this.#revokeAll(userId, visit),
      }),
    }
  }

  async #list(userId: UserLike['id'], visit: Visit): Promise<DeviceSession[]> {
    const currentId = await visit.session.currentId()
    const isValid = await visit.validity(userId)
    const listed: DeviceSession[] = []
    for (const { id, record } of await this.#living(userId)) {
      // Made under another password or epoch: it is over, although no request has used it since.
      if (!(await isValid(record.data[USER_HASH]))) continue
      const { [AUTH_METHOD]: method, [AUTH_ADDRESS]: address, [AUTH_USER_AGENT]: userAgent } = record.data
      listed.push({
        handle: handleOf(id),
        current: id === currentId,
        createdAt: record.createdAt,
        lastSeenAt: record.renewedAt,
        expiresAt: this.env.lifetime.endsAt(record),
        method: typeof method === 'string' ? method : 'unknown',
        ...(typeof address === 'string' ? { address } : {}),
        ...(typeof userAgent === 'string' ? { userAgent } : {}),
      })
    }
    return listed
  }

  async #revoke(userId: UserLike['id'], handle: unknown, visit: Visit): Promise<boolean> {
    if (typeof handle !== 'string') return false
    const named = (await this.#recordsOf(userId)).find(({ id }) => handleOf(id) === handle)
    if (!named) return false
    const actor = await visit.actorId()
    const isCurrent = named.id === (await visit.session.currentId())
    await (isCurrent ? visit.end() : this.endById(named.id))
    this.#told(visit, { userId, actor, reason: 'revoked', session: handle })
    return true
  }

  async #revokeAll(userId: UserLike['id'], visit: Visit): Promise<number> {
    const ended = await this.call(() => this.store.deleteByOwner(this.ownerOf(userId)))
    const known = new Set(ended.map(({ id }) => id))
    // A rotation under way may have made a session that did not exist yet when the others were deleted.
    for (const { record } of ended) {
      const { replacedBy } = record
      if (replacedBy !== undefined && !known.has(replacedBy)) await this.endById(replacedBy)
    }
    return this.#counted(userId, ended, 'revoked_all', visit)
  }

  /**
   * Ends the sessions one by one, as they were listed. A session that a parallel request makes from the
   * current one meanwhile is not in that list; successors of the others are found through their records.
   */
  async #revokeOthers(userId: UserLike['id'], visit: Visit): Promise<number> {
    const all = await this.#recordsOf(userId)
    const records = new Map(all.map(({ id, record }) => [id, record]))
    const own = new Set<string>()
    let id = (await visit.session.currentId()) ?? undefined
    for (; id !== undefined && !own.has(id); id = records.get(id)?.replacedBy) own.add(id)
    // Records that this session has left behind lead to it: they are not ended either.
    const leadsHere = ({ id: from, record }: RecordEntry, hops = 0): boolean => {
      if (own.has(from)) return true
      const next = record.replacedBy === undefined ? undefined : records.get(record.replacedBy)
      return (
        next !== undefined &&
        hops < MAX_HOPS &&
        leadsHere({ id: record.replacedBy as string, record: next }, hops + 1)
      )
    }
    const others = all.filter((other) => !leadsHere(other))
    await Promise.all(others.map((other) => this.endById(other.id)))
    return this.#counted(userId, others, 'revoked_others', visit)
  }

  async #counted(
    userId: UserLike['id'],
    ended: readonly RecordEntry[],
    reason: Revocation['reason'],
    visit: Visit,
  ): Promise<number> {
    const count = ended.filter(({ record }) => record.replacedBy === undefined).length
    if (count > 0) this.#told(visit, { userId, actor: await visit.actorId(), reason })
    return count
  }

  /**
   * Runs when the new session already exists. Parallel logins see the same list in the same order, so they
   * all end the same sessions: the limit holds, and as many sessions as it allows are left.
   */
  #amongOthers(kept: KeptSession, { [USER_ID]: userId }: SessionPatch): MaybePromise<KeptSession> {
    const { maxSessionsPerUser } = this.#options
    if (maxSessionsPerUser === undefined || (typeof userId !== 'string' && typeof userId !== 'number'))
      return kept
    return this.orEnd(kept.id, this.#endAllBut(maxSessionsPerUser, userId, kept)).then(() => kept)
  }

  async #endAllBut(
    maxSessionsPerUser: number,
    userId: UserLike['id'],
    { record }: KeptSession,
  ): Promise<void> {
    const living = await this.#living(userId)
    const order = this.#options.onLimit === 'refuse' ? earliestMade : latestMadeOrUsed(living)
    // A session made under another password or epoch is over: it comes last and takes no other's place.
    const isOver = (other: RecordEntry): boolean => other.record.data[USER_HASH] !== record.data[USER_HASH]
    living.sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || order(a, b))
    for (let i = maxSessionsPerUser; i < living.length; i += ENDED_AT_ONCE) {
      const ends = living.slice(i, i + ENDED_AT_ONCE).map(async ({ id }) => {
        await this.endById(id)
        this.env.emit({
          type: 'session_revoked',
          userId,
          reason: 'too_many_sessions',
          session: handleOf(id),
        })
      })
      await Promise.all(ends)
    }
  }

  /** The sessions that the user could use now, most recently used first. */
  async #living(userId: UserLike['id']): Promise<RecordEntry[]> {
    const now = this.env.now()
    return (await this.#recordsOf(userId))
      .filter(({ record }) => record.replacedBy === undefined && this.env.lifetime.isLive(record, now))
      .sort(latestFirst)
  }

  #recordsOf(userId: UserLike['id']): MaybePromise<readonly RecordEntry[]> {
    return this.call(() => this.store.listByOwner(this.ownerOf(userId)))
  }

  #told(visit: Visit, what: Revocation): void {
    this.env.emit({ type: 'session_revoked', ...what }, visit.address)
  }
}

interface Revocation {
  readonly userId: UserLike['id']
  readonly actor: UserLike['id'] | null
  readonly reason: 'revoked' | 'revoked_others' | 'revoked_all'
  readonly session?: string
}

/** 132 bits of a one-way hash: a device list reveals nothing about the store's ids. */
function handleOf(id: string): string {
  return sha256Base64url(`handle:${id}`).slice(0, 22)
}
