/**
 * A map that forgets rather than grow past `limit`: for caches, never for what must be kept. Two generations: when
 * the young one is full the old one goes, and what is asked for again moves up. (Evicting one entry at a time is not
 * constant: a map's first key is found by skipping all those that were deleted before it.)
 */
export class BoundedMap<K, V> {
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  readonly #generation: number

  constructor(limit: number) {
    this.#generation = Math.ceil(limit / 2)
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
