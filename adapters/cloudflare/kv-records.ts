import type { EventualRecordStore, SessionRecord } from 'latchkey'
import { fromStoredKeys, toStoredKeys } from 'latchkey/adapter'
import { checkBinding } from './check-binding.ts'

/** The subset of a Workers KV namespace (the binding) that we call. */
export interface KvNamespaceLike {
  /** Returns the value of a key as text, or `null`. */
  get(key: string): Promise<string | null>
  /** Writes a value that expires after `expirationTtl` seconds. */
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>
  /** Deletes a key; a missing key is not an error. */
  delete(key: string): Promise<void>
}

/** The options of `kvRecords`. */
export interface KvRecordOptions {
  /** The prefix of every key. Default `session:`. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** KV rejects a shorter time to live. */
const LEAST_TTL_SECONDS = 60

/**
 * Keeps records in Workers KV, for `eventuallyConsistentSessions`, which documents what such a store cannot
 * guarantee. Prefer D1 (`latchkey/sql`) or Durable Objects.
 *
 * @throws LatchkeyError `invalid_configuration` for a missing binding or an unknown option.
 */
export function kvRecords(namespace: KvNamespaceLike, options: KvRecordOptions = {}): EventualRecordStore {
  const { prefix = 'session:', now = Date.now, ...unknown } = options
  checkBinding('kvRecords', namespace?.put, unknown)
  return {
    consistency: 'eventual',

    async read(id) {
      const text = await namespace.get(prefix + id)
      const record = text === null ? null : recordFrom(text)
      return record !== null && now() < record.keptUntil ? record : null
    },

    async put(id, record) {
      const seconds = Math.ceil((record.keptUntil - now()) / 1000)
      await namespace.put(prefix + id, JSON.stringify({ ...record, data: toStoredKeys(record.data) }), {
        expirationTtl: Math.max(LEAST_TTL_SECONDS, seconds),
      })
    },

    delete: (id) => namespace.delete(prefix + id),
  }
}

function recordFrom(text: string): SessionRecord | null {
  try {
    const record = JSON.parse(text) as SessionRecord | null
    return record && { ...record, data: fromStoredKeys(record.data) }
  } catch {
    return null
  }
}
