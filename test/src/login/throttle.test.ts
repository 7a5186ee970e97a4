import { type Limiter, memoryLimiter, type ThrottleOptions } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { withTimeLimit } from '../../../src/base/backend.ts'
import { Throttle } from '../../../src/login/throttle.ts'

const LIMITS: ThrottleOptions = { perAccount: 3, perAddress: 5, windowSeconds: 60 }

const over = (limiter: Limiter, options: ThrottleOptions = LIMITS, timeLimitSeconds = 1): Throttle =>
  new Throttle(withTimeLimit('limiter', timeLimitSeconds, limiter, ['consume', 'refund']), options)

const attemptOf = async (throttle: Throttle, account: string, address?: string): Promise<number> =>
  (await throttle.begin(account, address)).wait

/** What an attempt is counted under. */
const keysOf = async (account: string, address?: string): Promise<readonly string[]> =>
  (await over({ consume: () => 0, refund() {} }).begin(account, address)).keys

/** A throttle over the limiter in memory; `try` is one attempt on an account from an address. */
function start(options: ThrottleOptions = LIMITS) {
  const clock = testClock()
  const throttle = over(memoryLimiter({ now: clock.now }), options)
  return {
    clock,
    try: (account: string, address?: string) => attemptOf(throttle, account, address),
    forgive: async (account: string, address?: string) => throttle.forgive(await keysOf(account, address)),
  }
}

describe('an attempt', () => {
  test('passes as often as the account may, and waits for the end of the window then', async () => {
    const { try: attempt, clock } = start()
    for (let i = 0; i < 3; i++) expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(60)
    clock.advance(59.5)
    expect(await attempt('alice')).toBe(1)
    clock.advance(0.5)
    expect(await attempt('alice')).toBe(0)
  })

  test('counts in a window that begins with the first one', async () => {
    const { try: attempt, clock } = start()
    await attempt('alice')
    clock.advance(50)
    for (let i = 0; i < 2; i++) await attempt('alice')
    expect(await attempt('alice')).toBe(10)
    clock.advance(10)
    for (let i = 0; i < 3; i++) expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(60)
  })

  test('that has to wait does not make the window longer', async () => {
    const { try: attempt, clock } = start()
    for (let i = 0; i < 20; i++) await attempt('alice')
    clock.advance(30)
    for (let i = 0; i < 20; i++) expect(await attempt('alice')).toBe(30)
    clock.advance(30)
    expect(await attempt('alice')).toBe(0)
  })

  test('on another account does not have to wait', async () => {
    const { try: attempt } = start()
    for (let i = 0; i < 4; i++) await attempt('alice')
    expect(await attempt('bob')).toBe(0)
  })

  test('counts for its address as well', async () => {
    const { try: attempt } = start()
    for (let i = 0; i < 5; i++) expect(await attempt(`user-${i}`, '192.0.2.1')).toBe(0)
    expect(await attempt('alice', '192.0.2.1')).toBe(60)
    expect(await attempt('alice', '192.0.2.2')).toBe(0)
    expect(await attempt('alice')).toBe(0)
  })

  test('from an address that has to wait does not count for the account', async () => {
    const { try: attempt } = start()
    for (let i = 0; i < 5; i++) await attempt(`user-${i}`, '192.0.2.1')
    for (let i = 0; i < 10; i++) await attempt('alice', '192.0.2.1')
    expect(await attempt('alice')).toBe(0)
  })

  test('of many that come at once: as many pass as may', async () => {
    const { try: attempt } = start()
    const waits = await Promise.all(Array.from({ length: 20 }, () => attempt('alice')))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3)
  })

  test('passes 10 times an account and 100 times an address in 15 minutes, by default', async () => {
    const { try: attempt } = start({})
    for (let i = 0; i < 10; i++) expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(900)
    for (let i = 0; i < 100; i++) expect(await attempt(`user-${i}`, '192.0.2.1')).toBe(0)
    expect(await attempt('bob', '192.0.2.1')).toBe(900)
  })
})

describe('an attempt that is forgiven', () => {
  test('is taken back for the account, and only once', async () => {
    const { try: attempt, forgive } = start()
    for (let i = 0; i < 3; i++) await attempt('alice')
    await forgive('alice')
    expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(60)
  })

  test('is taken back for the address', async () => {
    const { try: attempt, forgive } = start()
    for (let i = 0; i < 5; i++) await attempt(`user-${i}`, '192.0.2.1')
    await forgive('user-0', '192.0.2.1')
    expect(await attempt('alice', '192.0.2.1')).toBe(0)
    expect(await attempt('alice', '192.0.2.1')).toBe(60)
  })

  test('gives back no more attempts than were made', async () => {
    const { try: attempt, forgive } = start()
    await attempt('alice')
    for (let i = 0; i < 5; i++) await forgive('alice')
    for (let i = 0; i < 3; i++) expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(60)
  })

  test('in a window that is over gives nothing to the next one', async () => {
    const { try: attempt, forgive, clock } = start()
    await attempt('alice')
    clock.advance(60)
    await forgive('alice')
    for (let i = 0; i < 3; i++) expect(await attempt('alice')).toBe(0)
    expect(await attempt('alice')).toBe(60)
  })
})

describe('what an attempt is counted under', () => {
  /** The keys that the limiter is asked by. */
  const keysOf = async (account: string, address?: string): Promise<string[]> => {
    const keys: string[] = []
    const consume = (key: string) => {
      keys.push(key)
      return 0
    }
    await attemptOf(over({ consume, refund() {} }), account, address)
    return keys
  }
  /** The key of the address alone. */
  const keyOf = async (address: string): Promise<string | undefined> => {
    const [account] = await keysOf('alice')
    return (await keysOf('alice', address)).find((key) => key !== account)
  }

  test('digests of one length, of the account and of the address', async () => {
    const keys = await keysOf('a'.repeat(10_000), 'x'.repeat(10_000))
    expect(new Set(keys).size).toBe(2)
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
  })

  test('the account alone, where the address is not known', async () => {
    const [account] = await keysOf('alice')
    expect(await keysOf('alice')).toEqual([account])
    expect(await keysOf('alice', '192.0.2.1')).toContain(account)
  })

  test('an account that is called like an address is not that address', async () => {
    expect(new Set(await keysOf('192.0.2.1', '192.0.2.1')).size).toBe(2)
  })

  test.each([
    ['an IPv4 address', '192.0.2.1', '192.0.2.1'],
    ['the IPv4 address as IPv4-mapped IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
    ['another address of the same /64', '2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6'],
    ['another address of the same /64, both compressed', '2001:db8::1', '2001:db8::2'],
    ['another spelling of the same zeros', '2001:db8::1', '2001:db8:0:0:0::1'],
    ['zeros before the digits', '2001:db8:1::1', '2001:0db8:0001::1'],
    ['capitals', '2001:db8:a::1', '2001:DB8:A::1'],
    ['the loopback address and its network', '::1', '::2'],
  ])('one address: %s', async (_, one, other) => expect(await keyOf(one)).toBe(await keyOf(other)))

  test.each([
    ['the next IPv4 address', '192.0.2.1', '192.0.2.2'],
    ['the next IPv4-mapped address', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['the next /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['the next /48', '2001:db8:1::1', '2001:db8:2::1'],
    ['the next /64, compressed', '2001:db8::1', '2001:db8:0:1::1'],
    ['the same groups on the other side of the zeros', '1::', '::1'],
    ['two texts that are not addresses', 'unix:a', 'unix:b'],
  ])('two addresses: %s', async (_, one, other) => expect(await keyOf(one)).not.toBe(await keyOf(other)))
})

describe('a limiter that fails', () => {
  const broken = () => {
    throw new Error('redis://app:s3cret@cache.internal')
  }
  test.each<[sentence: string, consume: Limiter['consume']]>([
    ['throws', broken],
    ['rejects', async () => broken()],
    ['does not answer in time', () => new Promise(() => {})],
    ['fails for one of two', (_, limit) => (limit === LIMITS.perAccount ? broken() : 0)],
  ])('%s: `backend_failed`, which names the limiter and not what it threw', async (_, consume) => {
    const throttle = over({ consume, refund() {} }, LIMITS, 0.01)
    const error = await attemptOf(throttle, 'alice', '192.0.2.1').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'backend_failed', message: expect.stringContaining('limiter') })
    expect((error as Error).message).not.toContain('s3cret')
  })

  test.each<[sentence: string, refund: Limiter['refund']]>([
    ['throws', broken],
    ['rejects', async () => broken()],
  ])('the same if taking an attempt back fails: %s', async (_, refund) => {
    const throttle = over({ consume: () => 0, refund })
    await expect(throttle.forgive(await keysOf('alice'))).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringContaining('limiter'),
    })
  })
})

describe('refused when built', () => {
  test.each<[sentence: string, options: object, says: RegExp]>([
    ['no attempt per account', { perAccount: 0 }, /`throttle.perAccount`/],
    ['half an attempt per address', { perAddress: 0.5 }, /`throttle.perAddress`/],
    ['a window of no time', { windowSeconds: 0 }, /`throttle.windowSeconds`/],
    ['a window in words', { windowSeconds: '15m' }, /`throttle.windowSeconds`/],
    ['an option that does not exist', { perAcount: 3 }, /No option `perAcount`/],
  ])('%s', (_, options, says) => {
    const build = () => over(memoryLimiter(), options as ThrottleOptions)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })
})
