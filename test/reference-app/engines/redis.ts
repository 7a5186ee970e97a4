import { createClient } from '@redis/client'
import { redisLimiter, redisRecords } from 'latchkey/redis'
import { URLS } from '../../engines/urls.ts'
import type { Engine, EngineInit } from './engine.ts'

export async function openRedis({ name, now, isShared, isFresh }: EngineInit): Promise<Engine> {
  const client = createClient({ url: URLS.redis, socket: { connectTimeout: 3000 } })
  client.on('error', () => {})
  await client.connect()
  const prefix = `${name}:`
  const records = redisRecords(client, { prefix, now })
  const keyOf = (id: string): string => `${prefix}session:${id}`
  const keysOf = async (pattern: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const batch of client.scanIterator({ MATCH: pattern, COUNT: 1000 })) keys.push(...batch)
    return keys
  }
  const engine: Engine = {
    records,
    limiter: redisLimiter(client, { prefix, now }),
    async entries() {
      const keys = await keysOf(`${prefix}session:*`)
      return Promise.all(
        keys.map(async (stored) => {
          const key = stored.slice(keyOf('').length)
          return { key, record: (await records.read(key)) ?? (await client.get(stored).catch(() => null)) }
        }),
      )
    },
    async overwrite(key, { record, raw }) {
      await client.del(keyOf(key))
      if (record) await records.create(key, record)
      else await client.set(keyOf(key), JSON.stringify(raw))
    },
    async clear() {
      const keys = await keysOf(`${prefix}*`)
      if (keys.length > 0) await client.unlink(keys)
    },
    async close(isLast = !isShared) {
      if (isLast) await engine.clear()
      client.destroy()
    },
  }
  if (isFresh) await engine.clear()
  return engine
}
