import type { Limits, Reservation, Settlement } from './limiter.ts'

/** After how long without a reservation attempts under way no longer count, in milliseconds. */
export const PENDING_MS = 30_000

/** How many sources a key keeps. */
export const MAX_SOURCES = 1000

/** One count of a key. Times are epoch milliseconds. */
export interface Count {
  /** Attempts that failed in this window. */
  readonly failed: number
  /** Attempts under way. */
  readonly pending: number
  /** When the last attempt was reserved. */
  readonly begunAt: number
  /** When the window is over. */
  readonly endsAt: number
}

/** All counts of one key: what the contract of `Limiter` says, for what keeps them as a value. */
export interface KeyCounts {
  /** By the name of the source; at most 1,000. */
  readonly sources: Map<string, Count>
  /** In all; undefined where nothing is counted. */
  total?: Count | undefined
}

/** What is left of a count by now. */
export function countAt(count: Count | undefined, now: number): Count | undefined {
  if (!count || now >= count.endsAt) return undefined
  return now - count.begunAt < PENDING_MS ? count : { ...count, pending: 0 }
}

/** Why an attempt is refused by these counts and their limits; `null` if it is not. */
export function refusalBy(
  counts: readonly (readonly [count: Count | undefined, limit: number])[],
  windowSeconds: number,
  now: number,
): Reservation | null {
  let wait = 0
  let isPending = false
  for (const [count, limit] of counts) {
    if (!count || count.failed + count.pending < limit) continue
    if (count.failed < limit) isPending = true
    else wait = Math.max(wait, 1, Math.min(windowSeconds, Math.ceil((count.endsAt - now) / 1000)))
  }
  if (wait > 0) return { waitSeconds: wait }
  return isPending ? { waitSeconds: 1, pending: true } : null
}

/** `reserve` of the contract. */
export function reserveIn(counts: KeyCounts, source: string, limits: Limits, now: number): Reservation {
  const { perSource, total, windowSeconds } = limits
  const { sources } = counts
  const isKept = sources.has(source) || makesRoom(sources, now)
  if (!isKept && total === undefined) return { waitSeconds: windowSeconds }
  const own = countAt(sources.get(source), now)
  const all = total === undefined ? undefined : countAt(counts.total, now)
  const asked = [[own, perSource] as const, [all, total ?? 1] as const]
  const refusal = refusalBy(asked, windowSeconds, now)
  if (refusal) return refusal
  const oneMore = (count: Count | undefined): Count => ({
    failed: count?.failed ?? 0,
    pending: (count?.pending ?? 0) + 1,
    begunAt: now,
    endsAt: count?.endsAt ?? now + windowSeconds * 1000,
  })
  if (isKept) sources.set(source, oneMore(own))
  if (total !== undefined) counts.total = oneMore(all)
  return { waitSeconds: 0 }
}

/** Whether one more source may be kept. Those that are over make room. */
function makesRoom(sources: Map<string, Count>, now: number): boolean {
  if (sources.size < MAX_SOURCES) return true
  for (const [source, count] of sources) if (!countAt(count, now)) sources.delete(source)
  return sources.size < MAX_SOURCES
}

/** `settle` of the contract. */
export function settleIn(
  counts: KeyCounts,
  source: string,
  as: Settlement,
  limits: Limits,
  now: number,
): void {
  const own = settled(countAt(counts.sources.get(source), now), as)
  if (own) counts.sources.set(source, own)
  else counts.sources.delete(source)
  if (limits.total !== undefined)
    counts.total = settled(countAt(counts.total, now), as === 'success' ? 'nothing' : as)
}

/** The count after that; `undefined` if nothing is left to count. */
function settled(count: Count | undefined, as: Settlement): Count | undefined {
  if (!count) return undefined
  const failed = as === 'success' ? 0 : count.failed + (as === 'failure' ? 1 : 0)
  const pending = Math.max(0, count.pending - 1)
  return failed + pending > 0 ? { ...count, failed, pending } : undefined
}
