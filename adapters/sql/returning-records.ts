import type {
  IndexedRecordStore,
  MaybePromise,
  PrunableRecordStore,
  RecordEntry,
  RecordTimes,
  SessionPatch,
  SessionRecord,
} from 'latchkey'
import { COLUMNS, fromRow, toColumn, toSetAndRemoved } from './record-row.ts'
import { quoted, type SqlClient, type SqlDialect, type SqlResult, type SqlValue } from './sql-client.ts'

/** The number of rows that one batch of `prune` deletes: it holds locks for a few milliseconds. */
export const PRUNE_BATCH = 1000
/** How often a statement is tried in all when it loses a deadlock: databases ask clients to retry then. */
const ATTEMPTS = 8

/** The expressions that differ between the dialects. Data is passed as text. */
const JSON_SQL: Record<SqlDialect, JsonSql> = {
  postgres: {
    value: '?::text::jsonb',
    isEmpty: "data = '{}'::jsonb",
    patched: (removed) => [
      '(data - ARRAY(SELECT jsonb_array_elements_text(?::text::jsonb))) || ?::text::jsonb',
      [JSON.stringify(removed)],
    ],
  },
  // Not a merge patch with null: MariaDB 10.11 gets it wrong if one patch both removes and sets keys.
  mysql: {
    value: '?',
    isEmpty: 'JSON_LENGTH(data) = 0',
    patched: (removed) =>
      removed.length === 0
        ? ['JSON_MERGE_PATCH(data, ?)', []]
        : [`JSON_MERGE_PATCH(JSON_REMOVE(data${', ?'.repeat(removed.length)}), ?)`, removed.map(pathTo)],
  },
  sqlite: {
    value: '?',
    isEmpty: "data = '{}'",
    patched: (removed) => [
      'json_patch(json_patch(data, ?), ?)',
      [JSON.stringify(Object.fromEntries(removed.map((key) => [key, null])))],
    ],
  },
}

interface JsonSql {
  readonly value: string
  readonly isEmpty: string
  /**
   * An expression for the data with keys removed and others set, and its parameters except the last (what is
   * set).
   */
  patched(removed: readonly string[]): [expression: string, parameters: string[]]
}

const pathTo = (key: string): string => `$.${JSON.stringify(key)}`

/**
 * The statements that all dialects share, and those of PostgreSQL and SQLite, which can return what they
 * change.
 */
export class ReturningRecords implements IndexedRecordStore, PrunableRecordStore {
  protected readonly table: string
  protected readonly insertInto: string
  protected readonly isEmpty: string
  readonly #client: SqlClient
  readonly #now: () => number
  readonly #json: JsonSql

  constructor(client: SqlClient, table: string, now: () => number) {
    this.#json = JSON_SQL[client.dialect]
    this.#client = client
    this.#now = now
    this.isEmpty = this.#json.isEmpty
    this.table = quoted(table, client.dialect)
    this.insertInto = `(id, data, owner, created_at, renewed_at, expires_at, replaced_by)
VALUES (?, ${this.#json.value}, ?, ?, ?, ?, ?)`
  }

  async read(id: string): Promise<SessionRecord | null> {
    const { rows } = await this.run(`SELECT ${COLUMNS} FROM ${this.table} WHERE id = ? AND expires_at > ?`, [
      id,
      this.now(),
    ])
    return fromRow(rows[0])
  }

  async create(id: string, record: SessionRecord): Promise<boolean> {
    const { rows } = await this.run(
      `INSERT INTO ${this.table} AS kept ${this.insertInto}
ON CONFLICT (id) DO UPDATE SET data = excluded.data, owner = excluded.owner, created_at = excluded.created_at,
  renewed_at = excluded.renewed_at, expires_at = excluded.expires_at, replaced_by = excluded.replaced_by
WHERE kept.expires_at <= ? RETURNING id`,
      [...this.valuesOf(id, record), this.now()],
    )
    return rows.length === 1
  }

  async update(id: string, patch: SessionPatch, { renewedAt, expiresAt }: RecordTimes): Promise<boolean> {
    const [set, removed] = toSetAndRemoved(patch)
    const [patched, parameters] = this.#json.patched(removed)
    const { affected } = await this.run(
      `UPDATE ${this.table} SET data = ${patched}, renewed_at = ?, expires_at = ?
WHERE id = ? AND expires_at > ? AND replaced_by IS NULL`,
      [...parameters, set, renewedAt, expiresAt, id, this.now()],
    )
    return affected === 1
  }

  async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    const { rows } = await this.run(
      `UPDATE ${this.table} SET replaced_by = ?, expires_at = ?
WHERE id = ? AND expires_at > ? AND replaced_by IS NULL RETURNING ${COLUMNS}`,
      [by, expiresAt, id, this.now()],
    )
    return fromRow(rows[0])
  }

  async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const { rows } = await this.run(
      `DELETE FROM ${this.table} WHERE id = ? AND expires_at > ?${condition ? ` AND ${this.isEmpty}` : ''}
RETURNING ${COLUMNS}`,
      [id, this.now()],
    )
    return fromRow(rows[0])
  }

  async listByOwner(owner: string): Promise<RecordEntry[]> {
    const { rows } = await this.run(
      `SELECT id, ${COLUMNS} FROM ${this.table} WHERE owner = ? AND expires_at > ?`,
      [owner, this.now()],
    )
    return ownedFrom(rows)
  }

  async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const { rows } = await this.run(
      `DELETE FROM ${this.table} WHERE owner = ? AND expires_at > ? RETURNING id, ${COLUMNS}`,
      [owner, this.now()],
    )
    return ownedFrom(rows)
  }

  async prune(now: number = this.now()): Promise<number> {
    let pruned = 0
    for (;;) {
      const batch = await this.pruneBatch(now)
      pruned += batch
      if (batch < PRUNE_BATCH) return pruned
      // A synchronous client, such as node:sqlite, would block everything else until the end.
      await new Promise((resolve) => setTimeout(resolve))
    }
  }

  protected async pruneBatch(now: number): Promise<number> {
    // Two jobs that run at the same time share the work instead of waiting for each other.
    const skip = this.#client.dialect === 'postgres' ? ' FOR UPDATE SKIP LOCKED' : ''
    const { affected } = await this.run(
      `DELETE FROM ${this.table} WHERE id IN
(SELECT id FROM ${this.table} WHERE expires_at <= ? LIMIT ${PRUNE_BATCH}${skip})`,
      [now],
    )
    return affected
  }

  protected valuesOf(id: string, record: SessionRecord): SqlValue[] {
    const { data, owner = null, createdAt, renewedAt, expiresAt, replacedBy = null } = record
    return [id, toColumn(data), owner, createdAt, renewedAt, expiresAt, replacedBy]
  }

  protected now(): number {
    return Math.floor(this.#now())
  }

  protected run(statement: string, parameters: readonly SqlValue[]): MaybePromise<SqlResult> {
    const text = this.#client.dialect === 'postgres' ? numbered(statement) : statement
    const first = this.#client.run(text, parameters)
    return 'then' in first ? first.then(undefined, (error) => this.#again(error, text, parameters)) : first
  }

  async #again(cause: unknown, statement: string, parameters: readonly SqlValue[]): Promise<SqlResult> {
    let error = cause
    for (let attempt = 1; attempt < ATTEMPTS && isDeadlock(error); attempt++) {
      // A random pause, so that the statements do not collide again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt))
      try {
        return await this.#client.run(statement, parameters)
      } catch (next) {
        error = next
      }
    }
    throw error
  }
}

const texts = new Map<string, string>()

/** Rewrites `?` to `$1`, `$2`, …, as PostgreSQL requires. */
function numbered(statement: string): string {
  let text = texts.get(statement)
  if (text === undefined) {
    let n = 0
    text = statement.replaceAll('?', () => `$${++n}`)
    texts.set(statement, text)
  }
  return text
}

/** Whether the database rolled this statement back in favour of another one: 40001, 40P01; 1213 in MySQL. */
function isDeadlock(error: unknown): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown }
  return code === '40001' || code === '40P01' || errno === 1213
}

export function ownedFrom(rows: SqlResult['rows']): RecordEntry[] {
  return rows.flatMap((row) => {
    const record = fromRow(row)
    return record ? [{ id: String(row.id), record }] : []
  })
}
