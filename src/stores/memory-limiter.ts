import { checkCount, refuseUnknown } from '../base/options.ts'
import type { Limiter } from './limiter.ts'

/** Options of {@link memoryLimiter}. */
export interface MemoryLimiterOptions {
  /** How many keys are counted at once. Beyond that the oldest is forgotten. Default 100,000. */
  readonly maxKeys?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

interface Count {
  used: number
  endsAt: number
}

/** Counts attempts in this process. Several processes each count their own: share a `Limiter` instead. */
export function memoryLimiter(options: MemoryLimiterOptions = {}): Limiter {
  const { maxKeys = 100_000, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  checkCount('maxKeys', maxKeys)
  const counts = new Map<string, Count>()
  const live = (key: string): Count | undefined => {
    const count = counts.get(key)
    return count && now() < count.endsAt ? count : undefined
  }
  return {
    consume(key, limit, windowSeconds) {
      let count = live(key)
      if (!count) {
        counts.delete(key)
        const oldest = counts.size >= maxKeys ? counts.keys().next().value : undefined
        if (oldest !== undefined) counts.delete(oldest)
        count = { used: 0, endsAt: now() + windowSeconds * 1000 }
        counts.set(key, count)
      }
      if (count.used >= limit)
        return Math.min(windowSeconds, Math.max(1, Math.ceil((count.endsAt - now()) / 1000)))
      count.used++
      return 0
    },
    refund(key) {
      const count = live(key)
      if (count && count.used > 0) count.used--
    },
  }
}
