import type {
  IndexedRecordStore,
  PrunableRecordStore,
  RecordEntry,
  RecordTimes,
  SessionMark,
  SessionPatch,
  SessionRecord,
} from 'latchkey'
import { refuseUnknown } from 'latchkey/adapter'
import { mysqlStatements } from './mysql-statements.ts'
import { postgresStatements } from './postgres-statements.ts'
import { entriesFrom, fromRow, removedKeys, toColumn, toParameters } from './record-row.ts'
import { type RunStatement, type SqlParameter, statementsOn } from './run-statement.ts'
import { DEFAULT_TABLE } from './schema.ts'
import { checkClient, quoted, type SqlClient, type SqlDialect } from './sql-client.ts'
import { sqliteStatements } from './sqlite-statements.ts'
import { type Change, PRUNE_BATCH, type Statements } from './statements.ts'

/** The options of `sqlRecords`. */
export interface SqlRecordOptions {
  /** The table's name, optionally with a schema: `auth.sessions`. Default `latchkey_sessions`. */
  readonly table?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const STATEMENTS: Readonly<Record<SqlDialect, (table: string) => Statements>> = {
  postgres: postgresStatements,
  mysql: mysqlStatements,
  sqlite: sqliteStatements,
}

/**
 * Keeps records in PostgreSQL, MySQL/MariaDB or SQLite: one row each, in the table that `schemaOf` and
 * `createSchema` describe.
 *
 * Each call is one statement, or a few where a dialect cannot express it in one; none needs a transaction.
 * The statement itself patches the data by key, so that parallel writers lose nothing. Expired rows count as
 * missing at once; call `prune()` from a scheduled job to delete them.
 *
 * Read from the primary: a replica that lags behind would show a session for a moment after its logout.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown or malformed
 * option.
 */
export function sqlRecords(client: SqlClient, options: SqlRecordOptions = {}): SqlRecords {
  const { table = DEFAULT_TABLE, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  checkClient('sqlRecords', client)
  return new SqlRecords(client, table, now)
}

/** The record store that `sqlRecords` returns. Its methods reject if the database fails. */
export class SqlRecords implements IndexedRecordStore, PrunableRecordStore {
  readonly #run: RunStatement
  readonly #statements: Statements
  readonly #clock: () => number

  constructor(client: SqlClient, table: string, clock: () => number) {
    this.#run = statementsOn(client)
    this.#statements = STATEMENTS[client.dialect](quoted(table, client.dialect))
    this.#clock = clock
  }

  /** Returns the record, or `null` if it is missing or expired. */
  async read(id: string): Promise<SessionRecord | null> {
    const { rows } = await this.#run(this.#statements.read, { id, now: this.#now() })
    return fromRow(rows[0])
  }

  /** Stores a new record. Returns `false`, and changes nothing, if a live record has this id. */
  async create(id: string, record: SessionRecord): Promise<boolean> {
    const parameters = { ...toParameters(id, record), now: this.#now() }
    if (await this.#insert(parameters)) return true
    const { makeRoom } = this.#statements
    if (makeRoom === undefined) return false
    const { affected } = await this.#run(makeRoom, parameters)
    return affected === 1 && this.#insert(parameters)
  }

  async #insert(parameters: Readonly<Record<string, SqlParameter>>): Promise<boolean> {
    try {
      return (await this.#run(this.#statements.insert, parameters)).affected === 1
    } catch (error) {
      // ER_DUP_ENTRY: MySQL has no other way to say that a row has this id.
      if ((error as { errno?: unknown }).errno === 1062) return false
      throw error
    }
  }

  /** Patches the data by key and sets the times. Returns `false` if the record is gone or marked. */
  async update(id: string, patch: SessionPatch, times: RecordTimes): Promise<boolean> {
    const { update, updateAndRemove, removed } = this.#statements
    const { renewedAt, expiresAt, keptUntil } = times
    const parameters = { id, now: this.#now(), set: toColumn(patch), renewedAt, expiresAt, keptUntil }
    const keys = removedKeys(patch)
    const { affected } = await (keys.length === 0
      ? this.#run(update, parameters)
      : this.#run(updateAndRemove, { ...parameters, removed: removed(keys) }))
    return affected === 1
  }

  /**
   * Marks the record, empties its data and returns it as it was before. Returns `null` if it is gone or was
   * marked already.
   */
  async supersede(id: string, mark: SessionMark, keptUntil: number): Promise<SessionRecord | null> {
    return this.#change(this.#statements.supersede, { id, mark: JSON.stringify(mark), keptUntil })
  }

  /** Removes the record and returns it, or `null`. With `ifEmpty`, only if it has neither data nor a mark. */
  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const { deleteIfEmpty, delete: deletion } = this.#statements
    return this.#change(condition?.ifEmpty ? deleteIfEmpty : deletion, { id })
  }

  async #change(
    { claim, fetch, finish }: Change,
    given: Readonly<Record<string, SqlParameter>>,
  ): Promise<SessionRecord | null> {
    const parameters = { ...given, now: this.#now() }
    const claimed = await this.#run(claim, parameters)
    if (fetch && claimed.affected !== 1) return null
    const { rows } = fetch ? await this.#run(fetch, parameters) : claimed
    if (finish && rows.length > 0) {
      try {
        await this.#run(finish, parameters)
      } catch {
        // The claim stands. The row is hidden, or marked, and goes when its time is over.
      }
    }
    return fromRow(rows[0])
  }

  /** Returns every live record of this owner, marked ones too. */
  async listByOwner(owner: string): Promise<RecordEntry[]> {
    return entriesFrom((await this.#run(this.#statements.listByOwner, { owner, now: this.#now() })).rows)
  }

  /** Removes every live record of this owner, marked ones too, and returns those that this call removed. */
  async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const { deleteByOwner } = this.#statements
    if (deleteByOwner !== undefined)
      return entriesFrom((await this.#run(deleteByOwner, { owner, now: this.#now() })).rows)
    const listed = await this.listByOwner(owner)
    const removed = await Promise.all(listed.map(async ({ id }) => ({ id, record: await this.delete(id) })))
    return removed.filter((one): one is RecordEntry => one.record !== null)
  }

  /**
   * Removes rows that are kept until `now` or earlier (epoch milliseconds; default: the clock), in batches.
   * Returns how many.
   */
  async prune(now: number = this.#now()): Promise<number> {
    let pruned = 0
    for (;;) {
      const { affected } = await this.#run(this.#statements.prune, { now, minusNow: -now })
      pruned += affected
      if (affected < PRUNE_BATCH) return pruned
      // A synchronous client, such as node:sqlite, would block everything else until the end.
      await new Promise((resolve) => setTimeout(resolve))
    }
  }

  #now(): number {
    return Math.floor(this.#clock())
  }
}
