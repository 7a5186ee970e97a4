import type { RecordEntry } from '../record-store.ts'

/** Sorts the sessions of one user. */
type Order = (a: RecordEntry, b: RecordEntry) => number

/** Equal times are ordered by id, so that every process sorts the same way. */
const latestMade: Order = (a, b) => b.record.createdAt - a.record.createdAt || (a.id < b.id ? -1 : 1)
export const earliestMade: Order = (a, b) => latestMade(b, a)
export const latestFirst: Order = (a, b) => b.record.renewedAt - a.record.renewedAt || latestMade(a, b)

/**
 * Most recently used first, but logins of the last minute before all others. Otherwise a session that is used
 * during a login would end that login, and parallel logins would disagree about which sessions to end.
 */
export function latestMadeOrUsed(all: readonly RecordEntry[]): Order {
  const latest = Math.max(...all.map(({ record }) => record.createdAt))
  const isNew = ({ record }: RecordEntry): boolean => record.createdAt > latest - 60_000
  return (a, b) => (isNew(a) || isNew(b) ? latestMade(a, b) : latestFirst(a, b))
}
