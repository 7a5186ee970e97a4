import { sha256Base64url } from '../crypto/digest.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { UserLike } from '../user/user.ts'
import type { DeviceList, DeviceSession, UserDevices } from './device-list.ts'
import { AUTH_ADDRESS, AUTH_METHOD, AUTH_USER_AGENT, USER_ID } from './keys.ts'
import type { Patch } from './record.ts'
import type { IndexedRecordStore, OwnedRecord } from './record-store.ts'
import {
  type KeptSession,
  MAX_HOPS,
  type SessionEnvironment,
  type SessionKind,
  type Visit,
} from './session-kind.ts'
import type { IndexedSessionOptions } from './stored.ts'
import { StoredSessions } from './stored-sessions.ts'

/** Over a store with an index: what `StoredSessions` does, and lists of devices, revocation, a limit on sessions. */
export class IndexedSessions extends StoredSessions<IndexedRecordStore> implements SessionKind<DeviceList> {
  readonly #options: IndexedSessionOptions

  constructor(store: IndexedRecordStore, options: IndexedSessionOptions, environment: SessionEnvironment) {
    super(store, environment)
    this.#options = options
  }

  override async create(data: Patch): Promise<KeptSession> {
    const kept = await super.create(data)
    await this.#endLeastRecent(data, kept)
    return kept
  }

  override async rotate(session: KeptSession, patch: Patch): Promise<KeptSession | null> {
    const kept = await super.rotate(session, patch)
    if (kept) await this.#endLeastRecent(patch, kept)
    return kept
  }

  about({ request, address }: Visit): Patch {
    const { keepAddress, keepUserAgent } = this.#options
    const userAgent = request.headers.get('user-agent')?.slice(0, 256).toWellFormed()
    return {
      ...(keepAddress ? { [AUTH_ADDRESS]: address } : {}),
      ...(keepUserAgent ? { [AUTH_USER_AGENT]: userAgent } : {}),
    }
  }

  async refusal({ session }: Visit, { id }: UserLike): Promise<string | undefined> {
    const { maxPerUser, whenFull } = this.#options
    if (maxPerUser === undefined || whenFull !== 'refuse') return undefined
    // A login replaces the session that it comes with.
    const currentId = await session.currentId()
    const others = (await this.#living(id)).filter((kept) => kept.id !== currentId)
    return others.length >= maxPerUser ? 'too_many_sessions' : undefined
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
        own(0, async (userId) => {
          const ended = await this.#revokeAll(userId, [], visit)
          await visit.end()
          return ended
        }),
      revokeOthers: () =>
        own(0, async (userId) => this.#revokeAll(userId, await this.#currentOnes(userId, visit), visit)),
      of: (userId): UserDevices => ({
        listSessions: () => this.#list(userId, visit),
        revokeSession: (handle) => this.#revoke(userId, handle, visit),
        revokeAll: () => this.#revokeAll(userId, [], visit),
      }),
    }
  }

  async #list(userId: UserLike['id'], { session }: Visit): Promise<DeviceSession[]> {
    const currentId = await session.currentId()
    const living = await this.#living(userId)
    return living.map(({ id, record }) => {
      const { [AUTH_METHOD]: method, [AUTH_ADDRESS]: address, [AUTH_USER_AGENT]: userAgent } = record.data
      return {
        handle: handleOf(id),
        current: id === currentId,
        createdAt: record.createdAt,
        lastSeenAt: record.renewedAt,
        expiresAt: this.env.lifetime.endsAt(record),
        method: typeof method === 'string' ? method : 'unknown',
        ...(typeof address === 'string' ? { address } : {}),
        ...(typeof userAgent === 'string' ? { userAgent } : {}),
      }
    })
  }

  async #revoke(userId: UserLike['id'], handle: unknown, visit: Visit): Promise<boolean> {
    if (typeof handle !== 'string') return false
    const named = (await this.#recordsOf(userId)).find(({ id }) => handleOf(id) === handle)
    if (!named) return false
    const isCurrent = named.id === (await visit.session.currentId())
    await (isCurrent ? visit.end() : this.endById(named.id))
    await this.#told(visit, { userId, reason: 'revoked', session: handle })
    return true
  }

  async #revokeAll(userId: UserLike['id'], except: readonly string[], visit: Visit): Promise<number> {
    const ended = await this.call(() => this.store.deleteByOwner(this.ownerOf(userId), except))
    const known = new Set([...ended.map(({ id }) => id), ...except])
    // A rotation under way may have made a session that was not there yet to be deleted.
    const missed = ended
      .map(({ record }) => record.supersededBy)
      .filter((id) => id !== undefined && !known.has(id))
    for (const id of missed) await this.endById(id as string)
    await this.#told(visit, { userId, reason: except.length > 0 ? 'revoked_others' : 'revoked_all' })
    return ended.filter(({ record }) => record.supersededBy === undefined).length
  }

  /** This request's session, and what rotations by parallel requests have made of it since. */
  async #currentOnes(userId: UserLike['id'], { session }: Visit): Promise<string[]> {
    const records = new Map((await this.#recordsOf(userId)).map(({ id, record }) => [id, record]))
    const ids: string[] = []
    let id = (await session.currentId()) ?? undefined
    for (; id !== undefined && ids.length < MAX_HOPS; id = records.get(id)?.supersededBy) ids.push(id)
    return ids
  }

  /** Asked after the new session is there, so that of parallel logins none gets past it. */
  async #endLeastRecent({ [USER_ID]: userId }: Patch, kept: KeptSession): Promise<void> {
    const { maxPerUser } = this.#options
    if (maxPerUser === undefined || (typeof userId !== 'string' && typeof userId !== 'number')) return
    const others = (await this.#living(userId)).filter(({ id }) => id !== kept.id)
    for (const { id } of others.slice(maxPerUser - 1)) {
      await this.endById(id)
      this.env.emit({ type: 'session_revoked', userId, reason: 'too_many_sessions', session: handleOf(id) })
    }
  }

  /** The sessions that a user could use now, the latest used first. */
  async #living(userId: UserLike['id']): Promise<OwnedRecord[]> {
    const now = this.env.now()
    return (await this.#recordsOf(userId))
      .filter(({ record }) => record.supersededBy === undefined && this.env.lifetime.isLive(record, now))
      .sort((a, b) => b.record.renewedAt - a.record.renewedAt || b.record.createdAt - a.record.createdAt)
  }

  #recordsOf(userId: UserLike['id']): MaybePromise<readonly OwnedRecord[]> {
    return this.call(() => this.store.listByOwner(this.ownerOf(userId)))
  }

  async #told(visit: Visit, what: Revocation): Promise<void> {
    this.env.emit({ type: 'session_revoked', ...what, actor: await visit.userId() }, visit.address)
  }
}

interface Revocation {
  readonly userId: UserLike['id']
  readonly reason: 'revoked' | 'revoked_others' | 'revoked_all'
  readonly session?: string
}

/** 128 bits, one way: who has seen a list of devices knows nothing of the store's ids. */
function handleOf(id: string): string {
  return sha256Base64url(`handle:${id}`).slice(0, 22)
}
