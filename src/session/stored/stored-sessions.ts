import { BoundedMap } from '../../base/bounded-map.ts'
import { LatchkeyError } from '../../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../../base/maybe-promise.ts'
import { randomToken } from '../../crypto/random.ts'
import type { UserLike } from '../../user/user.ts'
import type { EndReason } from '../../user/user-token.ts'
import { endChain } from '../chain.ts'
import type { DeviceIndex } from '../devices/device-index.ts'
import type { EndReasons } from '../end-reasons.ts'
import type { Lifetime } from '../lifetime.ts'
import { difference, patched, type RecordTimes, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordEntry, RecordStore } from '../record-store.ts'
import type {
  Beginning,
  KeptSession,
  LoadResult,
  SessionEnd,
  SessionEnvironment,
  SessionKind,
  SessionsEnded,
} from '../session-kind.ts'
import type { RecordIds } from './record-ids.ts'
import { keptUntil, markOf } from './rotation-mark.ts'
import { StoredLoading } from './stored-loading.ts'

/** What a device list adds to stored sessions. */
export interface DeviceSupport<Devices> extends DeviceIndex<Devices> {
  /** Called with the new session of a login, once it is stored. Missing without a limit on sessions. */
  readonly afterLogin?: ((kept: KeptSession, userId: UserLike['id']) => Promise<void>) | undefined
}

/**
 * Sessions whose records live in a store. The cookie is a random token of 256 bits. The record's id is the
 * SHA-256 of cookie name and token, so that read access to the store does not allow anyone to take over a
 * session.
 */
export class StoredSessions<Devices = undefined> implements SessionKind<Devices> {
  readonly devices?: DeviceIndex<Devices>
  readonly tellsEnd = false
  readonly foundGood: BoundedMap<string, number> = new BoundedMap<string, number>(1000)
  readonly records: RecordStore | undefined
  readonly #store: RecordStore
  readonly #ids: RecordIds
  readonly #env: SessionEnvironment
  readonly #reasons: EndReasons | undefined
  readonly #loading: StoredLoading
  readonly #afterLogin: DeviceSupport<Devices>['afterLogin']

  /**
   * @param store With a time limit on each call.
   * @param reasons Where ended sessions leave their reason. Missing where a record cannot be written twice in a second.
   */
  constructor(
    store: RecordStore,
    ids: RecordIds,
    environment: SessionEnvironment,
    reasons?: EndReasons,
    listed?: DeviceSupport<Devices>,
  ) {
    this.records = reasons && store
    this.#store = store
    this.#ids = ids
    this.#env = environment
    this.#reasons = reasons
    this.#loading = new StoredLoading(store, ids, environment)
    this.#afterLogin = listed?.afterLogin
    if (listed) this.devices = listed
  }

  get lifetime(): Lifetime {
    return this.#env.lifetime
  }

  load(values: readonly string[]): MaybePromise<LoadResult> {
    return this.#loading.load(values, 0, 'unknown')
  }

  create(data: SessionPatch, { loginOf }: Beginning): MaybePromise<KeptSession> {
    const kept = this.#keep(patched({}, data), this.#env.now(), this.#ownerOf(loginOf))
    return andThen(kept, (session) => this.#applyLimit(session, loginOf))
  }

  async update(session: KeptSession, patch: SessionPatch, renews: boolean): Promise<KeptSession | null> {
    if (session.isReadOnly || !(await this.#loading.isLive(session))) return null
    const { record } = session
    const data = patched(record.data, patch)
    const times = this.#env.lifetime.timesOf({ ...record, data }, this.#env.now(), renews)
    if (!(await this.#store.update(session.id, patch, times))) return null
    return this.#loading.kept(session.id, session.value, { ...record, ...times, data })
  }

  /**
   * The new record is made before the old one is claimed. A logout under the old id either comes first, and
   * the claim fails, or it finds the new record through the old one's mark and ends it.
   */
  async rotate(
    session: KeptSession,
    patch: SessionPatch,
    { loginOf, renews }: Beginning,
  ): Promise<KeptSession | null> {
    const { record, isReadOnly } = session
    const isLogin = loginOf !== undefined
    const isLive = await this.#loading.isLive(session)
    if (!isLogin && (isReadOnly || !isLive)) return null
    const createdAt = isLogin ? this.#env.now() : record.createdAt
    const owner = isLogin ? this.#ownerOf(loginOf) : record.owner
    // One that is over, or a marked anonymous one, has no data to continue.
    if (record.mark || !isLive)
      return this.#applyLimit(await this.#keep(patched({}, patch), createdAt, owner), loginOf)
    const times = isLogin || renews ? undefined : record
    const next = await this.#keep(patched(record.data, patch), createdAt, owner, times)
    const kept = await this.#orEnd(next.id, this.#continueIn(session, next, patch, isLogin))
    return kept && this.#applyLimit(kept, loginOf)
  }

  /** Continues the old record's session in the new one. */
  async #continueIn(
    { id, record }: KeptSession,
    next: KeptSession,
    patch: SessionPatch,
    isLogin: boolean,
  ): Promise<KeptSession | null> {
    const now = this.#env.now()
    const mark = markOf(isLogin ? 'login' : 'rotation', record.owner === undefined ? null : next.id, now)
    const claimed = await this.#store.supersede(id, mark, keptUntil(mark, now))
    if (!claimed) {
      await this.#store.delete(next.id)
      return isLogin ? this.#keep(patched({}, patch), next.record.createdAt, next.record.owner) : null
    }
    // Also carry over what parallel requests wrote to the old record since it was read here.
    const missed = claimed.data === record.data ? {} : difference(record.data, claimed.data)
    for (const key in patch) delete missed[key]
    return Object.keys(missed).length === 0 ? next : this.update(next, missed, false)
  }

  async end(values: readonly string[], reason: EndReason): Promise<SessionsEnded> {
    const ended: RecordEntry[] = []
    for (const value of values) {
      const id = this.#ids.of(value)
      if (id !== null) await endChain(this.#store, id, (entry) => ended.push(entry))
    }
    return this.#reasons ? { noted: this.#reasons.leave(ended, reason) } : {}
  }

  async endKept({ id }: SessionEnd, reason: EndReason): Promise<void> {
    const ended: RecordEntry[] = []
    await endChain(this.#store, id, (entry) => ended.push(entry))
    await this.#reasons?.leave(ended, reason)
  }

  async endIfEmpty(session: KeptSession): Promise<boolean> {
    return (await this.#store.delete(session.id, { ifEmpty: true })) !== null
  }

  #applyLimit(kept: KeptSession, loginOf: UserLike['id'] | undefined): MaybePromise<KeptSession> {
    if (loginOf === undefined || !this.#afterLogin) return kept
    return this.#orEnd(kept.id, this.#afterLogin(kept, loginOf)).then(() => kept)
  }

  #ownerOf(userId: UserLike['id'] | undefined): string | undefined {
    return userId === undefined ? undefined : this.#ids.ownerOf(userId)
  }

  /**
   * Returns `result`. If that fails, ends the new session, which may have been stored all the same, or may
   * still be. Otherwise an orphaned record, whose cookie was never sent, would be listed and counted.
   */
  async #orEnd<T>(id: string, result: MaybePromise<T>): Promise<T> {
    try {
      return await result
    } catch (error) {
      endChain(this.#store, id).catch(() => {})
      throw error
    }
  }

  #keep(
    data: SessionPatch,
    createdAt: number,
    owner: string | undefined,
    times?: RecordTimes,
  ): MaybePromise<KeptSession> {
    const value = `1.${randomToken()}`
    const id = this.#ids.ofNew(value)
    const begun = owner === undefined ? { data, createdAt } : { data, createdAt, owner }
    const {
      renewedAt,
      expiresAt,
      keptUntil: until,
    } = times ?? this.#env.lifetime.renewed(begun, this.#env.now())
    const record: SessionRecord = { ...begun, renewedAt, expiresAt, keptUntil: until }
    const created = this.#store.create(id, record)
    return andThen(isPromise(created) ? this.#orEnd(id, created) : created, (isCreated) => {
      if (!isCreated) throw new LatchkeyError('backend_failed', 'The record store refused a new random id.')
      return this.#loading.kept(id, value, record)
    })
  }
}
