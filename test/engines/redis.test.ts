import { execFileSync } from 'node:child_process'
import { createClient, createCluster, RESP_TYPES } from '@redis/client'
import Redis, { Cluster } from 'ioredis'
import { redisLimiter, redisRecords } from 'latchkey/redis'
import {
  limiterContract,
  recordIndexContract,
  recordStoreContract,
  type TestClock,
  testClock,
} from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OwnServer, obstacleTo } from './own-server.ts'
import { describeWhere, describeWith, freshName, URLS } from './reach.ts'
import { TcpProxy } from './tcp-proxy.ts'

const MARK = { kind: 'rotation', readableUntil: 1, next: 'next' } as const

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

  describe.each([
    ['node-redis', (clock: TestClock) => redisLimiter(nodeRedis, options(clock))],
    ['ioredis', (clock: TestClock) => redisLimiter(ioredis, options(clock))],
  ] as const)('redisLimiter through %s', (_, make) => {
    for (const { name, run } of limiterContract(make)) test(name, run)
  })

  describe('what redisLimiter keeps on the server', () => {
    const limits = { perSource: 3, total: 5, windowSeconds: 60 }
    const start = () => {
      const clock = testClock()
      const given = options(clock)
      return { limiter: redisLimiter(nodeRedis, given), key: `${given.prefix}limit:key` }
    }

    test('ends by itself with the window', async () => {
      const { limiter, key } = start()
      await limiter.reserve('key', 'a', limits)
      const ttl = await nodeRedis.pTTL(key)
      expect(ttl).toBeGreaterThan(55_000)
      expect(ttl).toBeLessThanOrEqual(60_000)
      await limiter.settle('key', 'a', 'failure', limits)
      expect(await nodeRedis.pTTL(key)).toBeGreaterThan(55_000)
    })

    test('is nothing for an attempt that was no failure', async () => {
      const { limiter, key } = start()
      for (const as of ['success', 'nothing'] as const) {
        await limiter.reserve('key', 'a', limits)
        expect(await nodeRedis.exists(key)).toBe(1)
        await limiter.settle('key', 'a', as, limits)
        expect(await nodeRedis.exists(key)).toBe(0)
      }
    })

    test('of another type under its key is a failure, not a count of 0', async () => {
      const { limiter, key } = start()
      await nodeRedis.set(key, 'not a hash')
      await expect(Promise.resolve(limiter.reserve('key', 'a', limits))).rejects.toThrow('WRONGTYPE')
    })
  })

  describe('on the server', () => {
    const start = () => {
      const clock = testClock()
      const { prefix: own, now } = options(clock)
      const records = redisRecords(nodeRedis, { prefix: own, now })
      const times = (keptMs = 3_600_000) => {
        const now = clock.now()
        return { renewedAt: now, expiresAt: now + keptMs / 2, keptUntil: now + keptMs }
      }
      const create = (id: string, owner?: string, keptMs?: number) =>
        records.create(id, {
          data: { a: 1 },
          createdAt: clock.now(),
          ...times(keptMs),
          ...(owner ? { owner } : {}),
        })
      return {
        clock,
        records,
        times,
        create,
        keyOf: (id: string) => `${own}session:${id}`,
        index: `${own}owner:`,
      }
    }

    test('a session ends by itself, and its end moves with it', async () => {
      const { records, create, times, keyOf } = start()
      await create('id', undefined, 60_000)
      expect(await nodeRedis.pTTL(keyOf('id'))).toBeGreaterThan(55_000)
      await records.update('id', {}, times(600_000))
      expect(await nodeRedis.pTTL(keyOf('id'))).toBeGreaterThan(550_000)
      await records.supersede('id', MARK, times(5_000).keptUntil)
      expect(await nodeRedis.pTTL(keyOf('id'))).toBeLessThanOrEqual(5_000)
    })

    test('an index loses what has ended at the next login, and ends with its last entry', async () => {
      const { clock, create, index } = start()
      for (let i = 0; i < 10; i++) await create(`old ${i}`, 'alice', 1000)
      expect(await nodeRedis.zCard(`${index}alice`)).toBe(10)
      clock.advance(2 * 86_400)
      await create('new', 'alice')
      expect(await nodeRedis.zRange(`${index}alice`, 0, -1)).toEqual(['new'])
      const ttl = await nodeRedis.pTTL(`${index}alice`)
      expect(ttl).toBeGreaterThan(86_400_000)
      expect(ttl).toBeLessThanOrEqual(86_400_000 + 3_600_000)
    })

    test('an entry in the index is renewed when its session outlives it, and then not again', async () => {
      const { clock, records, create, times, keyOf, index } = start()
      await create('id', 'alice')
      const score = () => nodeRedis.zScore(`${index}alice`, 'id')
      const first = await score()
      await records.update('id', {}, times())
      expect(await score()).toBe(first)
      clock.advance(3000)
      await records.update('id', {}, times(100_000_000))
      expect(await score()).toBe(clock.now() + 100_000_000 + 86_400_000)
      expect((await nodeRedis.hGet(keyOf('id'), 'meta'))?.split(' ')[4]).toBe(String(await score()))
    })

    test('what is superseded leaves none of its data on the server', async () => {
      const { clock, records, create, times, keyOf } = start()
      await create('id', 'alice')
      await records.update('id', { b: 'secret' }, times())
      await records.supersede('id', MARK, clock.now() + 5000)
      const { meta: _, ...left } = await nodeRedis.hGetAll(keyOf('id'))
      expect(left).toEqual({ data: '{}', mark: JSON.stringify(MARK) })
    })

    test('an index that the server has lost comes back with the sessions that are renewed, once a minute', async () => {
      const { clock, records, create, times, index } = start()
      await create('id', 'alice')
      await nodeRedis.del(`${index}alice`)
      await records.update('id', {}, times())
      expect(await records.listByOwner('alice')).toEqual([])
      clock.advance(60)
      await records.update('id', {}, times())
      expect((await records.listByOwner('alice')).map(({ id }) => id)).toEqual(['id'])
    })

    test.each([
      ['maps as Map', { [RESP_TYPES.MAP]: Map }],
      ['maps as lists', { [RESP_TYPES.MAP]: Array }],
      ['texts as bytes', { [RESP_TYPES.BLOB_STRING]: Buffer }],
    ])('%s, as an app may want its own answers, change none of ours', async (_, typeMapping) => {
      const client = createClient({ url: URLS.redis, commandOptions: { typeMapping } })
      await client.connect()
      try {
        const clock = testClock()
        const records = redisRecords(client, options(clock))
        const now = clock.now()
        const record = {
          data: { a: 1 },
          createdAt: now,
          renewedAt: now,
          expiresAt: now + 30_000,
          keptUntil: now + 60_000,
          owner: 'alice',
        }
        expect(await records.create('id', record)).toBe(true)
        // As many at once as go beyond those without the client's limit.
        const read = await Promise.all(Array.from({ length: 1100 }, () => records.read('id')))
        expect(read).toEqual(Array(1100).fill(record))
        expect(await records.update('id', { b: 2 }, record)).toBe(true)
        expect(await records.listByOwner('alice')).toEqual([
          { id: 'id', record: { ...record, data: { a: 1, b: 2 } } },
        ])
        expect(await records.deleteByOwner('alice')).toHaveLength(1)
      } finally {
        client.destroy()
      }
    })

    test('a client that somebody has wrapped is asked through the wrapper', async () => {
      const asked: string[] = []
      const wrapped = new Proxy(nodeRedis, {
        get(target, name) {
          const value = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => {
            asked.push(String(name))
            return value.apply(target, args)
          }
        },
      })
      const records = redisRecords(wrapped, options(testClock()))
      asked.length = 0
      expect(await records.read('id')).toBeNull()
      expect(asked).toEqual(['hGetAll'])
    })

    test('a logout leaves nothing behind', async () => {
      const { records, create, keyOf, index } = start()
      await create('id', 'alice')
      await records.delete('id')
      expect(await nodeRedis.exists(keyOf('id'))).toBe(0)
      // Not waited for by the logout.
      await expect.poll(() => nodeRedis.exists(`${index}alice`)).toBe(0)
    })

    test('a server that has forgotten our scripts is told again', async () => {
      const { records, create, times } = start()
      await create('id', 'alice')
      await nodeRedis.scriptFlush()
      expect(await records.update('id', { b: 2 }, times())).toBe(true)
      expect((await records.delete('id'))?.data).toEqual({ a: 1, b: 2 })
    })

    const GARBAGE: readonly (readonly [name: string, plant: (key: string) => Promise<unknown>])[] = [
      ['text', (key) => nodeRedis.set(key, 'garbage')],
      ['a list', (key) => nodeRedis.lPush(key, 'garbage')],
      ['a hash of something else', (key) => nodeRedis.hSet(key, { a: '1' })],
      ['a record whose data is no JSON', (key) => nodeRedis.hSet(key, { meta: META, data: '{' })],
      ['a change that is no JSON', (key) => nodeRedis.hSet(key, { meta: META, data: '{}', '.a': '{' })],
      [
        'a record whose times are no numbers',
        (key) => nodeRedis.hSet(key, { meta: 'soon 1 1 1 0', data: '{}' }),
      ],
      ['a record without data', (key) => nodeRedis.hSet(key, { meta: META })],
    ]
    const META = '9999999999999 1 1 1 0'

    test.each(GARBAGE)('%s in the place of a record is a missing one', async (_, plant) => {
      const { records, keyOf } = start()
      await plant(keyOf('id'))
      expect(await records.read('id')).toBeNull()
      expect(await records.supersede('id', MARK, 1)).toBeNull()
      expect(await records.delete('id')).toBeNull()
    })

    test('a thousand reads wait for an absent server without a timer each, more have that of the client', async () => {
      const { hostname, port } = new URL(URLS.redis)
      const proxy = await TcpProxy.to({ host: hostname, port: Number(port) })
      const client = createClient({
        url: `redis://127.0.0.1:${proxy.port}`,
        socket: { reconnectStrategy: () => 20 },
        commandOptions: { timeout: 50 },
      })
      client.on('error', () => {})
      try {
        await client.connect()
        const records = redisRecords(client, options(testClock()))
        // Twice, since those that were answered make room for others.
        for (let outage = 0; outage < 2; outage++) {
          const lost = new Promise((resolve) => client.once('reconnecting', resolve))
          await proxy.set('refuse')
          await lost
          let settled = 0
          const settle = () => settled++
          const untimed = Array.from({ length: 1000 }, () => records.read('id'))
          for (const read of untimed) read.then(settle, settle)
          const timed = await Promise.allSettled(Array.from({ length: 10 }, () => records.read('id')))
          expect(timed.map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
          expect(settled).toBe(0)
          await proxy.set('pass')
          expect(await Promise.all(untimed)).toEqual(Array(1000).fill(null))
        }
      } finally {
        client.destroy()
        await proxy.close()
      }
    })

    test('nothing scans: each call is one command on one key, or two', async () => {
      const server = await OwnServer.start('redis')
      const client = await createClient({ url: server.url }).connect()
      try {
        const records = redisRecords(client)
        const now = Date.now()
        const times = { renewedAt: now, expiresAt: now + 60_000, keptUntil: now + 60_000 }
        const record = { data: {}, createdAt: now, ...times, owner: 'alice' }
        await client.sendCommand(['CONFIG', 'RESETSTAT'])
        for (const id of ['one', 'two', 'three']) await records.create(id, record)
        await records.read('one')
        await records.update('one', { a: 1 }, record)
        await records.supersede('one', MARK, now + 1000)
        await records.listByOwner('alice')
        await records.delete('two')
        await records.deleteByOwner('alice')
        const stats = String(await client.sendCommand(['INFO', 'commandstats']))
        const commands = [...stats.matchAll(/cmdstat_([^:]+)/g)].map(([, name]) => name)
        expect(commands).toContain('hgetall')
        for (const scanning of ['keys', 'scan', 'hscan', 'zscan', 'sort'])
          expect(commands).not.toContain(scanning)
      } finally {
        client.destroy()
        await server.dispose()
      }
    })
  })
})

describeWhere(obstacleTo('redisCluster'), 'Redis on a cluster of three', () => {
  let servers: OwnServer[] = []
  let nodeRedis: ReturnType<typeof createCluster>
  let ioredis: Cluster
  let stores = 0

  beforeAll(async () => {
    servers = await Promise.all([1, 2, 3].map(() => OwnServer.start('redisCluster')))
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
    execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'ignore' })
    await Promise.all(servers.map(untilJoined))
    nodeRedis = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) })
    await nodeRedis.connect()
    ioredis = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })))
  })

  afterAll(async () => {
    nodeRedis?.destroy()
    ioredis?.disconnect()
    await Promise.all(servers.map((server) => server.dispose()))
  })

  describe.each([
    ['node-redis', (options: object) => redisRecords(nodeRedis, options)],
    ['ioredis', (options: object) => redisRecords(ioredis, options)],
  ] as const)('through %s', (_, open) => {
    const make = ({ now }: TestClock) => open({ now, prefix: `${stores++}:` })
    for (const { name, run } of [...recordStoreContract(make), ...recordIndexContract(make)]) test(name, run)
  })

  describe.each([
    ['node-redis', (options: object) => redisLimiter(nodeRedis, options)],
    ['ioredis', (options: object) => redisLimiter(ioredis, options)],
  ] as const)('redisLimiter through %s', (_, open) => {
    const make = ({ now }: TestClock) => open({ now, prefix: `${stores++}:` })
    for (const { name, run } of limiterContract(make)) test(name, run)
  })
})

/** Nodes go on telling each other for a moment after they were joined. */
async function untilJoined({ url }: OwnServer): Promise<void> {
  const client = await createClient({ url }).connect()
  const givenUp = Date.now() + 20_000
  while (!String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) {
    if (Date.now() > givenUp) throw new Error('the cluster does not come up')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  client.destroy()
}
