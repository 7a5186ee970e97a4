import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { isPrefetch } from '../http/prefetch.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason } from '../user/user-token.ts'
import { UNCHANGED, UNUSED } from './commit.ts'
import { absoluteExpiresAt, expiresAt, isChanged, isEmptied } from './current-session.ts'
import type { IncomingSession } from './incoming-session.ts'
import { patched, type SessionPatch } from './record.ts'
import { checkFits, endsForGood, type SessionChanges, saveSession, UNTOUCHED } from './save-session.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/**
 * The session of one request, over any session kind. It is loaded at first use, changed in memory, and saved
 * once before the response is sent, only if something changed. Ending it is the exception: that happens at
 * once.
 */
export class RequestSession implements SessionStore {
  readonly #request: Request
  readonly #incoming: IncomingSession
  /** How often it was emptied, or begun by a login. A cached identity is stale once this changes. */
  changes = 0
  #change: Readonly<SessionChanges> = UNTOUCHED
  #used = false
  #closed = false
  #isSaved = false
  #isDue: boolean | undefined
  #skipsRenewal = false

  constructor(incoming: IncomingSession, request: Request) {
    this.#request = request
    this.#incoming = incoming
  }

  /** Why the session cookie could not be used. `null` if it could, if there was none, or before first use. */
  get reason(): EndReason | null {
    const { loaded } = this.#incoming
    if (typeof loaded === 'object') return loaded.reason ?? null
    return loaded !== undefined && this.#incoming.values.length > 0 ? loaded : null
  }

  /** When the session ends unless it is used again, epoch milliseconds. `null` if it is not loaded, or a new visitor's. */
  get expiresAt(): number | null {
    return expiresAt(this.#incoming, this.#change, this.#willRenew())
  }

  /** When the session ends at the latest, epoch milliseconds; `null` in the same cases. */
  get absoluteExpiresAt(): number | null {
    return absoluteExpiresAt(this.#incoming, this.#change)
  }

  /** Whether it was ended for good: by a logout, or because its user is gone. */
  get isEnded(): boolean {
    return this.#change.emptied === 'for good'
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
    return typeof loaded === 'object' && !isEmptied(this.#change) ? loaded.id : null
  }

  /** All data as a copy, including the library's own keys. */
  async all(): Promise<Record<string, unknown>> {
    this.#used = true
    await this.#incoming.load()
    const all = Object.entries({ ...this.#source(), ...this.#change.patch })
    return structuredClone(Object.fromEntries(all.filter(([, value]) => value !== undefined)))
  }

  /** @param nameOf The name to keep the key under, if that depends on what is in the session. Called once that is loaded. */
  set(key: string, value: unknown, nameOf?: () => string): void {
    const change = this.#open()
    checkSessionKey(key)
    const copy = value === undefined ? undefined : ownCopy(key, value)
    change.patch ??= {}
    const { patch } = change
    if (!nameOf || change.emptied) patch[key] = copy
    else
      this.#incoming.whenLoaded(() => {
        patch[nameOf()] = copy
      })
  }

  async checkFits(values: SessionPatch): Promise<void> {
    await this.#incoming.load()
    await checkFits(this.#incoming, patched(patched(this.#source(), this.#change.patch ?? {}), values))
  }

  async clear(reason: EndReason = 'logged_out'): Promise<void> {
    const change = this.#open()
    this.changes++
    change.emptied = 'for good'
    this.#discard()
    this.#incoming.forgetFailure()
    if (endsForGood(this.#incoming, change)) await this.#incoming.end(reason)
  }

  reset(): void {
    this.#open().emptied ??= 'if kept'
    this.#discard()
  }

  regenerateId(): void {
    this.#open().rotated ||= 'kept'
  }

  leaveId(): void {
    this.#open().rotated = 'left'
  }

  suspend(isCertain: boolean): boolean {
    const { loaded, kind, now } = this.#incoming
    const isOverdue =
      typeof loaded === 'object' &&
      kind.lifetime.isOverdue(loaded.record, now()) &&
      kind.lifetime.isOverdue({ renewedAt: kind.foundGood.get(loaded.id) ?? 0 }, now())
    this.#own().suspended = isCertain && isOverdue ? 'overdue' : 'for now'
    return this.#change.suspended === 'for now'
  }

  /** This request does not extend the session. What it changes is saved all the same. */
  skipRenewal(): void {
    this.#skipsRenewal = true
  }

  vouch(): void {
    const { loaded, kind, now } = this.#incoming
    // Any other session was renewed lately.
    if (this.#isRenewalDue() && typeof loaded === 'object') kind.foundGood.set(loaded.id, now())
  }

  /** The values are the library's own and are not checked. */
  beginLogin(userId: UserLike['id'], values: SessionPatch): void {
    const change = this.#open()
    this.changes++
    // A suspended session is not gone on with.
    if (change.suspended) change.emptied ??= 'if kept'
    change.rotated ||= 'kept'
    change.loginOf = userId
    change.patch ??= {}
    for (const key in values) change.patch[key] = values[key]
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
    if (!this.#used) return UNUSED
    if (failed) this.#giveUp()
    const change = this.#change
    if ((failed || change.suspended) && !change.emptied) return UNCHANGED
    const hasChanged = isChanged(this.#change)
    // Most requests only read and end here, without waiting.
    const renews = this.#willRenew()
    if (!hasChanged && !renews) return UNCHANGED
    if (!renews) this.#own().keepsTimes = true
    const failing = (error: unknown): SessionCommit => {
      // A request that changed nothing does not fail because its session could not be renewed.
      if (!hasChanged) return UNCHANGED
      this.#isSaved = false
      throw error
    }
    try {
      const saving = saveSession(this.#incoming, change, failed)
      return saving instanceof Promise ? saving.catch(failing) : saving
    } catch (error) {
      return failing(error)
    }
  }

  /** Whether what this request saves extends the session. */
  #willRenew(): boolean {
    if (!this.#isRenewalDue() && !isChanged(this.#change)) return false
    return !this.#skipsRenewal && !isPrefetch(this.#request)
  }

  /** Asked once a request, since reading the clock costs. */
  #isRenewalDue(): boolean {
    const { loaded, now } = this.#incoming
    if (typeof loaded === 'object') this.#isDue ??= (loaded.readAt ?? now()) > loaded.ends.renewAfter
    return this.#isDue ?? false
  }

  #read(key: string): unknown {
    const change = this.#change
    let source = this.#source()
    if (change !== UNTOUCHED && change.patch && Object.hasOwn(change.patch, key)) source = change.patch
    const value = Object.hasOwn(source, key) ? source[key] : undefined
    return typeof value === 'object' && value !== null ? structuredClone(value) : value
  }

  #source(): Readonly<Record<string, unknown>> {
    const { loaded } = this.#incoming
    return typeof loaded === 'object' && !isEmptied(this.#change) ? loaded.record.data : NOTHING
  }

  #discard(): void {
    const change = this.#own()
    change.patch = undefined
    change.loginOf = undefined
  }

  /** A request that failed keeps only the end of a session. */
  #giveUp(): void {
    this.#discard()
    const change = this.#own()
    change.rotated = undefined
    if (change.emptied === 'if kept') change.emptied = undefined
  }

  /** Where every change begins. */
  #open(): SessionChanges {
    if (this.#closed) {
      throw new LatchkeyError(
        'session_closed',
        'The session was changed after the response was sent. Change it before.',
      )
    }
    this.#used = true
    return this.#own()
  }

  #own(): SessionChanges {
    if (this.#change === UNTOUCHED) this.#change = { ...UNTOUCHED }
    return this.#change as SessionChanges
  }
}

const NOTHING: Readonly<Record<string, unknown>> = {}
