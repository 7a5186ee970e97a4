import type { RecordEntry } from '../record-store.ts'

/** Puts the sessions of one user in order. */
type Order = (a: RecordEntry, b: RecordEntry) => number

/** By id where the times are the same, so that every process sorts alike. */
const latestMade: Order = (a, b) => b.record.createdAt - a.record.createdAt || (a.id < b.id ? -1 : 1)
export const earliestMade: Order = (a, b) => latestMade(b, a)
export const latestFirst: Order = (a, b) => b.record.renewedAt - a.record.renewedAt || latestMade(a, b)

/**
 * The latest used first, and before them the logins of the last minute: or a session that is used while somebody logs
 * in would end that login, and parallel logins would disagree on whom to end.
 */
export function latestMadeOrUsed(all: readonly RecordEntry[]): Order {
  const latest = Math.max(...all.map(({ record }) => record.createdAt))
  const isNew = ({ record }: RecordEntry): boolean => record.createdAt > latest - 60_000
  return (a, b) => (isNew(a) || isNew(b) ? latestMade(a, b) : latestFirst(a, b))
}
