/**
 * A map that drops old entries instead of growing past `limit`: for caches, never for data that must be kept.
 *
 * It has two generations. When the young one is full, the old one is dropped; entries that are read again
 * move up. (Evicting one entry at a time does not take constant time: a map finds its first key by skipping
 * all keys that were deleted before it.)
 */
export class BoundedMap<K, V> {
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  readonly #generation: number

  constructor(limit: number) {
    this.#generation = Math.ceil(limit / 2)
  }

  /** How many entries it holds, at most `limit`. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
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
