import { misconfigured } from 'latchkey/adapter'

/** The subset of node-redis (`redis`, `@redis/client`) that we call: a client, a pool or a cluster. */
export interface NodeRedis {
  /** `HGETALL`: all fields of a hash; an empty object for a missing key. */
  hGetAll(key: string): Promise<Record<string, string>>
  /** The same connection with other command options. Since version 5. */
  withCommandOptions?(options: { timeout?: number; typeMapping: object }): Pick<NodeRedis, 'hGetAll'>
  /** `EVAL`: runs a Lua script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** `EVALSHA`: runs a script that the server knows by its SHA-1. */
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** The subset of ioredis that we call: a client or a cluster. */
export interface IoRedis {
  /** `HGETALL`: all fields of a hash; an empty object for a missing key. */
  hgetall(key: string): Promise<Record<string, string>>
  /** Not called: other clients with a `hgetall`, such as `@upstash/redis`, answer and take arguments otherwise. */
  hgetallBuffer(key: string): Promise<unknown>
  /** `EVAL`: runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  /** `EVALSHA`: runs a script that the server knows by its SHA-1. */
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
}

/** The commands that the record store needs. Each touches one key only, as a cluster requires. */
export interface Commands {
  hgetall(key: string): Promise<Record<string, string>>
  /** Runs a script on one key: by its hash, or in full if the server does not know it yet. */
  run(script: Script, key: string, args: readonly (string | number)[]): Promise<unknown>
}

/** A Lua script, and its SHA-1 after the first use. */
export interface Script {
  readonly lua: string
  sha1?: string
}

/** The number of pending reads beyond which the client's own time limit applies again. */
const UNTIMED_READS = 1000

/**
 * Wraps either client.
 *
 * @throws LatchkeyError `invalid_configuration` for anything else.
 */
export function commandsOf(caller: string, client: NodeRedis | IoRedis): Commands {
  const nodeRedis = client as NodeRedis | null
  const ioredis = client as IoRedis | null
  if (typeof nodeRedis?.hGetAll === 'function') {
    return {
      hgetall: readsOf(nodeRedis),
      run: (script, key, args) =>
        runScript(
          script,
          (sha1) => nodeRedis.evalSha(sha1, { keys: [key], arguments: args.map(String) }),
          (lua) => nodeRedis.eval(lua, { keys: [key], arguments: args.map(String) }),
        ),
    }
  }
  if (typeof ioredis?.hgetallBuffer !== 'function')
    misconfigured(
      `${caller}() takes a client of node-redis or ioredis. Other clients, such as @upstash/redis, take other arguments: connect one of these two to Upstash.`,
    )
  return {
    hgetall: (key) => ioredis.hgetall(key),
    run: (script, key, args) =>
      runScript(
        script,
        (sha1) => ioredis.evalsha(sha1, 1, key, ...args.map(String)),
        (lua) => ioredis.eval(lua, 1, key, ...args.map(String)),
      ),
  }
}

/**
 * Reads without the client's time limit: node-redis creates an `AbortSignal` for it per command, which costs
 * more than the command itself. Reading a session has a time limit already. The client's limit keeps its
 * queue from growing while the server is down, so it applies again once many reads are pending. The call goes
 * through the client's own method, which the app may have wrapped. Replies have plain types, regardless of
 * the type mapping that the app has set.
 */
function readsOf(client: NodeRedis): Commands['hgetall'] {
  const typeMapping = {}
  const timed = client.withCommandOptions?.({ typeMapping }) ?? client
  const untimed = client.withCommandOptions?.({ typeMapping, timeout: 0 }) ?? client
  let waiting = 0
  const settled = () => waiting--
  return (key) => {
    const answer = client.hGetAll.call(waiting++ < UNTIMED_READS ? untimed : timed, key)
    answer.then(settled, settled)
    return answer
  }
}

async function runScript(
  script: Script,
  byHash: (sha1: string) => Promise<unknown>,
  inFull: (lua: string) => Promise<unknown>,
): Promise<unknown> {
  script.sha1 ??= await sha1Of(script.lua)
  try {
    return await byHash(script.sha1)
  } catch (error) {
    // The server was restarted, or this is another node of the cluster.
    if (!(error as Error | undefined)?.message?.includes('NOSCRIPT')) throw error
    return inFull(script.lua)
  }
}

async function sha1Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
