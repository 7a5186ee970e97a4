import { LatchkeyError } from '../base/errors.ts'
import { isOwnKey } from './keys.ts'
import type { RequestSession } from './request-session.ts'
import type { SessionStore } from './session-store.ts'

/**
 * The session as an app sees it: its own data. The library's keys are neither read nor written through it, so that
 * `session.set(req.body.key, …)` cannot make anybody anyone else.
 */
export class Session implements SessionStore {
  readonly #inner: RequestSession
  readonly #ended: () => void

  constructor(inner: RequestSession, ended: () => void) {
    this.#inner = inner
    this.#ended = ended
  }

  async get(key: string): Promise<unknown> {
    return isOwnKey(key) ? undefined : this.#inner.get(key)
  }

  /** Every key of the app's, as a copy. */
  async all(): Promise<Record<string, unknown>> {
    const entries = Object.entries(await this.#inner.all())
    return Object.fromEntries(entries.filter(([key]) => !isOwnKey(key)))
  }

  /**
   * Keeps a JSON value; `undefined` removes the key.
   *
   * @throws LatchkeyError `session_value_refused` for what JSON would turn into something else (a Date, NaN, a Map),
   * `session_key_refused` for a reserved key, `session_closed` after the response has left. Nothing is changed then.
   */
  set(key: string, value: unknown): void {
    if (typeof key === 'string' && isOwnKey(key)) {
      throw new LatchkeyError(
        'session_key_refused',
        `The session key "${key}" is latchkey's own. Choose another.`,
      )
    }
    this.#inner.set(key, value)
  }

  /** Forgets everything, the login included. */
  async clear(): Promise<void> {
    this.#ended()
    await this.#inner.clear()
  }

  regenerateId(): void {
    this.#inner.regenerateId()
  }
}
