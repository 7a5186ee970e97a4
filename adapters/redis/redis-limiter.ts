import type { Limiter } from 'latchkey'
import { MAX_SOURCES, PENDING_MS, refuseUnknown } from 'latchkey/adapter'
import { commandsOf, type IoRedis, type NodeRedis, type Script } from './commands.ts'
import { COUNTS, FORGET, RESERVE, SETTLE } from './limiter-scripts.ts'

/** The options of `redisLimiter`. */
export interface RedisLimiterOptions {
  /** The prefix of every key. Default `latchkey:`. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Counts failed attempts in Redis or Valkey, 6 or later, alone or as a cluster, through node-redis or ioredis, for all
 * processes. Each call is one script on one key, which the server expires.
 *
 * Use it with `maxmemory-policy noeviction`, or a server that is full forgets counts. Listen to the client's `error`
 * event, or a lost connection ends the process.
 *
 * @throws LatchkeyError `invalid_configuration` for anything but a client, and for an unknown option.
 */
export function redisLimiter(client: NodeRedis | IoRedis, options: RedisLimiterOptions = {}): Limiter {
  const { prefix = 'latchkey:', now = Date.now, ...unknown } = options
  refuseUnknown(unknown)
  const commands = commandsOf('redisLimiter', client)
  const reserve: Script = { lua: COUNTS + RESERVE }
  const settle: Script = { lua: COUNTS + SETTLE }
  const forget: Script = { lua: FORGET }
  const run = (script: Script, key: string, ...args: (string | number)[]): Promise<unknown> =>
    commands.run(script, `${prefix}limit:${key}`, [Math.floor(now()), PENDING_MS, ...args])
  return {
    async reserve(key, source, { perSource, total = '', windowSeconds }) {
      const windowMs = Math.ceil(windowSeconds * 1000)
      const wait = Number(await run(reserve, key, `s${source}`, perSource, total, windowMs, MAX_SOURCES))
      if (wait === 0) return { waitSeconds: 0 }
      if (wait === -1) return { waitSeconds: 1, pending: true }
      return { waitSeconds: Math.max(1, Math.min(windowSeconds, Math.ceil(wait / 1000))) }
    },
    async settle(key, source, as, { total }) {
      await run(settle, key, `s${source}`, as, total === undefined ? '' : 1)
    },
    async forget(key) {
      await run(forget, key)
    },
  }
}
