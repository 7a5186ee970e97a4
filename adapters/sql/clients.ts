import type { MaybePromise } from 'latchkey'
import { misconfigured } from 'latchkey/adapter'
import { fromSource } from './per-statement.ts'
import { brokenTable, type SqlClient, type SqlDialect, type SqlResult, type SqlValue } from './sql-client.ts'

/*
 * Adapters for common clients, typed by the subset that we call: none is a dependency. Each takes what the
 * client's own documentation creates: a pool, a connection, a database.
 */

type Row = Record<string, unknown>

const rowsIn = (statement: string): boolean => /^SELECT\b|\bRETURNING\b/.test(statement)

/** The subset of a `Pool` or `Client` of `pg` that we call. */
export interface PgLike {
  /** Runs a statement with `$1`, `$2`, … and resolves to its rows and their count. */
  query(
    statement: string,
    parameters: SqlValue[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount?: number | null }>
}

/** The subset of a `Client` of `pg` that we call where it serves one statement. */
export interface PgClientLike extends PgLike {
  /** Connects. */
  connect(): Promise<unknown>
  /** Closes the connection. */
  end(): Promise<unknown>
  /** Listens to a connection that is lost, which otherwise ends the process. */
  on(event: 'error', listener: () => void): unknown
}

/**
 * PostgreSQL by `pg` (node-postgres): a `Pool`. Listen to its `error` event, or a lost connection ends the
 * process.
 *
 * Or a function that makes a `Client`: it is called for each statement, and the client is closed after it. Workers need
 * that, where a connection belongs to the request that opened it:
 *
 *     pg(() => new Client({ connectionString: HYPERDRIVE.connectionString }))
 *
 * @throws LatchkeyError `invalid_configuration` for a pool or a connected client in Workers.
 */
export function pg(source: PgLike | (() => PgClientLike)): SqlClient {
  const withClient = fromSource<PgLike, PgClientLike>('pg', source, async (client) => {
    // A pool would hand out connections that are never released.
    if ('totalCount' in client) misconfigured('pg(() => …) takes a Client for each statement, not a Pool.')
    client.on('error', () => {})
    await client.connect()
  })
  return {
    dialect: 'postgres',
    run: (statement, parameters): Promise<SqlResult> =>
      withClient(async (client) => {
        const { rows, rowCount } = await client.query(statement, [...parameters])
        if (Array.isArray(rows)) return { rows, affected: rowCount ?? 0 }
        throw brokenTable(
          'pg() takes a client that answers `{ rows, rowCount }`, as neon() does with `fullResults: true`.',
        )
      }),
  }
}

/** The subset of the `sql` function of `postgres` that we call. */
export interface PostgresJsLike {
  /** Runs a statement given as text, and resolves to its rows and their count. */
  unsafe(
    statement: string,
    parameters: SqlValue[],
    options: { prepare: boolean },
  ): PromiseLike<readonly Row[] & { readonly count: number | null }>
}

/** The same with what closes it. */
export interface PostgresJsClientLike extends PostgresJsLike {
  /** Closes its connections. */
  end(): Promise<unknown>
}

/**
 * PostgreSQL by `postgres` (postgres.js). Statements are prepared; pass `prepare: false` behind an old
 * PgBouncer.
 *
 * Or a function that makes it: it is called for each statement, and what it made is closed after it. Workers need that, as
 * for `pg`:
 *
 *     postgresJs(() => postgres(HYPERDRIVE.connectionString, { max: 1, fetch_types: false }))
 *
 * @throws LatchkeyError `invalid_configuration` for a `sql` that is made once, in Workers.
 */
export function postgresJs(
  source: PostgresJsLike | (() => PostgresJsClientLike),
  { prepare = true }: { readonly prepare?: boolean } = {},
): SqlClient {
  const withClient = fromSource<PostgresJsLike, PostgresJsClientLike>('postgresJs', source)
  return {
    dialect: 'postgres',
    run: (statement, parameters): Promise<SqlResult> =>
      withClient(async (sql) => {
        const rows = await sql.unsafe(statement, [...parameters], { prepare })
        return { rows, affected: rows.count ?? 0 }
      }),
  }
}

/** The subset of a `PGlite` database that we call. */
export interface PgliteLike {
  /** Runs a statement with `$1`, `$2`, … and resolves to its rows and the number of affected rows. */
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

/** The subset of a pool or connection of `mysql2/promise` that we call. */
export interface Mysql2Like {
  /**
   * Runs a prepared statement with `?`, and resolves to its rows, or to a header with the number of affected
   * rows.
   */
  execute(statement: string, parameters: SqlValue[]): Promise<[unknown, unknown]>
}

/** The same with what closes it. */
export interface Mysql2ConnectionLike extends Mysql2Like {
  /** Closes the connection. */
  end(): Promise<unknown>
}

/**
 * MySQL and MariaDB by `mysql2/promise`: a pool. Its default flags (`FOUND_ROWS`) must stay.
 *
 * Or a function that makes a connection for each statement, as Workers need it; see `pg`.
 *
 * @throws LatchkeyError `invalid_configuration` for a pool or a connection that is made once, in Workers.
 */
export function mysql2(source: Mysql2Like | (() => MaybePromise<Mysql2ConnectionLike>)): SqlClient {
  const withClient = fromSource<Mysql2Like, Mysql2ConnectionLike>('mysql2', source)
  return {
    dialect: 'mysql',
    run: (statement, parameters): Promise<SqlResult> =>
      withClient(async (connection) => {
        const [answer] = await connection.execute(statement, [...parameters])
        if (Array.isArray(answer)) return { rows: answer as Row[], affected: 0 }
        return { rows: [], affected: (answer as { affectedRows: number }).affectedRows }
      }),
  }
}

/** The subset of a client of `@libsql/client` that we call. */
export interface LibsqlLike {
  /** Runs a statement with `?`, and resolves to its rows and the number of affected rows. */
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

/** The subset of a database of `node:sqlite`, `bun:sqlite` or better-sqlite3 that we call. */
export interface SqliteLike {
  /** Prepares a statement: `all` returns its rows, `run` the number of changed rows. */
  prepare(statement: string): {
    all(...parameters: SqlValue[]): unknown[]
    run(...parameters: SqlValue[]): { readonly changes: number | bigint }
  }
}

/** SQLite in the process: `node:sqlite`, `bun:sqlite` or better-sqlite3. It runs synchronously. */
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

/** The subset of a D1 database (the binding) that we call. */
export interface D1Like {
  /**
   * Prepares a statement, which is bound to its parameters and resolves to its rows and the number of changed
   * rows.
   */
  prepare(statement: string): {
    bind(...parameters: SqlValue[]): {
      all(): Promise<{ readonly results: unknown[]; readonly meta: { readonly changes?: number } }>
    }
  }
}

/** SQLite by Cloudflare D1: pass the binding. */
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

/** The subset of a `Kysely` instance that we call. */
export interface KyselyLike {
  /** Runs a compiled query, and resolves to its rows and the number of affected rows. */
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

/** Any of the three dialects by a `Kysely` instance, which does not reveal its dialect: name it. */
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
