import { LatchkeyError } from '../base/errors.ts'
import { isOwnKey } from './keys.ts'
import type { RequestSession } from './request-session.ts'
import type { SessionStore } from './session-store.ts'

/**
 * The app's own data in the session. The library's keys can neither be read nor written through it, so that
 * `session.set(req.body.key, …)` cannot log anyone in as someone else.
 */
export class Session implements SessionStore {
  readonly #inner: RequestSession
  readonly #ended: () => void

  constructor(inner: RequestSession, ended: () => void) {
    this.#inner = inner
    this.#ended = ended
  }

  /** Returns a copy of the value of `key`, or `undefined`. */
  async get(key: string): Promise<unknown> {
    return isOwnKey(key) ? undefined : this.#inner.get(key)
  }

  /** Returns all of the app's data, as a copy. */
  async all(): Promise<Record<string, unknown>> {
    const entries = Object.entries(await this.#inner.all())
    return Object.fromEntries(entries.filter(([key]) => !isOwnKey(key)))
  }

  /**
   * Stores a JSON value under `key`. `undefined` removes the key. Saved before the response is sent.
   *
   * @throws LatchkeyError `session_value_refused` for a value that JSON would turn into something else (a
   * Date, NaN, a Map), `session_key_refused` for a reserved key, `session_closed` after the response was
   * sent. Nothing is changed then.
   */
  set(key: string, value: unknown): void {
    this.refuseOwnKey(key)
    this.#inner.set(key, value)
  }

  /** Throws `session_key_refused` for a key of the library. */
  protected refuseOwnKey(key: string): void {
    if (typeof key !== 'string' || !isOwnKey(key)) return
    throw new LatchkeyError(
      'session_key_refused',
      `The session key "${key}" is reserved for latchkey. Choose another.`,
    )
  }

  /**
   * Removes everything, including the login, and ends the session. While impersonating it removes what was written since,
   * and nothing else.
   */
  async clear(): Promise<void> {
    this.#ended()
    await this.#inner.clear()
  }

  /** Moves the session to a new id when the response is sent. A login and a logout do this by themselves. */
  regenerateId(): void {
    this.#inner.regenerateId()
  }
}
