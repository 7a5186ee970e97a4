import { withinTime } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { cookieValues } from '../http/cookie-values.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { EndReason } from '../user/user-token.ts'
import { endedAt } from './ended-cookie.ts'
import { patched, type SessionPatch } from './record.ts'
import type { KeptSession, LoadResult, SessionKind } from './session-kind.ts'

/**
 * The session that a request came with. It is loaded at first use, once; ending it happens at once, so that a logout
 * holds whatever becomes of the response.
 */
export class IncomingSession {
  /** What was loaded; `undefined` before `load` has got its answer. */
  loaded: LoadResult | undefined
  /** The session as this request has saved it, with the cookie that opens it. */
  kept: KeptSession | undefined
  /** When a session that is begun here begins, if that is earlier than when it is saved. */
  from: number | undefined
  /** Parallel requests may have begun a session in this browser that this request did not come with. */
  hasRivals = false
  readonly kind: SessionKind
  readonly cookie: CookieForm
  readonly now: () => number
  readonly #header: string | null
  readonly #limitSeconds: number
  #values: readonly string[] | undefined
  #endedAt: number | undefined
  /** When the session that was ended here had begun. */
  #endedFrom = 0
  #loading: Promise<LoadResult> | undefined
  #waiting: (() => void)[] | undefined
  /** How long this request has waited for the store in vain. */
  #waitedMs = 0
  #isEnded = false

  constructor(
    kind: SessionKind,
    header: string | null,
    cookie: CookieForm,
    now: () => number,
    limitSeconds: number,
  ) {
    this.kind = kind
    this.cookie = cookie
    this.now = now
    this.#header = header
    this.#limitSeconds = limitSeconds
  }

  /** The values of the session cookie: none, one, or several (two paths, or a sibling domain that set one). */
  get values(): readonly string[] {
    this.#values ??= cookieValues(this.#header, this.cookie.name)
    return this.#values
  }

  /** When a session of this browser last ended, as it says; 0 if it does not. */
  get endedAt(): number {
    this.#endedAt ??= this.kind.tellsEnd ? endedAt(this.#header, this.cookie, this.now) : 0
    return this.#endedAt
  }

  /** When the session that this request ends had begun, epoch milliseconds; 0 if that is not known. */
  get beganAt(): number {
    return typeof this.loaded === 'object' ? this.loaded.record.createdAt : this.#endedFrom
  }

  load(): MaybePromise<LoadResult> {
    if (this.loaded !== undefined) return this.loaded
    if (this.#loading) return this.#loading
    const { values } = this
    const result = values.length === 0 ? 'unknown' : this.kind.load(values, this.endedAt)
    if (!(result instanceof Promise)) return this.#keep(result)
    const askedAt = performance.now()
    // If this fails, the same request does not ask the store again.
    this.#loading = result.then(
      (loaded) => this.#keep(loaded),
      (error: unknown) => {
        this.#waitedMs += performance.now() - askedAt
        throw error
      },
    )
    return this.#loading
  }

  /** Calls `change` as soon as the session is loaded: now, or before callers that await the load continue. */
  whenLoaded(change: () => void): void {
    if (this.loaded === undefined) this.#waiting = [...(this.#waiting ?? []), change]
    else change()
  }

  /** A value of the session that the request came with, whatever became of it since; `undefined` if it is not loaded. */
  cameWith(key: string): unknown {
    return typeof this.loaded === 'object' ? this.loaded.record.data[key] : undefined
  }

  /**
   * The session that this request begins counts as begun now, and not when it is saved: a parallel logout ends it in this
   * browser, even if that logout knows nothing of it.
   */
  beginsNow(): void {
    this.from = this.now()
    this.hasRivals = true
  }

  /**
   * Shows these data in addition, of a session that a parallel request is beginning. Nothing that is written is kept, and no
   * cookie is sent, unless by a login or a logout.
   */
  show(patch: SessionPatch): void {
    const { kind, loaded } = this
    const now = this.now()
    const { id, value, record } =
      typeof loaded === 'object' ? loaded : { id: '', value: '', record: { data: {} } }
    const shown = { data: patched(record.data, patch), createdAt: now }
    // Marked: a login begins another session, without these data.
    const mark = { kind: 'login', readableUntil: now, next: null } as const
    const both = { ...shown, ...kind.lifetime.renewed(shown, now), mark }
    this.loaded = { id, value, record: both, ends: kind.lifetime.endsOf(both), isReadOnly: true }
    this.hasRivals = true
  }

  #keep(loaded: LoadResult): LoadResult {
    this.loaded = loaded
    for (const change of this.#waiting ?? []) change()
    this.#waiting = undefined
    return loaded
  }

  /** Waits for the store. If it fails, adds the time to what this request has waited in vain. */
  waitFor<T>(answer: Promise<T>): Promise<T> {
    const askedAt = performance.now()
    return answer.catch((error: unknown) => {
      this.#waitedMs += performance.now() - askedAt
      throw error
    })
  }

  /** After an end, a failed load is no reason to fail once more. */
  forgetFailure(): void {
    this.#loading = undefined
  }

  /**
   * Ends the session once, and once more at the end if that failed and the handler went on. If the store has
   * already kept this request waiting, it gets the rest of the time limit: it is told to end the session, but
   * the request does not wait for it twice.
   */
  async end(reason: EndReason): Promise<void> {
    if (this.#isEnded) return
    if (this.values.length > 0) {
      const secondsLeft = Math.max(0.05, this.#limitSeconds - this.#waitedMs / 1000)
      const ending = withinTime('record store', secondsLeft, this.kind.end(this.values, reason))
      const { beganAt = 0, noted } = await this.waitFor(Promise.resolve(ending))
      this.#endedFrom = beganAt
      // The session is over by now: a store that cannot keep the reason fails no logout.
      await noted
    }
    this.#isEnded = true
  }
}
