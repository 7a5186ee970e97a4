import type {
  IndexedRecordStore,
  RecordEntry,
  RecordTimes,
  SessionMark,
  SessionPatch,
  SessionRecord,
} from 'latchkey'
import { fromStoredKeys, toStoredKey, toStoredKeys } from 'latchkey/adapter'
import { checkBinding } from './check-binding.ts'
import type { ObjectCall } from './session-object.ts'
import { type DurableObjectNamespaceLike, tell } from './tell.ts'

/** The options of `durableObjectRecords`. */
export interface DurableObjectRecordOptions {
  /** The prefix of every object's name. Default: none. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** How long an entry stays in its owner's index after its record is no longer kept: one day, in milliseconds. */
const INDEX_SLACK_MS = 86_400_000

type Told = ObjectCall extends infer Call ? (Call extends unknown ? Omit<Call, 'now'> : never) : never

/**
 * Keeps records in Durable Objects: one object for each session, created near the user who logs in, and one
 * for each user's index. Export `SessionObject` from your Worker and pass its binding.
 *
 * @throws LatchkeyError `invalid_configuration` for a missing binding or an unknown option.
 */
export function durableObjectRecords(
  namespace: DurableObjectNamespaceLike,
  options: DurableObjectRecordOptions = {},
): DurableObjectRecords {
  const { prefix: _, now: __, ...unknown } = options
  checkBinding('durableObjectRecords', namespace?.idFromName, unknown)
  return new DurableObjectRecords(namespace, options)
}

/**
 * The record store that `durableObjectRecords` returns. Its methods reject if an object answers with an
 * error.
 */
export class DurableObjectRecords implements IndexedRecordStore {
  readonly #namespace: DurableObjectNamespaceLike
  readonly #prefix: string
  readonly #now: () => number

  constructor(namespace: DurableObjectNamespaceLike, options: DurableObjectRecordOptions) {
    this.#namespace = namespace
    this.#prefix = options.prefix ?? ''
    this.#now = options.now ?? Date.now
  }

  /** Returns the record, or `null` if it is missing or expired. */
  async read(id: string): Promise<SessionRecord | null> {
    return recordFrom(await this.#session(id, { do: 'read' }))
  }

  /** Stores a new record. Returns `false`, and changes nothing, if a live record has this id. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    const indexedUntil = record.keptUntil + INDEX_SLACK_MS
    // In parallel: the cookie is not sent before both have been written.
    const [created] = await Promise.all([
      this.#session(id, {
        do: 'create',
        record: { ...record, data: toStoredKeys(record.data) },
        indexedUntil,
      }),
      record.owner === undefined ? null : this.#index(record.owner, { do: 'index', id, until: indexedUntil }),
    ])
    return created === true
  }

  /**
   * Patches the data by key and sets the times. Never creates: returns `false` if the record is gone or
   * marked.
   */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const removed = Object.keys(patch)
      .filter((key) => patch[key] === undefined)
      .map(toStoredKey)
    const { renewedAt, expiresAt, keptUntil } = times
    const set = toStoredKeys(patch)
    const call = { do: 'update', set, removed, times: { renewedAt, expiresAt, keptUntil } } as const
    return (await this.#keepLonger(id, call, keptUntil)) === true
  }

  /**
   * Marks the record, empties its data and returns it as it was before. Returns `null` if it is gone or was
   * marked already.
   */
  async supersede(id: string, mark: SessionMark, keptUntil: number): Promise<SessionRecord | null> {
    const call = { do: 'supersede', mark, keptUntil } as const
    return recordFrom(await this.#keepLonger(id, call, keptUntil))
  }

  /** Sends a change to a session that will be kept until `keptUntil`, and moves its entry in the index before. */
  async #keepLonger(id: string, call: Told, keptUntil: number): Promise<unknown> {
    const answer = await this.#session(id, call)
    if (typeof answer !== 'string') return answer
    // The entry before the session: a live session is always in the index, even if this call fails half-way.
    const indexedUntil = keptUntil + INDEX_SLACK_MS
    await this.#index(answer, { do: 'index', id, until: indexedUntil })
    return this.#session(id, { ...call, indexedUntil } as Told)
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only if it has neither data nor a mark. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const call: Told = { do: 'delete', ifEmpty: condition?.ifEmpty === true }
    const record = recordFrom(await this.#session(id, call))
    // Best effort: a stale entry costs one look-up when the devices are listed, and expires by itself.
    if (record?.owner !== undefined)
      await this.#index(record.owner, { do: 'unindex', ids: [id] }).catch(() => {})
    return record
  }

  /** Returns every live record of this owner, marked ones too, in no particular order. */
  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(ids.map((id) => this.read(id)))
    return owned(ids, records).filter(({ record }) => record.owner === owner)
  }

  /** Removes every live record of this owner, marked ones too, and returns those that this call removed. */
  async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(
      ids.map(async (id) => recordFrom(await this.#session(id, { do: 'delete', ifEmpty: false, owner }))),
    )
    if (ids.length > 0) await this.#index(owner, { do: 'unindex', ids }).catch(() => {})
    return owned(ids, records)
  }

  async #idsOf(owner: string): Promise<string[]> {
    return (await this.#index(owner, { do: 'listIds' })) as string[]
  }

  #session(id: string, call: Told): Promise<unknown> {
    return this.#tell(`${this.#prefix}session:${id}`, call)
  }

  #index(owner: string, call: Told): Promise<unknown> {
    return this.#tell(`${this.#prefix}owner:${owner}`, call)
  }

  #tell(name: string, call: Told): Promise<unknown> {
    return tell(this.#namespace, name, { ...call, now: this.#now() })
  }
}

/** The record that an object answers with, if any. */
function recordFrom(answer: unknown): SessionRecord | null {
  const record = answer as SessionRecord | null
  return record && { ...record, data: fromStoredKeys(record.data) }
}

function owned(ids: readonly string[], records: readonly (SessionRecord | null)[]): RecordEntry[] {
  return ids.flatMap((id, i) => {
    const record = records[i]
    return record ? [{ id, record }] : []
  })
}
