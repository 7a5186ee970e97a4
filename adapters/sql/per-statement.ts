import type { MaybePromise } from 'latchkey'
import { misconfigured } from 'latchkey/adapter'
import type { SqlResult } from './sql-client.ts'

/** Runs one statement on a client. */
type WithClient<Client> = (use: (client: Client) => Promise<SqlResult>) => Promise<SqlResult>

interface Closable {
  end(): Promise<unknown>
}

/**
 * Returns what runs a statement on the one client that the app made, or, given a function, on a client that is opened for
 * this statement and closed after it. The result does not wait for that: workerd sends what was written to a socket, so
 * the server hears of the end even if the response goes out first.
 */
export function fromSource<Kept extends object, Opened extends Kept & Closable>(
  name: string,
  source: Kept | (() => MaybePromise<Opened>),
  connect?: (client: Opened) => Promise<void>,
): WithClient<Kept> {
  if (!isFactory(source)) {
    refuseKeptInWorkers(name, source)
    return (use) => use(source)
  }
  return async (use) => {
    const client = await source()
    try {
      await connect?.(client)
      return await use(client)
    } finally {
      close(client)
    }
  }
}

/** A statement that has succeeded does not fail because its client cannot be closed. */
function close(client: Closable): void {
  try {
    Promise.resolve(client.end()).catch(() => {})
  } catch {}
}

/** postgres.js' `sql` is a function too, which has methods. */
function isFactory<Kept, Opened>(source: Kept | (() => Opened)): source is () => Opened {
  return typeof source === 'function' && !('unsafe' in source)
}

/** There it would work for one request, and leave the next one without an answer. What has no `end` holds no socket. */
function refuseKeptInWorkers(name: string, client: object): void {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  if (navigator?.userAgent !== 'Cloudflare-Workers' || !('end' in client)) return
  misconfigured(
    `In Workers a connection belongs to the request that opened it: give ${name}() a function that makes a client for each statement, \`${name}(() => …)\`.`,
  )
}
