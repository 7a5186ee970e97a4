import { redisLimiter, redisRecords } from 'latchkey/redis'
import { describe, expect, test } from 'vitest'

/** The methods that a client has, as its own documentation says. */
const clientWith = (...methods: string[]): never =>
  Object.fromEntries(methods.map((name) => [name, () => {}])) as never

describe.each([
  ['redisRecords', redisRecords],
  ['redisLimiter', redisLimiter],
])('%s', (name, make) => {
  test.each([
    ['node-redis', clientWith('hGetAll', 'eval', 'evalSha')],
    ['ioredis', clientWith('hgetall', 'hgetallBuffer', 'eval', 'evalsha')],
  ])('takes a client of %s', (_, client) => {
    expect(make(client)).toBeTruthy()
  })

  test.each([
    ['@upstash/redis', clientWith('hgetall', 'eval', 'evalsha', 'scriptLoad')],
    ['node-redis 3', clientWith('hgetall', 'eval', 'evalsha')],
    ['Bun', clientWith('hgetall', 'send')],
    ['Valkey GLIDE', clientWith('hgetall', 'invokeScript')],
    ['nothing', null as never],
  ])('refuses a client of %s when it is built', (_, client) => {
    expect(() => make(client)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining(`${name}() takes a client of node-redis or ioredis`),
      }),
    )
  })
})
