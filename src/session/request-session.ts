import { withinTime } from '../base/backend.ts'
import { LatchkeyError } from '../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { cookieValues } from '../http/cookie-values.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { EndReason } from '../user/user-token.ts'
import { checkCookieSize } from './cookie-size.ts'
import { isEmpty, type SessionPatch } from './record.ts'
import type { KeptSession, LoadResult, SessionKind } from './session-kind.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/**
 * The session of one request, over either kind: loaded at first use, changed in memory, saved once before the
 * response leaves and only if something changed. Ending it is the exception: that happens at once, so that a
 * logout holds whatever becomes of the response.
 */
export class RequestSession implements SessionStore {
  readonly #kind: SessionKind
  readonly #cookie: CookieForm
  readonly #now: () => number
  readonly #header: string | null
  readonly #limitSeconds: number
  #values: readonly string[] | undefined
  #loaded: LoadResult | undefined
  #loading: Promise<LoadResult> | undefined
  #patch: Record<string, unknown> | undefined
  #used = false
  /** For how long the store has kept this request waiting in vain. */
  #waitedMs = 0
  /** Everything before is forgotten: for good, or as part of a change that a failed request drops. */
  #emptied: 'for good' | 'if kept' | undefined
  #ended = false
  #rotated = false
  #closed = false

  constructor(
    kind: SessionKind,
    cookie: CookieForm,
    now: () => number,
    cookieHeader: string | null,
    timeLimitSeconds: number,
  ) {
    this.#kind = kind
    this.#cookie = cookie
    this.#now = now
    this.#header = cookieHeader
    this.#limitSeconds = timeLimitSeconds
  }

  /** Why the visitor's cookie opened no session; `null` when it did, when there was none, or before first use. */
  get reason(): EndReason | null {
    return typeof this.#loaded === 'string' && this.#cookieValues().length > 0 ? this.#loaded : null
  }

  /** When the session ends unless it is used again, epoch milliseconds. */
  get expiresAt(): number | null {
    return typeof this.#loaded === 'object' && !this.#emptied ? this.#loaded.record.expiresAt : null
  }

  get(key: string): MaybePromise<unknown> {
    // Loaded already, as for all but the first key: no promise, no closure.
    if (this.#loaded !== undefined) return this.#read(key)
    return andThen(this.#load(), () => this.#read(key))
  }

  /** Waits for the store, and keeps in mind how long it did in vain. */
  waitFor<T>(answer: Promise<T>): Promise<T> {
    const askedAt = performance.now()
    return answer.catch((error: unknown) => {
      this.#waitedMs += performance.now() - askedAt
      throw error
    })
  }

  /** The id of the session that this request came with, if it is still there. */
  currentId(): MaybePromise<string | null> {
    return andThen(this.#load(), (loaded) =>
      typeof loaded === 'object' && !this.#emptied ? loaded.id : null,
    )
  }

  /** Every key, the library's own included. */
  async all(): Promise<Record<string, unknown>> {
    await this.#load()
    const all = Object.entries({ ...this.#source(), ...this.#patch })
    return structuredClone(Object.fromEntries(all.filter(([, value]) => value !== undefined)))
  }

  set(key: string, value: unknown): void {
    this.#checkOpen()
    checkSessionKey(key)
    this.#used = true
    this.#patch ??= {}
    this.#patch[key] = value === undefined ? undefined : ownCopy(key, value)
  }

  async clear(): Promise<void> {
    this.#checkOpen()
    this.#used = true
    this.#emptied = 'for good'
    this.#patch = undefined
    this.#loading = undefined
    await this.#end()
  }

  reset(): void {
    this.#checkOpen()
    this.#used = true
    this.#emptied ??= 'if kept'
    this.#patch = undefined
  }

  regenerateId(): void {
    this.#checkOpen()
    this.#used = true
    this.#rotated = true
  }

  /**
   * Saves what changed. After a failed request everything but an ending is dropped: half of a handler's work must
   * not be kept. May be called again as failed when saving threw.
   */
  commit({ failed }: { failed: boolean }): MaybePromise<SessionCommit> {
    this.#closed = true
    if (failed) {
      this.#patch = undefined
      this.#rotated = false
      if (this.#emptied === 'if kept') this.#emptied = undefined
    }
    if (!this.#used) return UNUSED
    if (this.#emptied) return this.#commitEmptied(failed)
    if (failed) return UNCHANGED
    if (this.#patch !== undefined || this.#rotated) return this.#commitLoaded()
    // Most requests only read, and end here without waiting.
    const isRenewalDue = typeof this.#loaded === 'object' && this.#kind.isRenewalDue(this.#loaded)
    return isRenewalDue ? this.#renew() : UNCHANGED
  }

  /** A request that changed nothing does not fail because its session could not be renewed. */
  async #renew(): Promise<SessionCommit> {
    try {
      return await this.#commitLoaded()
    } catch {
      return UNCHANGED
    }
  }

  async #commitLoaded(): Promise<SessionCommit> {
    const loaded = await this.#load()
    return typeof loaded === 'string' ? this.#commitNew() : this.#commitChange(loaded)
  }

  /**
   * Once; and once more at the end, should it have failed and the handler gone on. A store that has kept this request
   * waiting already gets what is left of its time: told to end the session, and not waited for twice.
   */
  async #end(): Promise<void> {
    if (this.#ended) return
    const values = this.#cookieValues()
    if (values.length > 0) {
      const secondsLeft = Math.max(0.05, this.#limitSeconds - this.#waitedMs / 1000)
      await this.waitFor(withinTime('record store', secondsLeft, Promise.resolve(this.#kind.end(values))))
    }
    this.#ended = true
  }

  async #commitEmptied(failed: boolean): Promise<SessionCommit> {
    if (!failed) await this.#end()
    const created = await this.#commitNew()
    if (created.cookie !== undefined || this.#cookieValues().length === 0) return created
    return { used: true, cookie: this.#cookie.expire() }
  }

  async #commitNew(): Promise<SessionCommit> {
    if (!hasValue(this.#patch)) return UNCHANGED
    return this.#cookieOf(await this.#kind.create(this.#patch))
  }

  async #commitChange(loaded: KeptSession): Promise<SessionCommit> {
    const patch = this.#patch ?? {}
    const kept = await (this.#rotated ? this.#kind.rotate(loaded, patch) : this.#kind.update(loaded, patch))
    // Ended meanwhile by another request: whatever cookie the browser holds by now is not ours to change.
    if (kept === null) return UNCHANGED
    if (isEmpty(kept.record.data) && (await this.#kind.endIfEmpty(kept))) {
      return { used: true, cookie: this.#cookie.expire() }
    }
    return kept.value === loaded.value && !this.#cookie.isPersistent ? UNCHANGED : this.#cookieOf(kept)
  }

  #cookieOf({ value, record }: KeptSession): SessionCommit {
    const cookie = this.#cookie.set(value, (record.expiresAt - this.#now()) / 1000)
    checkCookieSize(cookie, record.data)
    return { used: true, cookie }
  }

  #load(): MaybePromise<LoadResult> {
    this.#used = true
    if (this.#loaded !== undefined) return this.#loaded
    if (this.#loading) return this.#loading
    const values = this.#cookieValues()
    const result = values.length === 0 ? 'unknown' : this.#kind.load(values)
    if (!isPromise(result)) {
      this.#loaded = result
      return result
    }
    // A store that was waited for in vain is not asked again by the same request.
    const loading = result.then((loaded) => {
      this.#loaded = loaded
      return loaded
    })
    this.#loading = this.waitFor(loading)
    return this.#loading
  }

  #read(key: string): unknown {
    const source = this.#patch && Object.hasOwn(this.#patch, key) ? this.#patch : this.#source()
    const value = Object.hasOwn(source, key) ? source[key] : undefined
    return typeof value === 'object' && value !== null ? structuredClone(value) : value
  }

  #source(): Readonly<Record<string, unknown>> {
    return typeof this.#loaded === 'object' && !this.#emptied ? this.#loaded.record.data : NOTHING
  }

  #cookieValues(): readonly string[] {
    this.#values ??= cookieValues(this.#header, this.#cookie.name)
    return this.#values
  }

  #checkOpen(): void {
    if (!this.#closed) return
    throw new LatchkeyError(
      'session_closed',
      'The session was changed after the response had left. Change it before you answer.',
    )
  }
}

const UNUSED: SessionCommit = { used: false }
const UNCHANGED: SessionCommit = { used: true }
const NOTHING: Readonly<Record<string, unknown>> = {}

function hasValue(patch: SessionPatch | undefined): patch is SessionPatch {
  return patch !== undefined && Object.values(patch).some((value) => value !== undefined)
}
