import { BoundedMap } from '../bounded-map.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { randomToken } from '../crypto/random.ts'
import { callEngine } from '../engine.ts'
import { LatchkeyError } from '../errors.ts'
import { isPromise, type MaybePromise } from '../maybe-promise.ts'
import { USER_ID } from './keys.ts'
import { type Patch, patched, type SessionRecord } from './record.ts'
import type { RecordStore } from './record-store.ts'
import type {
  KeptSession,
  LoadResult,
  SessionEndReason,
  SessionEnvironment,
  SessionKind,
  Sessions,
} from './session-kind.ts'

const TOKEN = /^[\w-]{43}$/
const REMEMBERED_IDS = 10_000

/**
 * Sessions whose records live in a store. The cookie is a random token of 256 bits; the record lies under
 * SHA-256 of cookie name and token, so that who reads the store can impersonate nobody.
 */
export function storedSessions(store: RecordStore): Sessions {
  return (environment) => new StoredSessions(store, environment)
}

class StoredSessions implements SessionKind {
  readonly #store: RecordStore
  readonly #env: SessionEnvironment
  readonly #ids = new BoundedMap<string, string>(REMEMBERED_IDS)

  constructor(store: RecordStore, environment: SessionEnvironment) {
    this.#store = store
    this.#env = environment
  }

  load(values: readonly string[]): MaybePromise<LoadResult> {
    return this.#loadFrom(values, 0, 'unknown')
  }

  create(data: Patch): Promise<KeptSession> {
    return this.#keep(data, this.#env.now())
  }

  async update(session: KeptSession, patch: Patch): Promise<KeptSession | null> {
    const { record } = session
    const times = this.#env.lifetime.renewed(record.createdAt, this.#env.now())
    const kept = await this.#call(() => this.#store.update(session.id, patch, times))
    return kept ? { ...session, record: { ...record, ...times, data: patched(record.data, patch) } } : null
  }

  async rotate(session: KeptSession, patch: Patch): Promise<KeptSession | null> {
    const claimed = await this.#call(() => this.#store.delete(session.id))
    const isLogin = patch[USER_ID] !== undefined
    if (claimed === null && !isLogin) return null
    const data = claimed === null ? patch : patched(claimed.data, patch)
    return this.#keep(data, isLogin ? this.#env.now() : session.record.createdAt)
  }

  async end(values: readonly string[]): Promise<void> {
    for (const value of values)
      if (TOKEN.test(value)) await this.#call(() => this.#store.delete(this.#idOf(value)))
  }

  async endIfEmpty(session: KeptSession): Promise<boolean> {
    return (await this.#call(() => this.#store.delete(session.id, { ifEmpty: true }))) !== null
  }

  isRenewalDue(session: KeptSession): boolean {
    return this.#env.lifetime.isRenewalDue(session.record, this.#env.now())
  }

  #loadFrom(values: readonly string[], index: number, reason: SessionEndReason): MaybePromise<LoadResult> {
    const value = values[index]
    if (value === undefined) return reason
    if (!TOKEN.test(value)) return this.#loadFrom(values, index + 1, 'malformed')
    const id = this.#idOf(value)
    const judge = (record: SessionRecord | null): MaybePromise<LoadResult> => {
      if (record === null) return this.#loadFrom(values, index + 1, 'unknown')
      if (!isRecord(record)) return this.#loadFrom(values, index + 1, 'malformed')
      if (!this.#env.lifetime.isLive(record, this.#env.now()))
        return this.#loadFrom(values, index + 1, 'expired')
      return { id, value, record }
    }
    const record = this.#call(() => this.#store.read(id))
    return isPromise(record) ? record.then(judge) : judge(record)
  }

  async #keep(data: Patch, createdAt: number): Promise<KeptSession> {
    const value = randomToken()
    const id = this.#idOf(value)
    const times = this.#env.lifetime.renewed(createdAt, this.#env.now())
    const record = { data: patched({}, data), createdAt, ...times }
    const created = await this.#call(() => this.#store.create(id, record))
    if (!created) throw new LatchkeyError('engine_failed', 'The record store refused a new random id.')
    return { id, value, record }
  }

  /** Remembered, since it is asked at every request and never changes: a look-up in place of 2 µs of SHA-256. */
  #idOf(value: string): string {
    let id = this.#ids.get(value)
    if (id === undefined) {
      id = sha256Base64url(`${this.#env.cookieName}=${value}`)
      this.#ids.set(value, id)
    }
    return id
  }

  #call<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    return callEngine('record store', this.#env.timeLimitSeconds, call)
  }
}

/** A store that was tampered with, or of another version, must not be able to bring a request down. */
function isRecord(record: SessionRecord): boolean {
  return typeof record === 'object' && typeof record.data === 'object' && record.data !== null
}
