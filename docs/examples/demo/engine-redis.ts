import { createClient } from '@redis/client'
import { storedSessions } from 'latchkey'
import { redisRecords } from 'latchkey/redis'
import type { OpenEngine } from './engine.ts'
import { redisUsers } from './users-redis.ts'

const LONGEST_PAUSE_MS = 2000

export const openRedis: OpenEngine = async (url, onLost) => {
  let wasReady = false
  const client = createClient({
    url,
    socket: {
      // By itself it would try for ever also at the start, where somebody is waiting to be told.
      reconnectStrategy: (retries) => wasReady && Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_PAUSE_MS),
    },
  })
  // Without a listener, Node ends the process.
  client.on('error', onLost)
  await client.connect()
  wasReady = true
  return {
    users: redisUsers(client),
    sessions: storedSessions(redisRecords(client), { keepUserAgent: true }),
  }
}
