import { refuseImpersonating } from '../../base/errors.ts'
import type { UserLike } from '../../user/user.ts'
import { chain } from '../chain.ts'
import { inGroups } from '../end-reasons.ts'
import { AUTH_ADDRESS, AUTH_METHOD, AUTH_USER_AGENT } from '../keys.ts'
import type { RecordEntry } from '../record-store.ts'
import type { SessionEnvironment } from '../session-kind.ts'
import type { DeviceRequest } from './device-index.ts'
import type { DeviceList, DeviceSession, UserDevices } from './device-list.ts'
import { handleOf, type UserRecords } from './user-records.ts'

/** What the device list of a request uses. */
interface ListedFrom {
  readonly records: UserRecords
  readonly lifetime: SessionEnvironment['lifetime']
  readonly emit: SessionEnvironment['emit']
}

/** `auth.devices` of one request. */
export class ListedDevices implements DeviceList {
  readonly #from: ListedFrom
  readonly #request: DeviceRequest

  constructor(from: ListedFrom, request: DeviceRequest) {
    this.#from = from
    this.#request = request
  }

  async listSessions(): Promise<readonly DeviceSession[]> {
    const userId = await this.#userId()
    return userId === null ? [] : this.#list(userId)
  }

  async revokeSession(handle: unknown): Promise<boolean> {
    const userId = await this.#userId()
    return userId !== null && this.#revoke(userId, handle)
  }

  async revokeAll(): Promise<number> {
    const userId = await this.#userId()
    if (userId === null) return 0
    const { session } = this.#request
    return session.waitFor(this.#revokeAll(userId)).finally(() => this.#request.revoke())
  }

  async revokeOthers(): Promise<number> {
    const userId = await this.#userId()
    return userId === null ? 0 : this.#revokeOthers(userId)
  }

  of(userId: UserLike['id']): UserDevices {
    const allowed = async <T>(act: () => Promise<T>): Promise<T> => {
      await this.#userId()
      return act()
    }
    return {
      listSessions: () => allowed(() => this.#list(userId)),
      revokeSession: (handle) => allowed(() => this.#revoke(userId, handle)),
      revokeAll: () => allowed(() => this.#revokeAll(userId)),
    }
  }

  /** The id of this request's user, who acts for themself: the sessions of a user are not for an impersonator to see or end. */
  async #userId(): Promise<UserLike['id'] | null> {
    const { userId, originalToken } = await this.#request.authenticate()
    if (originalToken) refuseImpersonating('auth.devices')
    return userId
  }

  async #list(userId: UserLike['id']): Promise<DeviceSession[]> {
    const currentId = await this.#request.session.currentId()
    return (await this.#from.records.usable(userId)).map(({ id, record }) => {
      const { [AUTH_METHOD]: method, [AUTH_ADDRESS]: address, [AUTH_USER_AGENT]: userAgent } = record.data
      return {
        handle: handleOf(id),
        current: id === currentId,
        createdAt: record.createdAt,
        lastSeenAt: record.renewedAt,
        expiresAt: this.#from.lifetime.endsOf(record).expiresAt,
        method: typeof method === 'string' ? method : 'unknown',
        ...(typeof address === 'string' ? { address } : {}),
        ...(typeof userAgent === 'string' ? { userAgent } : {}),
      }
    })
  }

  async #revoke(userId: UserLike['id'], handle: unknown): Promise<boolean> {
    if (typeof handle !== 'string') return false
    const named = (await this.#from.records.all(userId)).find(({ id }) => handleOf(id) === handle)
    if (!named) return false
    const actor = await this.#userId()
    const isCurrent = named.id === (await this.#request.session.currentId())
    await (isCurrent ? this.#request.revoke() : this.#from.records.end(named.id, 'revoked'))
    this.#tell({ userId, actor, reason: 'revoked', session: handle })
    return true
  }

  async #revokeAll(userId: UserLike['id']): Promise<number> {
    return this.#counted(userId, await this.#from.records.endAll(userId), 'revoked_all')
  }

  /**
   * Ends the sessions one by one, as they were listed. A session that a parallel request makes from the
   * current one meanwhile is not in that list; successors of the others are found through their records.
   */
  async #revokeOthers(userId: UserLike['id']): Promise<number> {
    const all = await this.#from.records.all(userId)
    const records = new Map(all.map(({ id, record }) => [id, record]))
    const currentId = await this.#request.session.currentId()
    /** Where a record leads, as far as it was listed: the same for all that this session has left behind. */
    const end = async (id: string): Promise<string> => {
      let last = id
      await chain(id, (current) => {
        last = current
        return records.get(current)
      })
      return last
    }
    const own = currentId === null ? null : await end(currentId)
    const others: RecordEntry[] = []
    for (const other of all) if ((await end(other.id)) !== own) others.push(other)
    await inGroups(others, ({ id }) => this.#from.records.end(id, 'revoked'))
    return this.#counted(userId, others, 'revoked_others')
  }

  async #counted(
    userId: UserLike['id'],
    ended: readonly RecordEntry[],
    reason: Revocation['reason'],
  ): Promise<number> {
    const count = this.#from.records.livingOf(ended).length
    if (count > 0) this.#tell({ userId, actor: await this.#userId(), reason })
    return count
  }

  #tell(what: Revocation): void {
    this.#from.emit({ address: this.#request.address }, { type: 'session_revoked', ...what })
  }
}

interface Revocation {
  readonly userId: UserLike['id']
  readonly actor: UserLike['id'] | null
  readonly reason: 'revoked' | 'revoked_others' | 'revoked_all'
  readonly session?: string
}
