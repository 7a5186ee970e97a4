import { LatchkeyError } from '../base/errors.ts'
import { andThen, type MaybePromise } from '../base/maybe-promise.ts'
import type { SessionStore } from './session-store.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/** What a session of another library can do, for {@link adaptSession}. */
export interface AdaptedSession {
  /** The library's name, for messages. */
  readonly name: string
  /** Keys that belong to the library itself. */
  readonly reserved?: readonly string[]
  /** `undefined` for a key that it does not have itself: `toString` is none. */
  read(key: string): MaybePromise<unknown>
  write(key: string, value: unknown): MaybePromise<void>
  remove(key: string): MaybePromise<void>
  /** Forgets everything, and ends the record. */
  clear(): MaybePromise<void>
  /** Same data under a new id; the old record is gone. A mapping of what cannot do that refuses to be built. */
  regenerateId(): MaybePromise<void>
}

/** A session of another library as a {@link SessionStore}: checks keys and values, and keeps copies of its own. */
export function adaptSession({ name, reserved = [], ...foreign }: AdaptedSession): SessionStore {
  const checked = (key: string): string => {
    checkSessionKey(key)
    if (!reserved.includes(key)) return key
    throw new LatchkeyError('session_key_refused', `The session key "${key}" belongs to ${name}.`)
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
