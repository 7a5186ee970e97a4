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
 * The session of one request, over any session kind. It is loaded at first use, changed in memory, and saved
 * once before the response is sent, only if something changed. Ending it is the exception: that happens at
 * once, so that a logout holds whatever becomes of the response.
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
  /** How long this request has waited for the store in vain. */
  #waitedMs = 0
  /** The loaded data is discarded: for good, or only if the request succeeds. */
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

  /** Why the session cookie could not be used. `null` if it could, if there was none, or before first use. */
  get reason(): EndReason | null {
    return typeof this.#loaded === 'string' && this.#cookieValues().length > 0 ? this.#loaded : null
  }

  /** When the session ends unless it is used again, epoch milliseconds. `null` if it is new or not loaded. */
  get expiresAt(): number | null {
    return typeof this.#loaded === 'object' && !this.#emptied ? this.#loaded.record.expiresAt : null
  }

  get(key: string): MaybePromise<unknown> {
    // Already loaded, as for all but the first key: no promise, no closure.
    if (this.#loaded !== undefined) return this.#read(key)
    return andThen(this.#load(), () => this.#read(key))
  }

  /** Waits for the store. If it fails, adds the time to what this request has waited in vain. */
  waitFor<T>(answer: Promise<T>): Promise<T> {
    const askedAt = performance.now()
    return answer.catch((error: unknown) => {
      this.#waitedMs += performance.now() - askedAt
      throw error
    })
  }

  /** The id of the session that this request came with; `null` if there is none, or if it was ended. */
  currentId(): MaybePromise<string | null> {
    return andThen(this.#load(), (loaded) =>
      typeof loaded === 'object' && !this.#emptied ? loaded.id : null,
    )
  }

  /** All data as a copy, including the library's own keys. */
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
   * Saves the changes. If the request failed, they are discarded, because half of a handler's work must not
   * be kept; a session that was ended stays ended. If saving throws, call it again with `failed`.
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
    // Most requests only read and end here, without waiting.
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
   * Ends the session once, and once more at the end if that failed and the handler went on. If the store has
   * already kept this request waiting, it gets the rest of the time limit: it is told to end the session, but
   * the request does not wait for it twice.
   */
  async #end(): Promise<void> {
    if (this.#ended) return
    const values = this.#cookieValues()
    if (values.length > 0) {
      const secondsLeft = Math.max(0.05, this.#limitSeconds - this.#waitedMs / 1000)
      await this.waitFor(Promise.resolve(withinTime('record store', secondsLeft, this.#kind.end(values))))
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
    // Another request ended the session meanwhile: the browser's cookie is no longer ours to change.
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
    // If this fails, the same request does not ask the store again.
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
      'The session was changed after the response was sent. Change it before.',
    )
  }
}

const UNUSED: SessionCommit = { used: false }
const UNCHANGED: SessionCommit = { used: true }
const NOTHING: Readonly<Record<string, unknown>> = {}

function hasValue(patch: SessionPatch | undefined): patch is SessionPatch {
  return patch !== undefined && Object.values(patch).some((value) => value !== undefined)
}
