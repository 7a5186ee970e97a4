import type { IndexedRecordStore, RecordEntry, RecordTimes, SessionPatch, SessionRecord } from 'latchkey'
import { misconfigured, refuseUnknown } from 'latchkey/adapter'
import { type Commands, commandsOf, type IoRedis, type NodeRedis } from './commands.ts'
import { fromHash, fromReply, toChanges, toFields } from './record-hash.ts'
import { CREATE, DELETE, INDEX_ADD, INDEX_LIST, INDEX_REMOVE, SUPERSEDE, UPDATE } from './scripts.ts'

export interface RedisRecordOptions {
  /** What all keys begin with. Default `latchkey:`. */
  readonly prefix?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * For how long an entry stays in a user's index beyond the end of its session. A session that is renewed past that
 * renews its entry, so a larger value means fewer writes and more dead entries.
 */
const INDEX_SLACK_MS = 86_400_000

/**
 * Records in Redis or Valkey, 6 or later, alone or as a cluster, through node-redis or ioredis.
 *
 * A session is one hash with a field per key that was changed, so that parallel writers lose nothing, and with its end
 * as expiry on the server. Reading is one `HGETALL`; each change is one short script on that one key. An index by user is a sorted
 * set of its own, whose entries end by themselves.
 *
 * Listen to the client's `error` event, or a lost connection ends the process. Read from the primary: a replica that lags behind would show a session for a moment after its logout.
 */
export function redisRecords(client: NodeRedis | IoRedis, options: RedisRecordOptions = {}): RedisRecords {
  const { prefix: _, now: __, ...unknown } = options
  refuseUnknown(unknown)
  const commands =
    commandsOf(client) ?? misconfigured('redisRecords() takes a client of node-redis or ioredis.')
  return new RedisRecords(commands, options)
}

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

  /** Asked at every request: one step from the client's answer to ours. */
  read(id: string): Promise<SessionRecord | null> {
    return this.#commands.hgetall(this.#sessions + id).then((hash) => {
      const record = fromHash(hash)
      return record && this.#now() < record.expiresAt ? record : null
    }, nothing)
  }

  async create(id: string, record: SessionRecord): Promise<boolean> {
    const until = record.expiresAt + INDEX_SLACK_MS
    const fields = toFields(record, record.owner === undefined ? 0 : until)
    // Both at once: nobody has the session before both are there.
    const [created] = await Promise.all([
      this.#run(CREATE, id, this.#toLive(record.expiresAt), ...fields),
      record.owner === undefined ? undefined : this.#index(record.owner, id, until),
    ])
    return Number(created) === 1
  }

  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const [done, owner = ''] = await this.#update(id, patch, times, 0)
    if (String(owner) === '') return Number(done) === 1
    const until = times.expiresAt + INDEX_SLACK_MS
    const indexed = this.#index(String(owner), id, until)
    // Now and then, not waited for: an index that an eviction or a failover has lost comes back with its sessions.
    if (Number(done) === 1) {
      indexed.catch(() => {})
      return true
    }
    // First the entry and then the session: what lives is in the index, whatever happens in between.
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

  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    return fromReply(await this.#run(SUPERSEDE, id, this.#toLive(expiresAt), expiresAt, by))
  }

  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const record = fromReply(await this.#run(DELETE, id, condition ? 1 : 0, ''))
    // Not waited for: an entry that stays behind costs a look-up in a list of devices, and ends by itself.
    if (record?.owner !== undefined) this.#unindex(record.owner, [id])
    return record
  }

  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = await this.#idsOf(owner)
    const records = await Promise.all(ids.map((id) => this.read(id)))
    return owned(ids, records).filter(({ record }) => record.owner === owner)
  }

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

  /** As a span, so that the server's clock need not agree with ours. */
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

/** Something else that lies under our key is no record: missing, like every malformed one. */
function nothing(error: unknown): null {
  if ((error as Error | undefined)?.message?.includes('WRONGTYPE')) return null
  throw error
}
