import type { Limiter, Limits, Reservation, Settlement } from 'latchkey'
import { type Count, countAt, MAX_SOURCES, PENDING_MS, refusalBy, refuseUnknown } from 'latchkey/adapter'
import { DEFAULT_LIMITER_TABLE } from './limiter-schema.ts'
import { type LimiterStatements, limiterStatements, TOTAL } from './limiter-statements.ts'
import { type RunStatement, type SqlParameter, statementsOn } from './run-statement.ts'
import { checkClient, quoted, requireColumns, type SqlClient } from './sql-client.ts'
import { PRUNE_BATCH } from './statements.ts'

/** The options of `sqlLimiter`. */
export interface SqlLimiterOptions {
  /** The table's name, optionally with a schema: `auth.attempts`. Default `latchkey_attempts`. */
  readonly table?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Counts failed attempts in PostgreSQL, MySQL/MariaDB or SQLite, for all processes: a row for each source of a key and
 * one in all, in the table that `limiterSchemaOf` and `createLimiterSchema` describe. Each row takes one statement (two
 * or three in MySQL, where it is new); none needs a transaction. Call `prune()` from a scheduled job to delete rows that
 * are over.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown or malformed option.
 */
export function sqlLimiter(client: SqlClient, options: SqlLimiterOptions = {}): SqlLimiter {
  const { table = DEFAULT_LIMITER_TABLE, now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  checkClient('sqlLimiter', client)
  return new SqlLimiter(client, table, now)
}

type Parameters = Readonly<Record<string, SqlParameter>>

/** How a row answered a reservation. `full`: there is no such row, and no room for it. */
type RowAnswer = 'admitted' | 'refused' | 'full'

/** The limiter that `sqlLimiter` returns. Its methods reject if the database fails. */
export class SqlLimiter implements Limiter {
  readonly #run: RunStatement
  readonly #statements: LimiterStatements
  readonly #clock: () => number

  constructor(client: SqlClient, table: string, clock: () => number) {
    this.#run = statementsOn(client)
    this.#statements = limiterStatements(client.dialect, quoted(table, client.dialect))
    this.#clock = clock
  }

  /** Admits an attempt of this source on this key, or says how long to wait. */
  async reserve(key: string, source: string, limits: Limits): Promise<Reservation> {
    const { perSource, total, windowSeconds } = limits
    const window = { ...this.#at(key, `.${source}`), maxSources: MAX_SOURCES }
    const parameters = { ...window, endsAt: window.now + Math.ceil(windowSeconds * 1000) }
    const own = await this.#reserveRow({ ...parameters, limit: perSource })
    if (own === 'refused') return this.#refusal(parameters, limits)
    if (total === undefined) return { waitSeconds: own === 'full' ? windowSeconds : 0 }
    const all = await this.#reserveRow({ ...parameters, source: TOTAL, limit: total })
    if (all === 'admitted') return { waitSeconds: 0 }
    if (own === 'admitted') await this.#settleRow(parameters, 'nothing')
    return this.#refusal(parameters, limits)
  }

  async #reserveRow(parameters: Parameters): Promise<RowAnswer> {
    if (await this.#adds(parameters)) return 'admitted'
    const { count, insert } = this.#statements
    const [row = {}] = (await this.#run(count, parameters)).rows
    requireColumns(row, ['own', 'sources'])
    const isThere = Number(row.own) > 0
    // In MySQL, another attempt may have inserted it since.
    if (isThere) return insert && (await this.#adds(parameters)) ? 'admitted' : 'refused'
    if (parameters.source !== TOTAL && Number(row.sources) >= MAX_SOURCES) return 'full'
    // Forgotten since: worth asking again.
    if (!insert) return 'refused'
    try {
      await this.#run(insert, parameters)
      return 'admitted'
    } catch (error) {
      // ER_DUP_ENTRY: the same, a moment later.
      if ((error as { errno?: unknown }).errno !== 1062) throw error
      return (await this.#adds(parameters)) ? 'admitted' : 'refused'
    }
  }

  /** Whether one more attempt fits into this row. */
  async #adds(parameters: Parameters): Promise<boolean> {
    return (await this.#run(this.#statements.reserve, parameters)).affected === 1
  }

  /** Why an attempt was refused, as it looks now. If nothing stands against it any more: worth asking again. */
  async #refusal(parameters: Parameters, limits: Limits): Promise<Reservation> {
    const { perSource, total, windowSeconds } = limits
    const now = Number(parameters.now)
    const { rows } = await this.#run(this.#statements.read, parameters)
    const standing = rows.map((row) => {
      requireColumns(row, ['source', 'failed', 'pending', 'begun', 'ends'])
      const limit = row.source === TOTAL ? (total ?? Number.POSITIVE_INFINITY) : perSource
      return [countAt(countFrom(row), now), limit] as const
    })
    return refusalBy(standing, windowSeconds, now) ?? { waitSeconds: 1, pending: true }
  }

  /** Says how an admitted attempt ended. `limits` are those that it was reserved with. */
  async settle(key: string, source: string, as: Settlement, { total }: Limits): Promise<void> {
    await Promise.all([
      this.#settleRow(this.#at(key, `.${source}`), as),
      total === undefined
        ? undefined
        : this.#settleRow(this.#at(key, TOTAL), as === 'success' ? 'nothing' : as),
    ])
  }

  async #settleRow(row: Parameters, as: Settlement): Promise<void> {
    const parameters = { ...row, keeps: as === 'success' ? 0 : 1, failures: as === 'failure' ? 1 : 0 }
    await this.#run(this.#statements.settle, parameters)
  }

  /** Forgets everything about this key. */
  async forget(key: string): Promise<void> {
    await this.#run(this.#statements.forget, { id: key })
  }

  /** Removes rows that are over by `now` (epoch milliseconds; default: the clock), in batches. Returns how many. */
  async prune(now: number = this.#now()): Promise<number> {
    let pruned = 0
    for (;;) {
      const { affected } = await this.#run(this.#statements.prune, { now })
      pruned += affected
      if (affected < PRUNE_BATCH) return pruned
      // A synchronous client, such as node:sqlite, would block everything else until the end.
      await new Promise((resolve) => setTimeout(resolve))
    }
  }

  #at(id: string, source: string) {
    const now = this.#now()
    return { id, source, now, lapsed: now - PENDING_MS }
  }

  #now(): number {
    return Math.floor(this.#clock())
  }
}

/** Databases give numbers as text, some of them. */
function countFrom(row: Readonly<Record<string, unknown>>): Count {
  return {
    failed: Number(row.failed),
    pending: Number(row.pending),
    begunAt: Number(row.begun),
    endsAt: Number(row.ends),
  }
}
