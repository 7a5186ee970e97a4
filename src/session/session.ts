import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import { IMPERSONATED_ID, IMPERSONATION_DATA, isOwnKey } from './keys.ts'
import type { RequestSession } from './request-session.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/** What the app's session asks of the request that it belongs to. */
export interface SessionVisitor {
  /** Whether a session may hold an impersonation. */
  readonly canImpersonate: boolean
  /** An object that stands for an impersonation of this request alone, while there is one. */
  impersonationOnce(): object | undefined
  /** Called when the session is cleared: the request is anonymous from now on. */
  ended(): void
}

/**
 * The app's own data in the session. The library's keys can neither be read nor written through it, so that
 * `session.set(req.body.key, …)` cannot log anyone in as someone else.
 *
 * While the session's user impersonates another one, it begins empty, and what is written is removed at the end: the data
 * of the session's user are not shown to whoever is impersonated, nor the other way round.
 */
export class Session implements SessionStore {
  readonly #inner: RequestSession
  readonly #visitor: SessionVisitor
  /** The data of an impersonation of this request alone. They are never saved. */
  #once: { readonly of: object; data: Record<string, unknown> } | undefined

  constructor(inner: RequestSession, visitor: SessionVisitor) {
    this.#inner = inner
    this.#visitor = visitor
  }

  /** Returns a copy of the value of `key`, or `undefined`. */
  async get(key: string): Promise<unknown> {
    if (isOwnKey(key)) return undefined
    const once = this.#dataOnce()
    if (once) return Object.hasOwn(once.data, key) ? structuredClone(once.data[key]) : undefined
    return this.#inner.get((await this.#isImpersonating()) ? IMPERSONATION_DATA + key : key)
  }

  /** Returns all of the app's data, as a copy. */
  async all(): Promise<Record<string, unknown>> {
    const once = this.#dataOnce()
    if (once) return structuredClone(once.data)
    const entries = Object.entries(await this.#inner.all())
    if (!(await this.#isImpersonating())) return Object.fromEntries(entries.filter(([key]) => !isOwnKey(key)))
    return Object.fromEntries(
      entries
        .filter(([key]) => key.startsWith(IMPERSONATION_DATA))
        .map(([key, value]) => [key.slice(IMPERSONATION_DATA.length), value]),
    )
  }

  /**
   * Stores a JSON value under `key`. `undefined` removes the key. Saved before the response is sent.
   *
   * @throws LatchkeyError `session_value_refused` for a value that JSON would turn into something else (a
   * Date, NaN, a Map), `session_key_refused` for a reserved key, `session_closed` after the response was
   * sent. Nothing is changed then.
   */
  set(key: string, value: unknown): void {
    if (typeof key === 'string' && isOwnKey(key)) {
      throw new LatchkeyError(
        'session_key_refused',
        `The session key "${key}" is reserved for latchkey. Choose another.`,
      )
    }
    const once = this.#dataOnce()
    if (once) {
      checkSessionKey(key)
      if (value === undefined) delete once.data[key]
      else once.data[key] = ownCopy(key, value)
    } else if (this.#visitor.canImpersonate) {
      const nameOf = (): string =>
        this.#inner.get(IMPERSONATED_ID) === undefined ? key : IMPERSONATION_DATA + key
      this.#inner.set(key, value, nameOf)
    } else this.#inner.set(key, value)
  }

  /**
   * Removes everything, including the login, and ends the session. While impersonating it removes what was written since,
   * and nothing else.
   */
  async clear(): Promise<void> {
    const once = this.#dataOnce()
    if (once) {
      once.data = {}
      return
    }
    // A store that is down must not keep anyone from leaving.
    const impersonating = this.#isImpersonating()
    if (impersonating !== false && (await Promise.resolve(impersonating).catch(() => false))) {
      for (const key in await this.#inner.all())
        if (key.startsWith(IMPERSONATION_DATA)) this.#inner.set(key, undefined)
      return
    }
    this.#visitor.ended()
    await this.#inner.clear()
  }

  /** Moves the session to a new id when the response is sent. A login and a logout do this by themselves. */
  regenerateId(): void {
    this.#inner.regenerateId()
  }

  #isImpersonating(): MaybePromise<boolean> {
    if (!this.#visitor.canImpersonate) return false
    return andThen(this.#inner.get(IMPERSONATED_ID), (id) => id !== undefined)
  }

  #dataOnce(): { data: Record<string, unknown> } | undefined {
    const of = this.#visitor.impersonationOnce()
    if (of && this.#once?.of !== of) this.#once = { of, data: {} }
    return of && this.#once
  }
}
