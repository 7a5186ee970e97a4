import type { IndexedRecordStore, RecordEntry, RecordTimes, SessionPatch, SessionRecord } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { type Commands, commandsOf, type IoRedis, type NodeRedis } from './commands.ts'
import { fromHash, fromReply, toChanges, toFields } from './record-hash.ts'
import { CREATE, DELETE, INDEX_ADD, INDEX_LIST, INDEX_REMOVE, SUPERSEDE, UPDATE } from './scripts.ts'

/** The options of `redisRecords`. */
export interface RedisRecordOptions {
  /** The prefix of every key. Default `latchkey:`. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * How long an entry stays in its user's index after its session has expired: one day, in milliseconds. A
 * session that is renewed past that renews its entry, so a larger value means fewer writes and more stale
 * entries.
 */
const INDEX_SLACK_MS = 86_400_000

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
  const commands =
    commandsOf(client) ?? misconfigured('redisRecords() takes a client of node-redis or ioredis.')
  return new RedisRecords(commands, options)
}

/** The record store that `redisRecords` returns. Its methods reject if Redis fails. */
export class RedisRecords implements IndexedRecordStore {
  readonly #commands: Commands
  readonly #sessions: string
  readonly #owners: string
  readonly #now: () => number

  constructor(commands: Commands, { prefix = 'latchkey:', now = Date.now }: RedisRecordOptions) {
    this.#commands = commands
    this.#sessions = `${prefix}session:`
    this.#owners = `${prefix}owner:`
    this.#now = now
  }

  /**
   * The record, or `null` if it is missing or expired. Runs at every request, so it takes one promise step
   * only.
   */
  read(id: string): Promise<SessionRecord | null> {
    return this.#commands.hgetall(this.#sessions + id).then((hash) => {
      const record = fromHash(hash)
      return record && this.#now() < record.expiresAt ? record : null
    }, nothing)
  }

  /** Stores a new record. `false`, and nothing is changed, if a live record has this id. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    const until = record.expiresAt + INDEX_SLACK_MS
    const fields = toFields(record, record.owner === undefined ? 0 : until)
    // In parallel: the cookie is not sent before both have been written.
    const [created] = await Promise.all([
      this.#run(CREATE, id, this.#toLive(record.expiresAt), ...fields),
      record.owner === undefined ? undefined : this.#index(record.owner, id, until),
    ])
    return Number(created) === 1
  }

  /**
   * Patches the data key by key and moves the times. Never creates: `false` if the record is gone or
   * superseded.
   */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const [done, owner = ''] = await this.#update(id, patch, times, 0)
    if (String(owner) === '') return Number(done) === 1
    const until = times.expiresAt + INDEX_SLACK_MS
    const indexed = this.#index(String(owner), id, until)
    // Once a minute, not awaited: an index that was lost to an eviction or a failover is rebuilt by its
    // sessions.
    if (Number(done) === 1) {
      indexed.catch(() => {})
      return true
    }
    // The entry before the session: a live session is always in the index, even if this call fails half-way.
    await indexed
    const [again] = await this.#update(id, patch, times, until)
    return Number(again) === 1
  }

  async #update(
    id: string,
    patch: SessionPatch,
    times: RecordTimes,
    until: number,
  ): Promise<readonly unknown[]> {
    const { renewedAt, expiresAt } = times
    const changes = toChanges(patch)
    const answer = await this.#run(
      UPDATE,
      id,
      this.#toLive(expiresAt),
      expiresAt,
      renewedAt,
      until,
      ...changes,
    )
    return (answer as unknown[] | null) ?? [0]
  }

  /**
   * Marks the record as replaced by `by` until `expiresAt` and returns it; `null` if it is gone or was
   * superseded.
   */
  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    return fromReply(await this.#run(SUPERSEDE, id, this.#toLive(expiresAt), expiresAt, by))
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only a record without data is removed. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = fromReply(await this.#run(DELETE, id, condition ? 1 : 0, ''))
    // Not awaited: a stale entry costs one look-up when the devices are listed, and expires by itself.
    if (record?.owner !== undefined) this.#unindex(record.owner, [id])
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
    const records = await Promise.all(ids.map(async (id) => fromReply(await this.#run(DELETE, id, 0, owner))))
    if (ids.length > 0) this.#unindex(owner, ids)
    return owned(ids, records)
  }

  async #idsOf(owner: string): Promise<string[]> {
    return ((await this.#commands.run(INDEX_LIST, this.#owners + owner, [this.#now()])) as unknown[]).map(
      String,
    )
  }

  #run(script: Parameters<Commands['run']>[0], id: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#commands.run(script, this.#sessions + id, [this.#now(), ...args]).catch(nothing)
  }

  async #index(owner: string, id: string, until: number): Promise<void> {
    await this.#commands.run(INDEX_ADD, this.#owners + owner, [this.#now(), id, until])
  }

  #unindex(owner: string, ids: readonly string[]): void {
    this.#commands.run(INDEX_REMOVE, this.#owners + owner, [this.#now(), ...ids]).catch(() => {})
  }

  /** The time to live in milliseconds: a duration, so that the server's clock need not agree with ours. */
  #toLive(expiresAt: number): number {
    return Math.min(1e12, Math.max(1, Math.ceil(expiresAt - this.#now())))
  }
}

function owned(ids: readonly string[], records: readonly (SessionRecord | null)[]): RecordEntry[] {
  return ids.flatMap((id, i) => {
    const record = records[i]
    return record ? [{ id, record }] : []
  })
}

/** A value of another Redis type under our key counts as missing, like a malformed record. */
function nothing(error: unknown): null {
  if ((error as Error | undefined)?.message?.includes('WRONGTYPE')) return null
  throw error
}
