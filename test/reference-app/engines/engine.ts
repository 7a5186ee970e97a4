import type { EventualRecordStore, IndexedRecordStore, Limiter, SessionRecord } from 'latchkey'

/** What a test writes over an entry: a record, or anything else. */
export interface Overwrite {
  readonly record?: SessionRecord
  readonly raw?: unknown
}

/** An engine under the reference app: a record store, and what only a test may do with it. */
export interface Engine {
  readonly records: IndexedRecordStore | EventualRecordStore
  /** The limiter over this engine; missing where that is the one in memory. */
  readonly limiter?: Limiter
  /** What the engine keeps under these keys, or under any key where it can be listed. */
  entries(): Promise<{ key: string; record: unknown }[]>
  overwrite(key: string, entry: Overwrite): Promise<void>
  /** Empties it. */
  clear(): Promise<void>
  /** Collects what has expired; `undefined` where the engine does so alone. */
  prune?(): number | Promise<number>
  /** @param isLast Whether to remove what it keeps. Default: unless it is shared. */
  close(isLast?: boolean): Promise<void>
}

/** A name for what this process keeps, and the clock that the library reads. */
export interface EngineInit {
  readonly name: string
  /** `true`: other processes keep theirs under the same name, so it is not emptied when this one ends. */
  readonly isShared: boolean
  /** `true`: it is emptied when it is opened. */
  readonly isFresh: boolean
  readonly now: () => number
}

export type OpenEngine = (init: EngineInit) => Promise<Engine>
