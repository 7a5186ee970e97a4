import type { RecordTimes, SessionMark, SessionRecord } from 'latchkey'
import { answerLimit, COUNTS, type KeptCounts, type LimitCall } from './limit-calls.ts'
import type { DurableObjectStateLike } from './object-state.ts'

/**
 * A call to an object. `now` is the store's time: the object's own clock only decides when to collect. The
 * object of a session takes the first five calls, the index of an owner the others.
 */
export type ObjectCall = { readonly now: number } & (
  | { readonly do: 'read' }
  | { readonly do: 'create'; readonly record: SessionRecord; readonly indexedUntil: number }
  | {
      readonly do: 'update'
      readonly set: Readonly<Record<string, unknown>>
      readonly removed: readonly string[]
      readonly times: RecordTimes
      /** When its entry in the owner's index expires, if that has just been moved. */
      readonly indexedUntil?: number
    }
  | {
      readonly do: 'supersede'
      readonly mark: SessionMark
      readonly keptUntil: number
      /** As for `update`. */
      readonly indexedUntil?: number
    }
  | { readonly do: 'delete'; readonly ifEmpty: boolean; readonly owner?: string }
  | { readonly do: 'index'; readonly id: string; readonly until: number }
  | { readonly do: 'listIds' }
  | { readonly do: 'unindex'; readonly ids: readonly string[] }
)

interface Kept {
  readonly record: SessionRecord
  /** When its entry in the owner's index expires, by the store's clock. */
  readonly indexedUntil: number
  /** When to collect it, by this object's clock. */
  readonly collectAt: number
}

const KEPT = 'kept'
const ENTRY = 'id:'

/**
 * The Durable Object class behind `durableObjectRecords` and `durableObjectLimiter`: export it from your Worker and
 * bind it. An object is one session, one owner's index, or the counts of one key, depending on its name. It handles one call at a time while it
 * waits for its storage, so reading and writing back is atomic. An alarm empties it when its record is no
 * longer kept.
 */
export class SessionObject {
  readonly #storage: DurableObjectStateLike['storage']

  constructor(state: DurableObjectStateLike) {
    this.#storage = state.storage
  }

  /** Handles a call of ours, sent as JSON, and responds with the result as JSON. */
  async fetch(request: Request): Promise<Response> {
    return Response.json(await this.#answer((await request.json()) as ObjectCall | LimitCall))
  }

  /** Called by the runtime. Deletes what has expired, and sets the next alarm for what has not. */
  async alarm(): Promise<void> {
    const now = Date.now()
    const kept = (await this.#storage.get(KEPT)) as Kept | undefined
    const entries = (await this.#storage.list({ prefix: ENTRY })) as Map<string, number>
    const ended = [...entries].filter(([, collectAt]) => collectAt <= now).map(([key]) => key)
    const counts = (await this.#storage.get(COUNTS)) as KeptCounts | undefined
    const ends = [...entries.values(), kept?.collectAt ?? 0, counts?.collectAt ?? 0]
    const living = ends.filter((collectAt) => collectAt > now)
    if (living.length === 0) return this.#storage.deleteAll()
    await this.#drop(ended)
    await this.#storage.setAlarm(Math.min(...living))
  }

  /** Deletes keys in batches: one call takes at most 128. */
  async #drop(keys: string[]): Promise<void> {
    for (let i = 0; i < keys.length; i += 128) await this.#storage.delete(keys.slice(i, i + 128))
  }

  async #answer(call: ObjectCall | LimitCall): Promise<unknown> {
    switch (call.do) {
      case 'reserve':
      case 'settle':
      case 'forget':
        return answerLimit(this.#storage, (...kept) => this.#keep(...kept), call)
      case 'index':
        await this.#keep(ENTRY + call.id, Date.now() + call.until - call.now)
        return null
      case 'listIds':
        return [...(await this.#storage.list({ prefix: ENTRY })).keys()].map((key) => key.slice(ENTRY.length))
      case 'unindex':
        await this.#drop(call.ids.map((id) => ENTRY + id))
        return null
    }
    const kept = (await this.#storage.get(KEPT)) as Kept | undefined
    const record = kept && call.now < kept.record.keptUntil ? kept.record : null
    const indexedUntil = kept?.indexedUntil ?? 0
    switch (call.do) {
      case 'read':
        return record
      case 'create':
        if (record !== null) return false
        await this.#keepRecord(call.record, call.indexedUntil, call.now)
        return true
      case 'update': {
        if (record === null || record.mark !== undefined) return false
        const until = call.indexedUntil ?? indexedUntil
        // It would outlive its entry in the index: answers with the owner, so that the entry is moved first.
        if (record.owner !== undefined && call.times.keptUntil > until) return record.owner
        const data: Record<string, unknown> = { ...record.data, ...call.set }
        for (const key of call.removed) delete data[key]
        await this.#keepRecord({ ...record, ...call.times, data }, until, call.now)
        return true
      }
      case 'supersede': {
        if (record === null || record.mark !== undefined) return null
        const until = call.indexedUntil ?? indexedUntil
        // As for `update`.
        if (record.owner !== undefined && call.keptUntil > until) return record.owner
        const { mark, keptUntil } = call
        await this.#keepRecord({ ...record, data: {}, keptUntil, mark }, until, call.now)
        return record
      }
      case 'delete':
        if (record === null || (call.ifEmpty && !isBare(record))) return null
        if (call.owner !== undefined && call.owner !== record.owner) return null
        await this.#storage.deleteAlarm()
        await this.#storage.deleteAll()
        return record
    }
  }

  #keepRecord(record: SessionRecord, indexedUntil: number, now: number): Promise<void> {
    const collectAt = Date.now() + Math.max(0, record.keptUntil - now)
    return this.#keep(KEPT, { record, indexedUntil, collectAt } satisfies Kept, collectAt)
  }

  async #keep(key: string, value: unknown, collectAt: number = value as number): Promise<void> {
    await this.#storage.put(key, value)
    const alarm = await this.#storage.getAlarm()
    if (alarm === null || collectAt < alarm) await this.#storage.setAlarm(collectAt)
  }
}

/** Whether the record has neither data nor a mark. */
function isBare({ data, mark }: SessionRecord): boolean {
  return mark === undefined && Object.keys(data).length === 0
}
