import type { MaybePromise } from 'latchkey'
import type { SqlClient, SqlDialect, SqlResult, SqlValue } from './sql-client.ts'

/** The value of a named parameter. A list stands for several values with commas, in MySQL and SQLite. */
export type SqlParameter = SqlValue | readonly SqlValue[]

/** Runs a statement with named parameters, such as `:id`. Ignores parameters that it does not name. */
export type RunStatement = (
  statement: string,
  parameters: Readonly<Record<string, SqlParameter>>,
) => MaybePromise<SqlResult>

/** How often a statement is tried in all when it loses a deadlock: databases ask clients to retry then. */
const ATTEMPTS = 8

/** A named parameter, which PostgreSQL's `::type` is not. */
const PARAMETER = /(?<!:):(\w+)/g

/** Returns the function that runs statements on this client, and tries again after a deadlock. */
export function statementsOn(client: SqlClient): RunStatement {
  const known = new Map<string, Bound>()
  return (statement, parameters) => {
    const bound = known.get(statement) ?? boundTo(client.dialect, statement)
    known.set(statement, bound)
    const given = bound.names.map((name) => parameters[name] as SqlParameter)
    const isListed = given.some(Array.isArray)
    const text = isListed ? withLists(statement, given) : bound.text
    const values = (isListed ? given.flat() : given) as SqlValue[]
    const first = client.run(text, values)
    return 'then' in first ? first.then(undefined, (error) => again(client, error, text, values)) : first
  }
}

interface Bound {
  /** The statement with the dialect's placeholders. */
  readonly text: string
  /** The name of each value, in the order of the placeholders. */
  readonly names: readonly string[]
}

/** PostgreSQL numbers its parameters; the others take one value for each placeholder. */
function boundTo(dialect: SqlDialect, statement: string): Bound {
  const all = Array.from(statement.matchAll(PARAMETER), ([, name]) => name as string)
  if (dialect !== 'postgres') return { text: statement.replaceAll(PARAMETER, '?'), names: all }
  const names = [...new Set(all)]
  const text = statement.replaceAll(PARAMETER, (_, name: string) => `$${names.indexOf(name) + 1}`)
  return { text, names }
}

function withLists(statement: string, given: readonly SqlParameter[]): string {
  let next = 0
  return statement.replaceAll(PARAMETER, () => {
    const value = given[next++]
    return Array.isArray(value) ? value.map(() => '?').join(', ') : '?'
  })
}

async function again(
  client: SqlClient,
  cause: unknown,
  text: string,
  values: readonly SqlValue[],
): Promise<SqlResult> {
  let error = cause
  for (let attempt = 1; attempt < ATTEMPTS && isDeadlock(error); attempt++) {
    // A random pause, so that the statements do not collide again.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt))
    try {
      return await client.run(text, values)
    } catch (next) {
      error = next
    }
  }
  throw error
}

/** Whether the database rolled this statement back in favour of another one: 40001, 40P01; 1213 in MySQL. */
function isDeadlock(error: unknown): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown }
  return code === '40001' || code === '40P01' || errno === 1213
}
