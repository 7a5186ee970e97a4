import type { IndexedRecordStore, RecordEntry, RecordTimes, SessionPatch, SessionRecord } from 'latchkey'
import { checkBinding } from './check-binding.ts'
import type { ObjectCall } from './session-object.ts'

/** What is used of a Durable Object binding. */
export interface DurableObjectNamespaceLike {
  // biome-ignore lint/suspicious/noExplicitAny: an id is whatever this namespace gives and takes
  idFromName(name: string): any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(id: any): {
    fetch(
      url: string,
      init: { method: string; body: string },
    ): Promise<{ readonly ok: boolean; json(): Promise<unknown> }>
  }
}

export interface DurableObjectRecordOptions {
  /** What the names of all objects begin with. Default none. */
  readonly prefix?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** For how long an entry stays in a user's index beyond the end of its session. */
const INDEX_SLACK_MS = 86_400_000

type Told = ObjectCall extends infer Call ? (Call extends unknown ? Omit<Call, 'now'> : never) : never

/**
 * Records in Durable Objects: one object for each session, made near the visitor who logs in, and one for each user's
 * index. Export `SessionObject` from your worker and hand over its binding.
 */
export function durableObjectRecords(
  namespace: DurableObjectNamespaceLike,
  options: DurableObjectRecordOptions = {},
): DurableObjectRecords {
  const { prefix: _, now: __, ...unknown } = options
  checkBinding('durableObjectRecords', namespace?.idFromName, unknown)
  return new DurableObjectRecords(namespace, options)
}

export class DurableObjectRecords implements IndexedRecordStore {
  readonly #namespace: DurableObjectNamespaceLike
  readonly #prefix: string
  readonly #now: () => number

  constructor(namespace: DurableObjectNamespaceLike, options: DurableObjectRecordOptions) {
    this.#namespace = namespace
    this.#prefix = options.prefix ?? ''
    this.#now = options.now ?? Date.now
  }

  async read(id: string): Promise<SessionRecord | null> {
    return (await this.#session(id, { do: 'read' })) as SessionRecord | null
  }

  async create(id: string, record: SessionRecord): Promise<boolean> {
    const indexedUntil = record.expiresAt + INDEX_SLACK_MS
    // Both at once: nobody has the session before both are there.
    const [created] = await Promise.all([
      this.#session(id, { do: 'create', record, indexedUntil }),
      record.owner === undefined ? null : this.#index(record.owner, { do: 'index', id, until: indexedUntil }),
    ])
    return created === true
  }

  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const removed = Object.keys(patch).filter((key) => patch[key] === undefined)
    const call = { do: 'update', set: patch, removed, times } as const
    const updated = await this.#session(id, call)
    if (typeof updated !== 'string') return updated === true
    // First the entry and then the session: what lives is in the index, whatever happens in between.
    const indexedUntil = times.expiresAt + INDEX_SLACK_MS
    await this.#index(updated, { do: 'index', id, until: indexedUntil })
    return (await this.#session(id, { ...call, indexedUntil })) === true
  }

  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    return (await this.#session(id, { do: 'supersede', by, expiresAt })) as SessionRecord | null
  }

  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const call: Told = { do: 'delete', ifEmpty: condition?.ifEmpty === true }
    const record = (await this.#session(id, call)) as SessionRecord | null
    // An entry that stays behind costs a look-up in a list of devices, and ends by itself.
    if (record?.owner !== undefined)
      await this.#index(record.owner, { do: 'unindex', ids: [id] }).catch(() => {})
    return record
  }

  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(ids.map((id) => this.read(id)))
    return owned(ids, records).filter(({ record }) => record.owner === owner)
  }

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
    if (!answer.ok) throw new Error('The Durable Object failed.')
    return answer.json()
  }
}

function owned(ids: readonly string[], records: readonly (SessionRecord | null)[]): RecordEntry[] {
  return ids.flatMap((id, i) => {
    const record = records[i]
    return record ? [{ id, record }] : []
  })
}
