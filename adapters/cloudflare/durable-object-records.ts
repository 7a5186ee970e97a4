import type { IndexedRecordStore, RecordEntry, RecordTimes, SessionPatch, SessionRecord } from 'latchkey'
import { checkBinding } from './check-binding.ts'
import type { ObjectCall } from './session-object.ts'

/** The subset of a Durable Object namespace (the binding) that we call. */
export interface DurableObjectNamespaceLike {
  /** Returns the id of the object with this name. */
  // biome-ignore lint/suspicious/noExplicitAny: an id is whatever this namespace gives and takes
  idFromName(name: string): any
  /** Returns a stub that sends requests to the object with this id. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(id: any): {
    fetch(
      url: string,
      init: { method: string; body: string },
    ): Promise<{ readonly ok: boolean; json(): Promise<unknown> }>
  }
}

/** The options of `durableObjectRecords`. */
export interface DurableObjectRecordOptions {
  /** The prefix of every object's name. Default: none. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** How long an entry stays in its user's index after its session has expired: one day, in milliseconds. */
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

  /** The record, or `null` if it is missing or expired. */
  async read(id: string): Promise<SessionRecord | null> {
    return (await this.#session(id, { do: 'read' })) as SessionRecord | null
  }

  /** Stores a new record. `false`, and nothing is changed, if a live record has this id. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    const indexedUntil = record.expiresAt + INDEX_SLACK_MS
    // In parallel: the cookie is not sent before both have been written.
    const [created] = await Promise.all([
      this.#session(id, { do: 'create', record, indexedUntil }),
      record.owner === undefined ? null : this.#index(record.owner, { do: 'index', id, until: indexedUntil }),
    ])
    return created === true
  }

  /**
   * Patches the data key by key and moves the times. Never creates: `false` if the record is gone or
   * superseded.
   */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const removed = Object.keys(patch).filter((key) => patch[key] === undefined)
    const call = { do: 'update', set: patch, removed, times } as const
    const updated = await this.#session(id, call)
    if (typeof updated !== 'string') return updated === true
    // The entry before the session: a live session is always in the index, even if this call fails half-way.
    const indexedUntil = times.expiresAt + INDEX_SLACK_MS
    await this.#index(updated, { do: 'index', id, until: indexedUntil })
    return (await this.#session(id, { ...call, indexedUntil })) === true
  }

  /**
   * Marks the record as replaced by `by` until `expiresAt` and returns it; `null` if it is gone or was
   * superseded.
   */
  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    return (await this.#session(id, { do: 'supersede', by, expiresAt })) as SessionRecord | null
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only a record without data is removed. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const call: Told = { do: 'delete', ifEmpty: condition?.ifEmpty === true }
    const record = (await this.#session(id, call)) as SessionRecord | null
    // Best effort: a stale entry costs one look-up when the devices are listed, and expires by itself.
    if (record?.owner !== undefined)
      await this.#index(record.owner, { do: 'unindex', ids: [id] }).catch(() => {})
    return record
  }

  /** Every live record of this owner, in no particular order. */
  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(ids.map((id) => this.read(id)))
    return owned(ids, records).filter(({ record }) => record.owner === owner)
  }

  /** Removes every live record of this owner, and returns those that this call removed. */
  async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(
      ids.map((id) => this.#session(id, { do: 'delete', ifEmpty: false, owner })),
    )
    if (ids.length > 0) await this.#index(owner, { do: 'unindex', ids }).catch(() => {})
    return owned(ids, records as (SessionRecord | null)[])
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

  async #tell(name: string, call: Told): Promise<unknown> {
    const object = this.#namespace.get(this.#namespace.idFromName(name))
    const body = JSON.stringify({ ...call, now: this.#now() })
    const answer = await object.fetch('https://session.object/', { method: 'POST', body })
    if (!answer.ok) throw new Error('The Durable Object answered with an error.')
    return answer.json()
  }
}

function owned(ids: readonly string[], records: readonly (SessionRecord | null)[]): RecordEntry[] {
  return ids.flatMap((id, i) => {
    const record = records[i]
    return record ? [{ id, record }] : []
  })
}
