import type {
  IndexedRecordStore,
  RecordEntry,
  RecordTimes,
  SessionMark,
  SessionPatch,
  SessionRecord,
} from 'latchkey'
import { refuseUnknown } from 'latchkey/adapter'
import { type Commands, commandsOf, type IoRedis, type NodeRedis, type Script } from './commands.ts'
import { entriesOf, OwnerIndex } from './owner-index.ts'
import { fromHash, fromReply, toChanges, toFields } from './record-hash.ts'
import { CREATE, DELETE, SUPERSEDE, UPDATE } from './scripts.ts'

/** The options of `redisRecords`. */
export interface RedisRecordOptions {
  /** The prefix of every key. Default `latchkey:`. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Keeps records in Redis or Valkey, 6 or later, alone or as a cluster, through node-redis or ioredis.
 *
 * A session is one hash with a field per changed key, so that parallel writers lose nothing. The server
 * expires it. Reading is one `HGETALL`; each change is one short script on that one key. The index of a user
 * is a sorted set of its own, whose entries expire by themselves.
 *
 * Listen to the client's `error` event, or a lost connection ends the process. Read from the primary: a
 * replica that lags behind would show a session for a moment after its logout.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown option.
 */
export function redisRecords(client: NodeRedis | IoRedis, options: RedisRecordOptions = {}): RedisRecords {
  const { prefix: _, now: __, ...unknown } = options
  refuseUnknown(unknown)
  return new RedisRecords(commandsOf('redisRecords', client), options)
}

/** The record store that `redisRecords` returns. Its methods reject if Redis fails. */
export class RedisRecords implements IndexedRecordStore {
  readonly #commands: Commands
  readonly #sessions: string
  readonly #owners: OwnerIndex
  readonly #now: () => number

  constructor(commands: Commands, { prefix = 'latchkey:', now = Date.now }: RedisRecordOptions) {
    this.#commands = commands
    this.#sessions = `${prefix}session:`
    this.#owners = new OwnerIndex(commands, `${prefix}owner:`, now)
    this.#now = now
  }

  /**
   * Returns the record, or `null` if it is missing or expired. Runs at every request, so it takes one promise
   * step only.
   */
  read(id: string): Promise<SessionRecord | null> {
    return this.#commands.hgetall(this.#sessions + id).then((hash) => {
      const record = fromHash(hash)
      return record && this.#now() < record.keptUntil ? record : null
    }, nothing)
  }

  /** Stores a new record. Returns `false`, and changes nothing, if a live record has this id. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    const { owner, keptUntil } = record
    const expiry = owner === undefined ? 0 : this.#owners.expiryFor(keptUntil)
    // In parallel: the cookie is not sent before both have been written.
    const [created] = await Promise.all([
      this.#run(CREATE, id, this.#toLive(keptUntil), ...toFields(record, expiry)),
      owner === undefined ? undefined : this.#owners.add(owner, id, expiry),
    ])
    return Number(created) === 1
  }

  /**
   * Patches the data by key and sets the times. Never creates: returns `false` if the record is gone or
   * marked.
   */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const { renewedAt, expiresAt, keptUntil } = times
    const ask = async (indexedUntil: number): Promise<readonly unknown[]> => {
      const rest = [indexedUntil, expiresAt, renewedAt, ...toChanges(patch)]
      const answer = await this.#run(UPDATE, id, this.#toLive(keptUntil), keptUntil, ...rest)
      return (answer as unknown[] | null) ?? [0]
    }
    const [done, owner = ''] = await ask(0)
    if (String(owner) === '') return Number(done) === 1
    const expiry = this.#owners.expiryFor(keptUntil)
    const indexed = this.#owners.add(String(owner), id, expiry)
    // Once a minute, not awaited: an index that was lost to an eviction or a failover is rebuilt by its
    // sessions.
    if (Number(done) === 1) {
      indexed.catch(() => {})
      return true
    }
    // The entry before the session: a live session is always in the index, even if this call fails half-way.
    await indexed
    const [again] = await ask(expiry)
    return Number(again) === 1
  }

  /**
   * Marks the record, empties its data and returns it as it was before. Returns `null` if it is gone or was
   * marked already.
   */
  async supersede(id: string, mark: SessionMark, keptUntil: number): Promise<SessionRecord | null> {
    const ask = (indexedUntil: number): Promise<unknown> =>
      this.#run(SUPERSEDE, id, this.#toLive(keptUntil), keptUntil, indexedUntil, JSON.stringify(mark))
    const first = await ask(0)
    if (!Array.isArray(first) || first.length !== 1) return fromReply(first)
    // As in `update`: the entry before the session.
    const expiry = this.#owners.expiryFor(keptUntil)
    await this.#owners.add(String(first[0]), id, expiry)
    return fromReply(await ask(expiry))
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only if it has neither data nor a mark. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = fromReply(await this.#run(DELETE, id, condition?.ifEmpty ? 1 : 0, ''))
    if (record?.owner !== undefined) this.#owners.remove(record.owner, [id])
    return record
  }

  /** Returns every live record of this owner, marked ones too, in no particular order. */
  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#owners.idsOf(owner)
    const records = await Promise.all(ids.map((id) => this.read(id)))
    return entriesOf(ids, records).filter(({ record }) => record.owner === owner)
  }

  /** Removes every live record of this owner, marked ones too, and returns those that this call removed. */
  async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#owners.idsOf(owner)
    const records = await Promise.all(ids.map(async (id) => fromReply(await this.#run(DELETE, id, 0, owner))))
    this.#owners.remove(owner, ids)
    return entriesOf(ids, records)
  }

  #run(script: Script, id: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#commands.run(script, this.#sessions + id, [this.#now(), ...args]).catch(nothing)
  }

  /** The time to live in milliseconds: a duration, so that the server's clock need not agree with ours. */
  #toLive(keptUntil: number): number {
    return Math.min(1e12, Math.max(1, Math.ceil(keptUntil - this.#now())))
  }
}

/** A value of another Redis type under our key counts as missing, like a malformed record. */
function nothing(error: unknown): null {
  if ((error as Error | undefined)?.message?.includes('WRONGTYPE')) return null
  throw error
}
