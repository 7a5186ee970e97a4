import type { EventualRecordStore, SessionRecord } from 'latchkey'
import { checkBinding } from './check-binding.ts'

/** What is used of a KV binding. */
export interface KvNamespaceLike {
  get(key: string): Promise<string | null>
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>
  delete(key: string): Promise<void>
}

export interface KvRecordOptions {
  /** What all keys begin with. Default `session:`. */
  readonly prefix?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** KV refuses less. */
const LEAST_TTL_SECONDS = 60

/**
 * Records in Workers KV: for `eventuallyConsistentSessions`, which says what they cannot do. Prefer D1 (`latchkey/sql`) or
 * Durable Objects.
 */
export function kvRecords(namespace: KvNamespaceLike, options: KvRecordOptions = {}): EventualRecordStore {
  const { prefix = 'session:', now = Date.now, ...unknown } = options
  checkBinding('kvRecords', namespace?.put, unknown)
  return {
    consistency: 'eventual',

    async read(id) {
      const text = await namespace.get(prefix + id)
      const record = text === null ? null : recordFrom(text)
      return record !== null && now() < record.expiresAt ? record : null
    },

    async put(id, record) {
      const seconds = Math.ceil((record.expiresAt - now()) / 1000)
      await namespace.put(prefix + id, JSON.stringify(record), {
        expirationTtl: Math.max(LEAST_TTL_SECONDS, seconds),
      })
    },

    delete: (id) => namespace.delete(prefix + id),
  }
}

function recordFrom(text: string): SessionRecord | null {
  try {
    const record: unknown = JSON.parse(text)
    return typeof record === 'object' ? (record as SessionRecord | null) : null
  } catch {
    return null
  }
}
