import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason } from '../user/user-token.ts'
import { removeCookie, setCookie, UNCHANGED, UNUSED } from './commit.ts'
import { IncomingSession } from './incoming-session.ts'
import { hasValue, isEmpty, patched, type SessionPatch } from './record.ts'
import type { KeptSession, SessionKind } from './session-kind.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/**
 * The session of one request, over any session kind. It is loaded at first use, changed in memory, and saved
 * once before the response is sent, only if something changed. Ending it is the exception: that happens at
 * once.
 */
export class RequestSession implements SessionStore {
  readonly #kind: SessionKind
  readonly #cookie: CookieForm
  readonly #now: () => number
  readonly #incoming: IncomingSession
  /** How often it was emptied, or begun by a login: what is known of its user is over then. */
  changes = 0
  #patch: Record<string, unknown> | undefined
  #used = false
  /** The user whose session a login has begun in this request. */
  #loginOf: UserLike['id'] | undefined
  /** The loaded data is discarded: for good, or only if the request succeeds. */
  #emptied: 'for good' | 'if kept' | undefined
  #rotated = false
  #closed = false
  #isSaved = false

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
    this.#incoming = new IncomingSession(kind, cookieHeader, cookie.name, timeLimitSeconds)
  }

  /** Why the session cookie could not be used. `null` if it could, if there was none, or before first use. */
  get reason(): EndReason | null {
    const { loaded } = this.#incoming
    return typeof loaded === 'string' && this.#incoming.values.length > 0 ? loaded : null
  }

  /** When the session ends unless it is used again, epoch milliseconds. `null` if it is new or not loaded. */
  get expiresAt(): number | null {
    const { loaded } = this.#incoming
    return typeof loaded === 'object' && !this.#emptied ? loaded.record.expiresAt : null
  }

  /** Whether anything was asked of the session or done to it. */
  get used(): boolean {
    return this.#used
  }

  get(key: string): MaybePromise<unknown> {
    // Already loaded, as for all but the first key: no promise, no closure.
    if (this.#incoming.loaded !== undefined) return this.#read(key)
    this.#used = true
    const loaded = this.#incoming.load()
    return loaded instanceof Promise ? loaded.then(() => this.#read(key)) : this.#read(key)
  }

  /** Waits for the store. If it fails, adds the time to what this request has waited in vain. */
  waitFor<T>(answer: Promise<T>): Promise<T> {
    return this.#incoming.waitFor(answer)
  }

  /** The id of the session that this request came with; `null` if there is none, or if it was ended. */
  async currentId(): Promise<string | null> {
    this.#used = true
    const loaded = await this.#incoming.load()
    return typeof loaded === 'object' && !this.#emptied ? loaded.id : null
  }

  /** All data as a copy, including the library's own keys. */
  async all(): Promise<Record<string, unknown>> {
    this.#used = true
    await this.#incoming.load()
    const all = Object.entries({ ...this.#source(), ...this.#patch })
    return structuredClone(Object.fromEntries(all.filter(([, value]) => value !== undefined)))
  }

  /** @param nameOf The name to keep the key under, if that depends on what is in the session. Called once that is loaded. */
  set(key: string, value: unknown, nameOf?: () => string): void {
    this.#change()
    checkSessionKey(key)
    const copy = value === undefined ? undefined : ownCopy(key, value)
    this.#patch ??= {}
    const patch = this.#patch
    if (!nameOf || this.#emptied) patch[key] = copy
    else
      this.#incoming.whenLoaded(() => {
        patch[nameOf()] = copy
      })
  }

  async checkFits(values: SessionPatch): Promise<void> {
    await this.#incoming.load()
    const data = patched(patched(this.#source(), this.#patch ?? {}), values)
    const trial = await this.#kind.trial?.(data)
    if (trial) this.#setCookie(trial)
  }

  async clear(): Promise<void> {
    this.#change()
    this.changes++
    this.#emptied = 'for good'
    this.#discard()
    this.#incoming.forgetFailure()
    await this.#incoming.end()
  }

  reset(): void {
    this.#change()
    this.#emptied ??= 'if kept'
    this.#discard()
  }

  regenerateId(): void {
    this.#change()
    this.#rotated = true
  }

  /** The values are the library's own and are not checked. */
  beginLogin(userId: UserLike['id'], values: SessionPatch): void {
    this.#change()
    this.changes++
    this.#rotated = true
    this.#loginOf = userId
    this.#patch ??= {}
    for (const key in values) this.#patch[key] = values[key]
  }

  /**
   * Saves the changes. If the request failed, they are discarded, because half of a handler's work must not
   * be kept; a session that was ended stays ended. If saving throws, call it again with `failed`.
   *
   * @throws LatchkeyError `misuse` if it was saved already.
   */
  commit({ failed }: { failed: boolean }): MaybePromise<SessionCommit> {
    if (this.#isSaved) throw new LatchkeyError('misuse', 'The session of this request was saved already.')
    this.#closed = true
    this.#isSaved = true
    if (failed) {
      this.#discard()
      this.#rotated = false
      if (this.#emptied === 'if kept') this.#emptied = undefined
    }
    if (!this.#used) return UNUSED
    if (failed && !this.#emptied) return UNCHANGED
    const isChanged = this.#emptied || this.#patch !== undefined || this.#rotated
    // Most requests only read and end here, without waiting.
    const { loaded } = this.#incoming
    if (!isChanged && !(typeof loaded === 'object' && this.#kind.isRenewalDue(loaded))) return UNCHANGED
    const failing = (error: unknown): SessionCommit => {
      // A request that changed nothing does not fail because its session could not be renewed.
      if (!isChanged) return UNCHANGED
      this.#isSaved = false
      throw error
    }
    try {
      const saving = this.#emptied ? this.#commitEmptied(failed) : this.#commitLoaded()
      return saving instanceof Promise ? saving.catch(failing) : saving
    } catch (error) {
      return failing(error)
    }
  }

  #commitLoaded(): MaybePromise<SessionCommit> {
    const loaded = this.#incoming.loaded ?? this.#incoming.load()
    if (loaded instanceof Promise) return loaded.then(() => this.#commitLoaded())
    return typeof loaded === 'string' ? this.#commitNew() : this.#commitChange(loaded)
  }

  async #commitEmptied(failed: boolean): Promise<SessionCommit> {
    if (!failed) await this.#incoming.end()
    const created = await this.#commitNew()
    if (created.cookies.length > 0 || this.#incoming.values.length === 0) return created
    return removeCookie(this.#cookie)
  }

  #commitNew(): MaybePromise<SessionCommit> {
    if (!hasValue(this.#patch)) return UNCHANGED
    const kept = this.#kind.create(this.#patch, this.#loginOf)
    return kept instanceof Promise ? kept.then((later) => this.#setCookie(later)) : this.#setCookie(kept)
  }

  async #commitChange(loaded: KeptSession): Promise<SessionCommit> {
    const patch = this.#patch ?? {}
    const kept = await (this.#rotated
      ? this.#kind.rotate(loaded, patch, this.#loginOf)
      : this.#kind.update(loaded, patch))
    // Another request ended the session meanwhile: the browser's cookie is no longer ours to change.
    if (kept === null) return UNCHANGED
    if (isEmpty(kept.record.data) && (await this.#kind.endIfEmpty(kept))) return removeCookie(this.#cookie)
    return kept.value === loaded.value && !this.#cookie.isPersistent ? UNCHANGED : this.#setCookie(kept)
  }

  #setCookie({ value, record }: KeptSession): SessionCommit {
    return setCookie(this.#cookie, value, record, this.#now())
  }

  #read(key: string): unknown {
    const source = this.#patch && Object.hasOwn(this.#patch, key) ? this.#patch : this.#source()
    const value = Object.hasOwn(source, key) ? source[key] : undefined
    return typeof value === 'object' && value !== null ? structuredClone(value) : value
  }

  #source(): Readonly<Record<string, unknown>> {
    const { loaded } = this.#incoming
    return typeof loaded === 'object' && !this.#emptied ? loaded.record.data : NOTHING
  }

  #discard(): void {
    this.#patch = undefined
    this.#loginOf = undefined
  }

  #change(): void {
    if (this.#closed) {
      throw new LatchkeyError(
        'session_closed',
        'The session was changed after the response was sent. Change it before.',
      )
    }
    this.#used = true
  }
}

const NOTHING: Readonly<Record<string, unknown>> = {}
