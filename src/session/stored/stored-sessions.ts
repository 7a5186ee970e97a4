import { callBackend } from '../../base/backend.ts'
import { BoundedMap } from '../../base/bounded-map.ts'
import { LatchkeyError } from '../../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../../base/maybe-promise.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import { randomToken } from '../../crypto/random.ts'
import type { EndReason } from '../../user/user-token.ts'
import { USER_ID } from '../keys.ts'
import { difference, patched, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import {
  type KeptSession,
  type LoadResult,
  MAX_HOPS,
  type SessionEnvironment,
  type SessionKind,
} from '../session-kind.ts'

const TOKEN = /^[\w-]{43}$/
const REMEMBERED_IDS = 10_000
/** How long a superseded record is kept: longer than any request that began under it. */
const MARK_MS = 600_000
/**
 * Replaces the id of a new record: after a login the old anonymous id stays behind as an empty marker that
 * cannot be written to. A request under way with the old id reads nothing and saves nothing; otherwise the
 * cookie of its own new session would replace the login's.
 */
const NOWHERE = '-'
const NOWHERE_MS = 30_000
/** How long the old id still reads after a rotation, for requests that were under way. */
const GRACE_MS = 10_000

/**
 * Sessions whose records live in a store. The cookie is a random token of 256 bits. The record's id is the
 * SHA-256 of cookie name and token, so that read access to the store does not allow anyone to take over a
 * session.
 */
export class StoredSessions<Store extends RecordStore = RecordStore> implements SessionKind {
  protected readonly store: Store
  protected readonly env: SessionEnvironment
  readonly #ids = new BoundedMap<string, string>(REMEMBERED_IDS)
  readonly #owners = new BoundedMap<string | number, string>(REMEMBERED_IDS)

  constructor(store: Store, environment: SessionEnvironment) {
    this.store = store
    this.env = environment
  }

  load(values: readonly string[]): MaybePromise<LoadResult> {
    return this.#loadFrom(values, 0, 'unknown')
  }

  create(data: SessionPatch): MaybePromise<KeptSession> {
    return this.#keep(patched({}, data), this.env.now())
  }

  async update(session: KeptSession, patch: SessionPatch): Promise<KeptSession | null> {
    if (session.isReadOnly) return null
    const { record } = session
    const times = this.env.lifetime.renewed(record.createdAt, this.env.now())
    const kept = await this.call(() => this.store.update(session.id, patch, times))
    return kept ? { ...session, record: { ...record, ...times, data: patched(record.data, patch) } } : null
  }

  /**
   * The new record is made before the old one is claimed. A logout under the old id either comes first, and
   * the claim fails, or it finds the new record through the old one's mark and ends it.
   */
  async rotate(session: KeptSession, patch: SessionPatch): Promise<KeptSession | null> {
    const { record } = session
    const isLogin = patch[USER_ID] !== undefined
    if (session.isReadOnly && !isLogin) return null
    const createdAt = isLogin ? this.env.now() : record.createdAt
    if (record.replacedBy === NOWHERE) return this.#keep(patched({}, patch), createdAt)
    const next = await this.#keep(patched(record.data, patch), createdAt)
    return this.orEnd(next.id, this.#carryOn(session, next, patch, isLogin))
  }

  /** Continues the old record's session in the new one. */
  async #carryOn(
    session: KeptSession,
    next: KeptSession,
    patch: SessionPatch,
    isLogin: boolean,
  ): Promise<KeptSession | null> {
    const { record } = session
    const claimed = await this.#claim(session, next.id, isLogin)
    if (!claimed) {
      await this.call(() => this.store.delete(next.id))
      return isLogin ? this.#keep(patched({}, patch), next.record.createdAt) : null
    }
    // Also carry over what parallel requests wrote to the old record since it was read here.
    const missed = claimed.data === record.data ? {} : difference(record.data, claimed.data)
    for (const key in patch) delete missed[key]
    return Object.keys(missed).length === 0 ? next : this.update(next, missed)
  }

  async end(values: readonly string[]): Promise<void> {
    for (const value of values) {
      const id = this.#idOf(value)
      if (id !== null) await this.endById(id)
    }
  }

  async endIfEmpty(session: KeptSession): Promise<boolean> {
    const ended = await this.call(() => this.store.delete(session.id, { ifEmpty: true }))
    // A login may have replaced it meanwhile.
    return ended ? ended.replacedBy === undefined : false
  }

  isRenewalDue(session: KeptSession): boolean {
    return this.env.lifetime.isRenewalDue(session.record, this.env.now())
  }

  /**
   * Returns `result`. If that fails, ends the new session, which may have been stored all the same, or may
   * still be. Otherwise an orphaned record, whose cookie was never sent, would be listed and counted.
   */
  protected async orEnd<T>(id: string, result: MaybePromise<T>): Promise<T> {
    try {
      return await result
    } catch (error) {
      this.endById(id).catch(() => {})
      throw error
    }
  }

  /** Ends the session under `id`, and every session that rotations have made from it meanwhile. */
  protected async endById(id: string): Promise<void> {
    let next: string | undefined = id
    for (let hop = 0; next !== undefined && hop < MAX_HOPS; hop++) {
      const current: string = next
      next = (await this.call(() => this.store.delete(current)))?.replacedBy
    }
  }

  /** One key for all sessions of a user of this app. Ids keep their type; none is too long for an index. */
  protected ownerOf(userId: string | number): string {
    const known = this.#owners.get(userId)
    if (known !== undefined) return known
    const owner = sha256Base64url(`${this.env.cookieName}:user:${typeof userId}:${userId}`)
    this.#owners.set(userId, owner)
    return owner
  }

  protected call<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    return callBackend('record store', this.env.timeLimitSeconds, call)
  }

  /**
   * Makes an old record worthless. Returns `null` if another request already has.
   *
   * An anonymous old id cannot log out, and knowing it must not open the session that a login made from it,
   * so its mark leads nowhere. The mark of a session that a login replaces leads to the new one, but its time
   * for reading is over, by any clock of a fleet.
   */
  #claim({ id, record }: KeptSession, by: string, isLogin: boolean): MaybePromise<SessionRecord | null> {
    const mark = (heir: string, markMs: number): MaybePromise<SessionRecord | null> =>
      this.call(() => this.store.supersede(id, heir, this.env.now() + markMs))
    if (record.data[USER_ID] !== undefined) return mark(by, isLogin ? MARK_MS / 2 : MARK_MS)
    return mark(NOWHERE, NOWHERE_MS)
  }

  #loadFrom(values: readonly string[], index: number, reason: EndReason): MaybePromise<LoadResult> {
    const value = values[index]
    if (value === undefined) return reason
    const id = this.#idOf(value)
    if (id === null) return this.#loadFrom(values, index + 1, 'malformed')
    const judge = (record: SessionRecord | null): MaybePromise<LoadResult> => {
      if (!record) return this.#loadFrom(values, index + 1, 'unknown')
      if (!isRecord(record)) return this.#loadFrom(values, index + 1, 'malformed')
      if (record.replacedBy === NOWHERE)
        return andThen(this.#loadFrom(values, index + 1, 'unknown'), (other) =>
          typeof other === 'object'
            ? other
            : { id, value, record: { ...record, data: {} }, isReadOnly: true },
        )
      if (!this.env.lifetime.isLive(record, this.env.now()))
        return this.#loadFrom(values, index + 1, 'expired')
      if (record.replacedBy === undefined) return { id, value, record }
      return this.#readThrough(value, record).then(
        (found) => found ?? this.#loadFrom(values, index + 1, 'unknown'),
      )
    }
    return andThen(
      this.call(() => this.store.read(id)),
      judge,
    )
  }

  /**
   * A request that was under way while its session was rotated is not logged out. For a few seconds the old
   * id shows the session as it is now, read-only.
   */
  async #readThrough(value: string, old: SessionRecord): Promise<KeptSession | null> {
    let record = old
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const id = record.replacedBy as string
      if (this.env.now() >= record.expiresAt - MARK_MS + GRACE_MS) return null
      const next = await this.call(() => this.store.read(id))
      if (!next || !isRecord(next) || !this.env.lifetime.isLive(next, this.env.now())) return null
      if (next.owner !== record.owner) return null
      if (next.replacedBy === undefined) return { id, value, record: next, isReadOnly: true }
      record = next
    }
    return null
  }

  #keep(data: SessionPatch, createdAt: number): MaybePromise<KeptSession> {
    const value = randomToken()
    const id = this.#idOf(value) as string
    const times = this.env.lifetime.renewed(createdAt, this.env.now())
    const userId = data[USER_ID]
    const isOwned = typeof userId === 'string' || typeof userId === 'number'
    const record: SessionRecord = isOwned
      ? { data, createdAt, ...times, owner: this.ownerOf(userId) }
      : { data, createdAt, ...times }
    return andThen(this.#create(id, record), (created) => {
      if (!created) throw new LatchkeyError('backend_failed', 'The record store refused a new random id.')
      return { id, value, record }
    })
  }

  #create(id: string, record: SessionRecord): MaybePromise<boolean> {
    const created = this.call(() => this.store.create(id, record))
    return isPromise(created) ? this.orEnd(id, created) : created
  }

  /**
   * The id of a token's record; `null` if the value is not a token. Cached, because every request needs it
   * and it never changes: a look-up instead of 2 µs of SHA-256.
   */
  #idOf(value: string): string | null {
    const known = this.#ids.get(value)
    if (known !== undefined || !TOKEN.test(value)) return known ?? null
    const id = sha256Base64url(`${this.env.cookieName}=${value}`)
    this.#ids.set(value, id)
    return id
  }
}

/** A record that was tampered with, or has another version, must not crash a request. */
function isRecord(record: SessionRecord): boolean {
  const { data, createdAt, renewedAt, expiresAt } = record
  const hasTimes = [createdAt, renewedAt, expiresAt].every(Number.isFinite)
  return hasTimes && typeof data === 'object' && data !== null && !Array.isArray(data)
}
