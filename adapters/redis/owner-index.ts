import type { RecordEntry, SessionRecord } from 'latchkey'
import type { Commands } from './commands.ts'
import { INDEX_ADD, INDEX_LIST, INDEX_REMOVE } from './scripts.ts'

/**
 * How long an entry stays in its owner's index after its record is no longer kept: one day, in milliseconds. A
 * session that is renewed past that renews its entry, so a larger value means fewer writes and more stale
 * entries.
 */
const SLACK_MS = 86_400_000

/** The ids of each owner's records: a sorted set per owner, whose entries expire by themselves. */
export class OwnerIndex {
  readonly #commands: Commands
  readonly #prefix: string
  readonly #now: () => number

  constructor(commands: Commands, prefix: string, now: () => number) {
    this.#commands = commands
    this.#prefix = prefix
    this.#now = now
  }

  /** When the entry of a record expires that is kept until then. */
  expiryFor(keptUntil: number): number {
    return keptUntil + SLACK_MS
  }

  /** Adds an entry, or moves its expiry. */
  async add(owner: string, id: string, expiry: number): Promise<void> {
    await this.#commands.run(INDEX_ADD, this.#prefix + owner, [this.#now(), id, expiry])
  }

  /** The ids of the owner's entries. A record may be gone, or have another owner by now. */
  async idsOf(owner: string): Promise<string[]> {
    const ids = await this.#commands.run(INDEX_LIST, this.#prefix + owner, [this.#now()])
    return (ids as unknown[]).map(String)
  }

  /**
   * Removes entries. Best effort, and nothing to wait for: a stale one costs one look-up when the devices are
   * listed, and expires by itself.
   */
  remove(owner: string, ids: readonly string[]): void {
    if (ids.length === 0) return
    this.#commands.run(INDEX_REMOVE, this.#prefix + owner, [this.#now(), ...ids]).catch(() => {})
  }
}

/** Pairs ids with their records, without those that are gone. */
export function entriesOf(ids: readonly string[], records: readonly (SessionRecord | null)[]): RecordEntry[] {
  return ids.flatMap((id, i) => {
    const record = records[i]
    return record ? [{ id, record }] : []
  })
}
