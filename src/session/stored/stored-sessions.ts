import { BoundedMap } from '../../base/bounded-map.ts'
import { LatchkeyError } from '../../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../../base/maybe-promise.ts'
import { randomToken } from '../../crypto/random.ts'
import type { UserLike } from '../../user/user.ts'
import type { EndReason } from '../../user/user-token.ts'
import { chain, endChain } from '../chain.ts'
import type { DeviceIndex } from '../devices/device-index.ts'
import type { Lifetime } from '../lifetime.ts'
import { difference, patched, type SessionMark, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type { Beginning, KeptSession, LoadResult, SessionEnvironment, SessionKind } from '../session-kind.ts'
import type { RecordIds } from './record-ids.ts'
import { keptUntil, markOf } from './rotation-mark.ts'

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
  readonly #afterLogin: DeviceSupport<Devices>['afterLogin']

  /**
   * @param store With a time limit on each call.
   * @param isEventual Whether the store is eventually consistent.
   */
  constructor(
    store: RecordStore,
    ids: RecordIds,
    environment: SessionEnvironment,
    listed?: DeviceSupport<Devices>,
    isEventual = false,
  ) {
    this.records = isEventual ? undefined : store
    this.#store = store
    this.#ids = ids
    this.#env = environment
    this.#afterLogin = listed?.afterLogin
    if (listed) this.devices = listed
  }

  get lifetime(): Lifetime {
    return this.#env.lifetime
  }

  load(values: readonly string[]): MaybePromise<LoadResult> {
    return this.#loadFrom(values, 0, 'unknown')
  }

  create(data: SessionPatch, { loginOf }: Beginning): MaybePromise<KeptSession> {
    const kept = this.#keep(patched({}, data), this.#env.now(), this.#ownerOf(loginOf))
    return andThen(kept, (session) => this.#applyLimit(session, loginOf))
  }

  async update(session: KeptSession, patch: SessionPatch): Promise<KeptSession | null> {
    if (session.isReadOnly) return null
    const { record } = session
    const times = this.#env.lifetime.renewed(record.createdAt, this.#env.now())
    if (!(await this.#store.update(session.id, patch, times))) return null
    return { ...session, record: { ...record, ...times, data: patched(record.data, patch) } }
  }

  /**
   * The new record is made before the old one is claimed. A logout under the old id either comes first, and
   * the claim fails, or it finds the new record through the old one's mark and ends it.
   */
  async rotate(
    session: KeptSession,
    patch: SessionPatch,
    { loginOf }: Beginning,
  ): Promise<KeptSession | null> {
    const { record, isReadOnly } = session
    const isLogin = loginOf !== undefined
    if (isReadOnly && !isLogin) return null
    const createdAt = isLogin ? this.#env.now() : record.createdAt
    const owner = isLogin ? this.#ownerOf(loginOf) : record.owner
    // A marked anonymous session has no data to continue.
    if (record.mark) return this.#applyLimit(await this.#keep(patched({}, patch), createdAt, owner), loginOf)
    const next = await this.#keep(patched(record.data, patch), createdAt, owner)
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
    return Object.keys(missed).length === 0 ? next : this.update(next, missed)
  }

  async end(values: readonly string[]): Promise<undefined> {
    for (const value of values) {
      const id = this.#ids.of(value)
      if (id !== null) await endChain(this.#store, id)
    }
  }

  endById(id: string): Promise<void> {
    return endChain(this.#store, id)
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

  #loadFrom(values: readonly string[], index: number, reason: EndReason): MaybePromise<LoadResult> {
    const value = values[index]
    if (value === undefined) return reason
    const id = this.#ids.of(value)
    if (id === null) return this.#loadFrom(values, index + 1, 'malformed')
    const judge = (record: SessionRecord | null): MaybePromise<LoadResult> => {
      if (!record) return this.#loadFrom(values, index + 1, 'unknown')
      if (!isRecord(record)) return this.#loadFrom(values, index + 1, 'malformed')
      if (record.mark)
        return this.#loadMarked({ id, value, record }, () => this.#loadFrom(values, index + 1, 'unknown'))
      const now = this.#env.now()
      if (this.#env.lifetime.isLive(record, now)) return { id, value, record, readAt: now }
      return this.#loadFrom(values, index + 1, 'expired')
    }
    const record = this.#store.read(id)
    return record instanceof Promise ? record.then(judge) : judge(record)
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
    return found && !found.record.mark ? { ...found, value, isReadOnly: true } : null
  }

  #keep(data: SessionPatch, createdAt: number, owner: string | undefined): MaybePromise<KeptSession> {
    const value = `1.${randomToken()}`
    const id = this.#ids.ofNew(value)
    const { renewedAt, expiresAt, keptUntil: until } = this.#env.lifetime.renewed(createdAt, this.#env.now())
    const visitors = { data, createdAt, renewedAt, expiresAt, keptUntil: until }
    const record: SessionRecord =
      owner === undefined ? visitors : { data, createdAt, renewedAt, expiresAt, keptUntil: until, owner }
    const created = this.#store.create(id, record)
    return andThen(isPromise(created) ? this.#orEnd(id, created) : created, (isCreated) => {
      if (!isCreated) throw new LatchkeyError('backend_failed', 'The record store refused a new random id.')
      return { id, value, record }
    })
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
