import type { Limits, Settlement } from 'latchkey'
import { type KeyCounts, reserveIn, settleIn } from 'latchkey/adapter'
import type { DurableObjectStateLike } from './object-state.ts'

/** A call to an object that holds the counts of one key. `now` is the limiter's time. */
export type LimitCall = { readonly now: number } & (
  | { readonly do: 'reserve'; readonly source: string; readonly limits: Limits }
  | {
      readonly do: 'settle'
      readonly source: string
      readonly as: Settlement
      readonly limits: Limits
    }
  | { readonly do: 'forget' }
)

/** Where the counts are kept. */
export const COUNTS = 'counts'

/** The counts of a key, and when to collect them, by the object's own clock. */
export interface KeptCounts extends KeyCounts {
  readonly collectAt: number
}

/** Answers such a call. */
export async function answerLimit(
  storage: DurableObjectStateLike['storage'],
  keep: (key: string, value: KeptCounts, collectAt: number) => Promise<void>,
  call: LimitCall,
): Promise<unknown> {
  if (call.do === 'forget') {
    await storage.delete([COUNTS])
    return null
  }
  const kept = (await storage.get(COUNTS)) as KeptCounts | undefined
  const counts: KeyCounts = { sources: kept?.sources ?? new Map(), total: kept?.total }
  const { source, limits, now } = call
  const answer =
    call.do === 'reserve'
      ? reserveIn(counts, source, limits, now)
      : settleIn(counts, source, call.as, limits, now)
  if (answer && answer.waitSeconds > 0) return answer
  const ends = [counts.sources.get(source), counts.total].map((count) => count?.endsAt ?? 0)
  const collectAt = Math.max(kept?.collectAt ?? 0, Date.now() + Math.max(...ends) - now)
  if (counts.sources.size === 0 && !counts.total) await storage.delete([COUNTS])
  else await keep(COUNTS, { ...counts, collectAt }, collectAt)
  return answer ?? null
}
