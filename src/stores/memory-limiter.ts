import { type Link, LinkedList } from '../base/linked-list.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import type { Limiter, Limits, Reservation, Settlement } from './limiter.ts'
import { type KeyCounts, reserveIn, settleIn } from './limiter-counts.ts'

/** Options of {@link memoryLimiter}. */
export interface MemoryLimiterOptions {
  /**
   * How much memory the counts may take, in bytes, by the limiter's own account. Default 33,554,432 (32 MiB), some 37,000
   * accounts and networks. When it is full it forgets what is over, then the keys with the fewest attempts, and keys at
   * their limit last.
   */
  readonly maxBytes?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** What {@link memoryLimiter} returns. */
export interface MemoryLimiter extends Limiter {
  /** As the port says, and at once. */
  reserve(key: string, source: string, limits: Limits): Reservation
  /** As the port says, and at once. */
  settle(key: string, source: string, as: Settlement, limits: Limits): void
  /** As the port says, and at once. */
  forget(key: string): void
  /** How much memory the counts take now, by the limiter's own account. */
  readonly bytes: number
}

/**
 * Counts attempts in this process. Several processes each count their own: for those there are `redisLimiter`,
 * `sqlLimiter` and `durableObjectLimiter`.
 *
 * @throws LatchkeyError `invalid_configuration` for an unknown or wrong option.
 */
export function memoryLimiter(options: MemoryLimiterOptions = {}): MemoryLimiter {
  const { maxBytes = 2 ** 25, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  return new BoundedLimiter(checkCount('maxBytes', maxBytes), now)
}

/** What V8 takes for a key without its sources, and for each source, rounded up. */
const KEY_BYTES = 704
const SOURCE_BYTES = 192

/** Keys that are counted are ordered by how many attempts they hold: 1 to 14, 15 or more, at a limit. */
const AT_LIMIT = 16

/** A key, with its place in both lists. */
class Entry {
  readonly key: string
  readonly counts: KeyCounts = { sources: new Map() }
  readonly byLevel: Link<Entry> = { value: this }
  readonly byEnd: Link<Entry> = { value: this }
  bytes = 0
  /** When its last window is over. */
  endsAt = 0
  /** Until when one of its counts stands at its limit. */
  fullUntil = 0

  constructor(key: string) {
    this.key = key
  }
}

class BoundedLimiter implements MemoryLimiter {
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #levels = Array.from({ length: AT_LIMIT + 1 }, () => new LinkedList<Entry>())
  /** By the length of their window, so that each list is in order of the ends. */
  readonly #ends = new Map<number, LinkedList<Entry>>()
  bytes = 0

  constructor(maxBytes: number, now: () => number) {
    this.#maxBytes = maxBytes
    this.#now = now
  }

  reserve(key: string, source: string, limits: Limits): Reservation {
    const now = this.#now()
    const entry = this.#entries.get(key) ?? new Entry(key)
    const answer = reserveIn(entry.counts, source, limits, now)
    if (answer.waitSeconds > 0) return answer
    this.#entries.set(key, entry)
    this.#place(entry, source, limits, now)
    this.#makeRoom(entry, now)
    return answer
  }

  settle(key: string, source: string, as: Settlement, limits: Limits): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    const now = this.#now()
    settleIn(entry.counts, source, as, limits, now)
    if (entry.counts.sources.size === 0 && !entry.counts.total) this.#drop(entry)
    else this.#place(entry, source, limits, now)
  }

  forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry) this.#drop(entry)
  }

  /** Puts a key where it belongs after a change to the counts of this source. */
  #place(entry: Entry, source: string, { perSource, total = 0, windowSeconds }: Limits, now: number): void {
    const { counts } = entry
    const own = counts.sources.get(source)
    const all = counts.total
    for (const [count, limit] of [[own, perSource] as const, [all, total] as const])
      if (count && limit > 0 && count.failed >= limit)
        entry.fullUntil = Math.max(entry.fullUntil, count.endsAt)
    const attempts = Math.max(...[own, all].map((count) => (count ? count.failed + count.pending : 0)))
    const level = this.#levels[now < entry.fullUntil ? AT_LIMIT : Math.min(attempts, AT_LIMIT - 1)]
    if (level && entry.byLevel.list !== level) level.append(entry.byLevel)

    const endsAt = Math.max(own?.endsAt ?? 0, all?.endsAt ?? 0)
    if (endsAt > entry.endsAt) {
      entry.endsAt = endsAt
      const list = this.#ends.get(windowSeconds) ?? new LinkedList()
      this.#ends.set(windowSeconds, list)
      list.append(entry.byEnd)
    }
    const bytes = KEY_BYTES + counts.sources.size * SOURCE_BYTES
    this.bytes += bytes - entry.bytes
    entry.bytes = bytes
  }

  /** Forgets what is over, more than one attempt can add, and then what does not fit beside `kept`. */
  #makeRoom(kept: Entry, now: number): void {
    for (let i = 0; i < 4 && this.#dropOver(now); i++);
    while (this.bytes > this.#maxBytes && this.#entries.size > 1) {
      for (const level of this.#levels) {
        const least = level.firstOtherThan(kept)
        if (!least) continue
        this.#drop(least)
        break
      }
    }
  }

  #dropOver(now: number): boolean {
    for (const list of this.#ends.values()) {
      const { first } = list
      if (!first || now < first.endsAt) continue
      this.#drop(first)
      return true
    }
    return false
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key)
    entry.byLevel.list?.remove(entry.byLevel)
    entry.byEnd.list?.remove(entry.byEnd)
    this.bytes -= entry.bytes
  }
}
