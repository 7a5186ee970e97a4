import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/** What {@link adaptSession} needs from another library's session. */
export interface AdaptedSession {
  /** The library's name, for error messages. */
  readonly name: string
  /** Keys that the library uses itself; reading and writing them is refused. Default none. */
  readonly reserved?: readonly string[]
  /**
   * The value of `key`. `undefined` unless the session itself has that key: inherited ones, such as
   * `toString`, do not count.
   */
  read(key: string): MaybePromise<unknown>
  /** Stores `value` under `key`. */
  write(key: string, value: unknown): MaybePromise<void>
  /** Removes `key`. */
  remove(key: string): MaybePromise<void>
  /** Removes everything and ends the record. */
  clear(): MaybePromise<void>
  /**
   * Keeps the data under a new id and removes the old record. An adapter that cannot do this must throw when
   * it is built.
   */
  regenerateId(): MaybePromise<void>
}

/**
 * Turns another library's session into a {@link SessionStore}. It checks keys and values, and stores and
 * returns copies.
 *
 * @throws LatchkeyError `session_key_refused` or `session_value_refused`, on use; nothing is changed then.
 */
export function adaptSession({ name, reserved = [], ...foreign }: AdaptedSession): SessionStore {
  const checked = (key: string): string => {
    checkSessionKey(key)
    if (!reserved.includes(key)) return key
    throw new LatchkeyError(
      'session_key_refused',
      `The session key "${key}" is reserved for ${name}. Choose another.`,
    )
  }
  return {
    get: (key) =>
      andThen(foreign.read(checked(key)), (value) => (value === undefined ? value : structuredClone(value))),
    set: (key, value) =>
      value === undefined ? foreign.remove(checked(key)) : foreign.write(checked(key), ownCopy(key, value)),
    clear: () => foreign.clear(),
    regenerateId: () => foreign.regenerateId(),
  }
}
