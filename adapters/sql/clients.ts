import type { SqlClient, SqlDialect, SqlResult, SqlValue } from './sql-client.ts'

/*
 * The clients that people use, typed by what is used of them: none is a dependency. Each takes what the client's own
 * documentation makes: a pool, a connection, a database.
 */

type Row = Record<string, unknown>

const rowsIn = (statement: string): boolean => /^SELECT\b|\bRETURNING\b/.test(statement)

export interface PgLike {
  query(
    statement: string,
    parameters: SqlValue[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount?: number | null }>
}

/** PostgreSQL by `pg` (node-postgres): a `Pool`. Listen to its `error` event, or a lost connection ends the process. */
export function pg(pool: PgLike): SqlClient {
  return {
    dialect: 'postgres',
    run: async (statement, parameters): Promise<SqlResult> => {
      const { rows, rowCount } = await pool.query(statement, [...parameters])
      return { rows, affected: rowCount ?? 0 }
    },
  }
}

export interface PostgresJsLike {
  unsafe(
    statement: string,
    parameters: SqlValue[],
    options: { prepare: boolean },
  ): PromiseLike<readonly Row[] & { readonly count: number | null }>
}

/** PostgreSQL by `postgres` (postgres.js). Statements are prepared; pass `prepare: false` behind an old PgBouncer. */
export function postgresJs(
  sql: PostgresJsLike,
  { prepare = true }: { readonly prepare?: boolean } = {},
): SqlClient {
  return {
    dialect: 'postgres',
    run: async (statement, parameters): Promise<SqlResult> => {
      const rows = await sql.unsafe(statement, [...parameters], { prepare })
      return { rows, affected: rows.count ?? 0 }
    },
  }
}

export interface PgliteLike {
  query(statement: string, parameters: SqlValue[]): Promise<{ rows: unknown[]; affectedRows?: number }>
}

/** PostgreSQL in WebAssembly by `@electric-sql/pglite`. */
export function pglite(database: PgliteLike): SqlClient {
  return {
    dialect: 'postgres',
    run: async (statement, parameters): Promise<SqlResult> => {
      const { rows, affectedRows = 0 } = await database.query(statement, [...parameters])
      return { rows: rows as Row[], affected: affectedRows }
    },
  }
}

export interface Mysql2Like {
  execute(statement: string, parameters: SqlValue[]): Promise<[unknown, unknown]>
}

/** MySQL and MariaDB by `mysql2/promise`: a pool. Its default flags (`FOUND_ROWS`) must stay. */
export function mysql2(pool: Mysql2Like): SqlClient {
  return {
    dialect: 'mysql',
    run: async (statement, parameters): Promise<SqlResult> => {
      const [answer] = await pool.execute(statement, [...parameters])
      if (Array.isArray(answer)) return { rows: answer as Row[], affected: 0 }
      return { rows: [], affected: (answer as { affectedRows: number }).affectedRows }
    },
  }
}

export interface LibsqlLike {
  execute(statement: { sql: string; args: SqlValue[] }): Promise<{
    readonly rows: readonly unknown[]
    readonly rowsAffected: number
  }>
}

/** SQLite by `@libsql/client`: a file, or Turso. Several processes on one file need its `timeout` option. */
export function libsql(client: LibsqlLike): SqlClient {
  return {
    dialect: 'sqlite',
    run: async (sql, parameters): Promise<SqlResult> => {
      const { rows, rowsAffected } = await client.execute({ sql, args: [...parameters] })
      return { rows: rows as readonly Row[], affected: rowsAffected }
    },
  }
}

export interface SqliteLike {
  prepare(statement: string): {
    all(...parameters: SqlValue[]): unknown[]
    run(...parameters: SqlValue[]): { readonly changes: number | bigint }
  }
}

/** SQLite in the process: `node:sqlite`, `bun:sqlite` and better-sqlite3 alike. Answers without a promise. */
export function sqlite(database: SqliteLike): SqlClient {
  const prepared = new Map<string, ReturnType<SqliteLike['prepare']>>()
  return {
    dialect: 'sqlite',
    run: (sql, parameters): SqlResult => {
      const statement = prepared.get(sql) ?? database.prepare(sql)
      prepared.set(sql, statement)
      if (!rowsIn(sql)) return { rows: [], affected: Number(statement.run(...parameters).changes) }
      const rows = statement.all(...parameters) as Row[]
      return { rows, affected: rows.length }
    },
  }
}

export interface D1Like {
  prepare(statement: string): {
    bind(...parameters: SqlValue[]): {
      all(): Promise<{ readonly results: unknown[]; readonly meta: { readonly changes?: number } }>
    }
  }
}

/** SQLite by Cloudflare D1: the binding. */
export function d1(database: D1Like): SqlClient {
  return {
    dialect: 'sqlite',
    run: async (sql, parameters): Promise<SqlResult> => {
      const { results, meta } = await database
        .prepare(sql)
        .bind(...parameters)
        .all()
      return { rows: results as Row[], affected: meta.changes ?? 0 }
    },
  }
}

export interface KyselyLike {
  executeQuery(query: {
    readonly sql: string
    readonly parameters: readonly unknown[]
    readonly query: {
      readonly kind: 'RawNode'
      readonly sqlFragments: readonly string[]
      readonly parameters: readonly []
    }
    readonly queryId: { readonly queryId: string }
  }): Promise<{ readonly rows: unknown[]; readonly numAffectedRows?: bigint }>
}

/** Any of the three by a Kysely instance, which must be told apart by hand. */
export function kysely(database: KyselyLike, dialect: SqlDialect): SqlClient {
  return {
    dialect,
    run: async (sql, parameters): Promise<SqlResult> => {
      const { rows, numAffectedRows = 0n } = await database.executeQuery({
        sql,
        parameters,
        query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
        queryId: { queryId: 'latchkey' },
      })
      return { rows: rows as Row[], affected: Number(numAffectedRows) }
    },
  }
}
