import type { RecordStore, RecordTimes, SessionMark, SessionRecord } from 'latchkey'
import type { TestClock } from './clock.ts'

/** A new, empty store and the clock that it reads. */
export interface Subject {
  readonly store: RecordStore
  readonly clock: TestClock
}

/** A requirement and its check. Those that need atomic calls say so. */
export type RecordCase = readonly [name: string, check: (subject: Subject) => Promise<void>, needs?: 'atomic']

const HOUR = 3_600_000

/** The times of a record that is renewed now and kept for `keptMs`. It expires before, at half of that. */
export function timesAt({ now }: TestClock, keptMs: number = HOUR): RecordTimes {
  return { renewedAt: now(), expiresAt: now() + keptMs / 2, keptUntil: now() + keptMs }
}

/** A record that is created now and kept for `keptMs`. */
export function recordAt(clock: TestClock, data: Record<string, unknown>, keptMs?: number): SessionRecord {
  return { data, createdAt: clock.now(), ...timesAt(clock, keptMs) }
}

/** The mark of a rotation to `next`. */
export function markAt({ now }: TestClock, next: string | null = 'next'): SessionMark {
  return { kind: 'rotation', readableUntil: now() + 10_000, next }
}
