import { createAuth, type RecordStore, storedSessions } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { pbkdf2 } from 'latchkey/password'
import { pg, postgresJs, type SqlClient, sqlLimiter, sqlRecords, sqlUsers } from 'latchkey/sql'
import { Client, Pool } from 'pg'
import postgres from 'postgres'

export interface Env {
  readonly SECRET: string
  /** Where the tables are that the test has made: the beginning of their names. */
  readonly TABLES: string
  readonly HYPERDRIVE: { readonly connectionString: string }
}

/** How a Worker reaches PostgreSQL, by name. */
export const CLIENTS: Readonly<Record<string, (connectionString: string) => SqlClient>> = {
  pg: (connectionString) => pg(() => new Client({ connectionString })),
  'postgres.js': (url) => postgresJs(() => postgres(url, { max: 1, fetch_types: false })),
  'a pool of pg': (connectionString) => pg(new Pool({ connectionString })),
  'one client of pg': (connectionString) => pg(new Client({ connectionString })),
  'one postgres.js': (url) => postgresJs(postgres(url, { max: 1, fetch_types: false })),
}

/** Everything in the database: users, sessions, failed logins. */
function worker(client: (connectionString: string) => SqlClient) {
  let made = 0
  return withAuth(
    ({ SECRET, TABLES, HYPERDRIVE }: Env) => {
      made++
      const database = client(HYPERDRIVE.connectionString)
      const records: RecordStore = sqlRecords(database, { table: `${TABLES}_sessions` })
      return createAuth({
        secret: SECRET,
        users: sqlUsers(database, { table: `${TABLES}_users`, columns: { username: 'email' } }),
        passwords: pbkdf2({ iterations: 100_000 }),
        sessions: storedSessions(records),
        limiter: sqlLimiter(database, { table: `${TABLES}_attempts` }),
      })
    },
    async (request, { auth }) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/login') {
        const outcome = await auth.login('ada@example.com', request.headers.get('x-password'))
        return Response.json(outcome.ok ? outcome.token.userId : outcome.code)
      }
      if (pathname === '/logout') await auth.logout()
      if (pathname === '/made') return Response.json(made)
      return Response.json((await auth.authenticate()).userId)
    },
    { onError: (error) => Response.json((error as Error).message, { status: 503 }) },
  )
}

const workers = new Map(Object.entries(CLIENTS).map(([name, client]) => [name, worker(client)]))

export default {
  async fetch(request: Request, env: Env, execution: unknown): Promise<Response> {
    const handle = workers.get(request.headers.get('x-client') ?? '')
    try {
      return (await handle?.(request, env, execution)) ?? new Response(null, { status: 404 })
    } catch (error) {
      return Response.json((error as Error).message, { status: 500 })
    }
  },
}
