import type { MaybePromise } from '../base/maybe-promise.ts'
import type { SessionRecord } from './record.ts'
import type { RecordEntry, RecordStore } from './record-store.ts'

/** More rotations than can happen while one request is under way. */
const MAX_HOPS = 100

/**
 * Follows a session through its rotations, from the record `id` to the one that has no successor, and returns that.
 * `step` gets each id in turn and returns its record: it may read or delete it. `null` ends the chain without a result.
 */
export async function chain(
  id: string,
  step: (id: string) => MaybePromise<SessionRecord | null | undefined>,
): Promise<RecordEntry | null> {
  let current = id
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const record = await step(current)
    if (!record) return null
    const next = record.mark?.next
    if (typeof next !== 'string') return { id: current, record }
    current = next
  }
  return null
}

/**
 * Ends the session under `id`, and every session that rotations have made from it meanwhile.
 *
 * @param ended Called with each record that was deleted, and awaited.
 */
export async function endChain(
  store: Pick<RecordStore, 'delete'>,
  id: string,
  ended?: (entry: RecordEntry) => MaybePromise<unknown>,
): Promise<void> {
  await chain(id, async (current) => {
    const record = await store.delete(current)
    if (record) await ended?.({ id: current, record })
    return record
  })
}
