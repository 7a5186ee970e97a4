import { createClient } from '@redis/client'
import Redis from 'ioredis'
import { redisRecords } from 'latchkey/redis'
import { recordIndexContract, recordStoreContract, type TestClock } from 'latchkey/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { describeWith, freshName, URLS } from './reach.ts'

describeWith(['redis'], 'redisRecords', () => {
  const prefix = freshName('redis')
  const nodeRedis = createClient({ url: URLS.redis })
  const ioredis = new Redis(URLS.redis, { lazyConnect: true })
  let stores = 0

  beforeAll(async () => {
    await nodeRedis.connect()
    await ioredis.connect()
  })

  afterAll(async () => {
    for await (const keys of nodeRedis.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
      if (keys.length > 0) await nodeRedis.unlink(keys)
    nodeRedis.destroy()
    ioredis.disconnect()
  })

  const options = ({ now }: TestClock) => ({ now, prefix: `${prefix}:${stores++}:` })

  describe.each([
    ['node-redis', (clock: TestClock) => redisRecords(nodeRedis, options(clock))],
    ['ioredis', (clock: TestClock) => redisRecords(ioredis, options(clock))],
  ] as const)('through %s', (_, make) => {
    for (const { name, run } of [...recordStoreContract(make), ...recordIndexContract(make)]) test(name, run)
  })
})
