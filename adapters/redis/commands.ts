/** What is used of node-redis (`redis`, `@redis/client`): a client, a pool or a cluster. */
export interface NodeRedis {
  hGetAll(key: string): Promise<Record<string, string>>
  /** The same connection with other options. Since version 5. */
  withCommandOptions?(options: { timeout?: number; typeMapping: object }): Pick<NodeRedis, 'hGetAll'>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** What is used of ioredis: a client or a cluster. */
export interface IoRedis {
  hgetall(key: string): Promise<Record<string, string>>
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
}

/** The commands that the record store needs. Each touches one key, so that it fits a cluster. */
export interface Commands {
  hgetall(key: string): Promise<Record<string, string>>
  /** Runs a script on one key: by its hash, and in full where the server does not know it yet. */
  run(script: Script, key: string, args: readonly (string | number)[]): Promise<unknown>
}

/** A Lua script, and its SHA-1 once somebody has asked. */
export interface Script {
  readonly lua: string
  sha1?: string
}

/** How many reads may wait for the server without the client's own time limit. */
const UNTIMED_READS = 1000

/** `null` for what is no client. */
export function commandsOf(client: NodeRedis | IoRedis): Commands | null {
  const nodeRedis = client as NodeRedis | null
  const ioredis = client as IoRedis | null
  if (nodeRedis?.hGetAll) {
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
  if (!ioredis?.hgetall) return null
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
 * node-redis gives each command an `AbortSignal` for its time limit, which costs more than the command itself. Whoever
 * reads a session has a time limit already; the client's is there to keep its queue from growing while the server is
 * away, so once many reads wait it applies again. The method stays the client's own, which somebody may have wrapped;
 * its answers are plain, whatever the app wants of its own commands.
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
    // A server that was restarted, or another node of the cluster.
    if (!(error as Error | undefined)?.message?.includes('NOSCRIPT')) throw error
    return inFull(script.lua)
  }
}

async function sha1Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
