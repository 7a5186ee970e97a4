// The engines: how each is opened, filled fast, asked with nothing around it, weighed and left as it was found.
import { createClient } from '@redis/client'
import { memoryRecords } from '../../../dist/index.js'
import { redisRecords } from '../../../dist/redis.js'
import { idOf, recordOf } from './population.mjs'
import { mysql, postgres, sqlite } from './sql-engines.mjs'

export const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
export const PREFIX = 'latchkey-bench:'
const IN_FLIGHT = 500
const FLOOR_KEYS = 1000

const memory = {
  title: 'Memory',
  floor: '`Map.get`',
  async open() {
    // Room for the logins too: what a full store does is in pauses.mjs.
    const records = memoryRecords({ maxRecords: 2_000_000 })
    const map = new Map()
    return {
      records,
      bareRead: (id) => map.get(id),
      bareWrite: (id) => map.set(id, {}),
      fill(size) {
        for (let i = 0; i < size; i++) records.create(idOf(i), recordOf(i))
      },
      bytes() {
        for (let i = 0; i < 3; i++) globalThis.gc()
        return process.memoryUsage().heapUsed
      },
      /** The floor's own map, made when the store has been weighed. */
      afterFill(size) {
        for (let i = 0; i < size; i++) map.set(idOf(i), {})
      },
      close() {},
    }
  },
}

/** A client that says at once when there is no server, and not after a minute. */
export async function connectRedis() {
  const client = createClient({ url: REDIS_URL, socket: { connectTimeout: 2000, reconnectStrategy: false } })
  client.on('error', () => {})
  return client.connect()
}

export async function emptyRedis(client, prefix = PREFIX) {
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
    if (keys.length > 0) await client.unlink(keys)
}

const redis = {
  title: 'Redis',
  floor: '`GET` of 400 bytes',
  async open(size) {
    const prefix = `${PREFIX}${size}:`
    const client = await connectRedis()
    await emptyRedis(client, prefix)
    const records = redisRecords(client, { prefix })
    const floorKey = (id) => `${prefix}floor:${(id.charCodeAt(0) * 64 + id.charCodeAt(1)) % FLOOR_KEYS}`
    const text = 'x'.repeat(400)
    return {
      records,
      bareRead: (id) => client.get(floorKey(id)),
      bareWrite: (id) => client.set(floorKey(id), text),
      async fill() {
        let next = 0
        const fillOn = async () => {
          for (let i = next++; i < size; i = next++) await records.create(idOf(i), recordOf(i))
        }
        await Promise.all(Array.from({ length: IN_FLIGHT }, fillOn))
      },
      async bytes() {
        return Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1])
      },
      async afterFill() {
        for (let i = 0; i < FLOOR_KEYS; i++) await client.set(`${prefix}floor:${i}`, text)
      },
      async close() {
        await emptyRedis(client, prefix)
        await client.close()
      },
    }
  },
}

export const engines = { memory, redis, postgres, mysql, sqlite }
