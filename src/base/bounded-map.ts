import { flatCopy } from './flat-copy.ts'

/**
 * A map that drops old entries instead of growing past `limit`: for caches, never for data that must be kept.
 *
 * It has two generations. When the young one is full, the old one is dropped; entries that are read again
 * move up. (Evicting one entry at a time does not take constant time: a map finds its first key by skipping
 * all keys that were deleted before it.)
 *
 * A key that is set is kept as it is: pass a `flatCopy` of what was cut from a request, and never a text of any length,
 * since V8 hashes texts of over 16,383 characters by their length alone. A key that is only looked up may be either.
 */
export class BoundedMap<K, V> {
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  readonly #generation: number
  readonly #keyIn: (value: V, key: K) => K

  /** @param keyIn The key under which a value moves up. Default: a copy of the one that was looked up. */
  constructor(limit: number, keyIn: (value: V, key: K) => K = copied) {
    this.#generation = Math.ceil(limit / 2)
    this.#keyIn = keyIn
  }

  /** How many entries it holds, at most `limit`. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(this.#keyIn(older, key), older)
    return older
  }

  set(key: K, value: V): void {
    if (this.#generation <= 0) return
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}

function copied<K>(_: unknown, key: K): K {
  return typeof key === 'string' ? (flatCopy(key) as K & string) : key
}
