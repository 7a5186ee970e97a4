import { type Limiter, memoryLimiter, type ThrottleOptions, type UserLike } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { withTimeLimit } from '../../../src/base/backend.ts'
import { networkOf } from '../../../src/http/ip-address.ts'
import { LimiterKeys } from '../../../src/login/limiter-key.ts'
import { type Attempt, Throttle } from '../../../src/login/throttle.ts'
import { manualTimers } from '../../timers.ts'

const LIMITS: ThrottleOptions = { perAccount: 3, perAccountTotal: 7, perNetwork: 5, windowSeconds: 60 }

const KEYS = new LimiterKeys()

/** A throttle over the limiter in memory. */
function start(options: ThrottleOptions = LIMITS, limiter?: Limiter) {
  const clock = testClock()
  const { advance, soon, asked } = manualTimers()
  const throttle = new Throttle(options, {
    limiter: limiter ?? memoryLimiter({ now: clock.now }),
    now: clock.now,
  })
  /** Reserves an attempt: itself, and how long it has to wait. */
  const reserve = async (
    network = '',
    account: string | UserLike = 'alice',
  ): Promise<[attempt: Attempt, wait: number]> => {
    const attempt = await throttle.attempt(network)
    const [user, name] = typeof account === 'string' ? [null, account] : [account, '']
    return [attempt, (await attempt.reserveNetwork()) || (await attempt.reserveAccount(user, name))]
  }
  return {
    clock,
    throttle,
    reserve,
    advance,
    soon,
    asked,
    /** An attempt that fails, if it may be made; how long it has to wait otherwise. */
    async fail(network?: string, account?: string | UserLike): Promise<number> {
      const [attempt, wait] = await reserve(network, account)
      await attempt.settle(wait > 0 ? 'nothing' : 'failure')
      return wait
    },
  }
}

describe('an attempt that fails', () => {
  test('counts for its account and network, and after too many the next one waits for the window', async () => {
    const { fail, clock } = start()
    for (let i = 0; i < 3; i++) expect(await fail('a')).toBe(0)
    expect(await fail('a')).toBe(60)
    clock.advance(59.5)
    expect(await fail('a')).toBe(1)
    clock.advance(0.5)
    expect(await fail('a')).toBe(0)
  })

  test('locks out no other network, until the account has had too many in all', async () => {
    const { fail } = start()
    for (let i = 0; i < 3; i++) await fail('a')
    for (let i = 0; i < 3; i++) expect(await fail('b')).toBe(0)
    expect(await fail('c')).toBe(0)
    expect(await fail('c')).toBe(60)
  })

  test('counts for its network, on all accounts', async () => {
    const { fail } = start()
    for (let i = 0; i < 5; i++) expect(await fail('a', `user-${i}`)).toBe(0)
    expect(await fail('a', 'alice')).toBe(60)
    expect(await fail('b', 'alice')).toBe(0)
    expect(await fail('', 'alice')).toBe(0)
  })

  test('is not counted for the account if its network has to wait', async () => {
    const { fail } = start()
    for (let i = 0; i < 5; i++) await fail('a', `user-${i}`)
    for (let i = 0; i < 10; i++) expect(await fail('a')).toBe(60)
    for (let i = 0; i < 3; i++) expect(await fail('b')).toBe(0)
  })

  test('is allowed 10 times an account and network, 100 times an account, 100 times a network, by default', async () => {
    const { fail } = start({})
    for (let i = 0; i < 10; i++) expect(await fail('a')).toBe(0)
    expect(await fail('a')).toBe(900)
    for (let i = 0; i < 90; i++) expect(await fail(`b-${i % 9}`)).toBe(0)
    expect(await fail('c')).toBe(900)
    for (let i = 0; i < 100; i++) expect(await fail('d', `user-${i}`)).toBe(0)
    expect(await fail('d', 'bob')).toBe(900)
  })

  test('may be made ten times as often in all as from one network, unless that is said', async () => {
    const { fail } = start({ perAccount: 2 })
    for (let i = 0; i < 20; i++) expect(await fail(`b-${i % 10}`)).toBe(0)
    expect(await fail('c')).toBe(900)
  })
})

describe('an attempt under way', () => {
  test('takes a place; the next one asks again for two seconds, and is told one second', async () => {
    const { reserve, soon, asked } = start()
    for (let i = 0; i < 3; i++) expect((await reserve())[1]).toBe(0)
    expect((await soon(reserve()))[1]).toBe(1)
    expect(asked()).toBe(2000)
  })

  test('asks two seconds in all, for the network and the account', async () => {
    const { reserve, soon, asked } = start({ ...LIMITS, perAccountTotal: 3 })
    const busy = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((account) => reserve('a', account)))
    for (let i = 0; i < 3; i++) await reserve('b')
    const late = reserve('a')
    setTimeout(() => void busy[0]?.[0].settle('nothing'), 1000)
    expect((await soon(late))[1]).toBe(1)
    expect(asked()).toBe(1000 + 2000)
  })

  test('gives its place to one that asks, when it ends without a failure', async () => {
    const { reserve, advance, soon } = start()
    const [[first]] = await Promise.all([reserve(), reserve(), reserve()])
    const later = reserve()
    await advance(500)
    await first.settle('nothing')
    expect((await soon(later))[1]).toBe(0)
  })

  test('that fails, and was the last that may, ends the asking: the rest of the window', async () => {
    const { reserve, advance, soon } = start()
    const all = await Promise.all([reserve(), reserve(), reserve()])
    const later = reserve()
    await advance(500)
    for (const [attempt] of all) await attempt.settle('failure')
    expect((await soon(later))[1]).toBe(60)
  })

  test('that waits is not one that has begun, and gives nothing back', async () => {
    const { reserve, soon } = start()
    for (let i = 0; i < 3; i++) await reserve()
    const [refused, wait] = await soon(reserve())
    expect(wait).toBe(1)
    await refused.settle('nothing')
    expect((await soon(reserve()))[1]).toBe(1)
  })
})

describe('an attempt that stood in line', () => {
  test('for less than ten seconds begins at once', async () => {
    const { reserve, clock } = start()
    const [attempt] = await reserve('a')
    clock.advance(9.9)
    expect(await attempt.renew()).toBe(0)
  })

  test('for longer reserves again, for network and account, so that it counts for another 30 s', async () => {
    const { reserve, clock, soon } = start({ ...LIMITS, perAccount: 1, perNetwork: 1 })
    const [attempt] = await reserve('a')
    clock.advance(29)
    expect(await attempt.renew()).toBe(0)
    clock.advance(29)
    expect((await soon(reserve('a', 'bob')))[1]).toBe(1)
    await attempt.settle('failure')
    expect((await reserve('a', 'bob'))[1]).toBe(31)
  })

  test('so long that it was forgotten is not made beside all of those that came after it', async () => {
    const { reserve, clock } = start({ ...LIMITS, perAccount: 1 })
    const [first] = await reserve()
    clock.advance(31)
    const [second] = await reserve()
    expect(await first.renew()).toBe(0)
    await first.settle('failure')
    clock.advance(10)
    expect(await second.renew()).toBeGreaterThan(1)
    // It holds nothing that it could give back.
    await second.settle('success')
    expect((await reserve())[1]).toBeGreaterThan(1)
  })
})

describe('an attempt that succeeds', () => {
  test('clears the count of its own network at this account', async () => {
    const { fail, reserve } = start()
    for (let i = 0; i < 2; i++) await fail('a')
    const [right] = await reserve('a')
    await right.settle('success')
    for (let i = 0; i < 3; i++) expect(await fail('a')).toBe(0)
  })

  test('clears neither that of another network, nor the account’s in all, nor that of its network', async () => {
    const { fail, reserve } = start()
    for (let i = 0; i < 3; i++) await fail('attacker')
    for (let i = 0; i < 3; i++) await fail('b')
    const [right] = await reserve('a')
    await right.settle('success')
    expect(await fail('attacker')).toBe(60)
    expect(await fail('a')).toBe(0)
    expect(await fail('a')).toBe(60)
    for (let i = 0; i < 4; i++) expect(await fail('a', `user-${i}`)).toBe(0)
    expect(await fail('a', 'one-more')).toBe(60)
  })
})

describe('forgiving a user', () => {
  test('forgets all counts of the account, and no network’s', async () => {
    const { fail, throttle } = start()
    const account = { id: 42 }
    for (const network of ['a', 'a', 'a', 'b', 'b', 'b']) await fail(network, account)
    await throttle.forgive({ id: 42 })
    for (let i = 0; i < 2; i++) expect(await fail('a', account)).toBe(0)
    expect(await fail('a', account)).toBe(60)
    expect(await fail('b', account)).toBe(0)
  })

  test('whose id is another type forgives nobody', async () => {
    const { fail, throttle } = start()
    const account = { id: 42 }
    for (let i = 0; i < 3; i++) await fail('a', account)
    await throttle.forgive({ id: '42' })
    expect(await fail('a', account)).toBe(60)
  })
})

describe('keys', () => {
  test('are digests of one length', async () => {
    for (const text of ['', 'a', 'x'.repeat(10_000)])
      for (const kind of ['network', 'user', 'name'] as const)
        expect(await KEYS.of(kind, text)).toMatch(/^[\w-]{43}$/)
  })

  test('are told apart by kind, by text, by the type of an id, and by namespace', async () => {
    const keys = await Promise.all([
      KEYS.of('name', 'string:42'),
      KEYS.of('network', 'string:42'),
      KEYS.ofUser({ id: '42' }),
      KEYS.ofUser({ id: 42 }),
      new LimiterKeys('a').ofUser({ id: 42 }),
      new LimiterKeys('a:user').ofUser({ id: 42 }),
      new LimiterKeys('a').of('name', 'user:42'),
    ])
    expect(new Set(keys).size).toBe(keys.length)
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
  ])('one network: %s', (_, one, other) => expect(networkOf(one)).toBe(networkOf(other)))

  test.each([
    ['the next IPv4 address', '192.0.2.1', '192.0.2.2'],
    ['the next IPv4-mapped address', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['the next /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['the next /48', '2001:db8:1::1', '2001:db8:2::1'],
    ['the next /64, compressed', '2001:db8::1', '2001:db8:0:1::1'],
    ['the same groups on the other side of the zeros', '1::', '::1'],
    ['two texts that are not addresses', 'unix:a', 'unix:b'],
  ])('two networks: %s', (_, one, other) => expect(networkOf(one)).not.toBe(networkOf(other)))
})

describe('a limiter that fails', () => {
  const broken = () => {
    throw new Error('redis://app:s3cret@cache.internal')
  }
  const good: Limiter = { reserve: () => ({ waitSeconds: 0 }), settle() {}, forget() {} }
  const over = (limiter: Partial<Limiter>) => {
    const limited = withTimeLimit('limiter', 0.01, { ...good, ...limiter }, ['reserve', 'settle', 'forget'])
    return start(LIMITS, limited)
  }
  const failed = { code: 'backend_failed', message: expect.stringContaining('limiter') }

  test.each<[sentence: string, reserve: Limiter['reserve']]>([
    ['throws', broken],
    ['rejects', async () => broken()],
    ['does not answer in time', () => new Promise(() => {})],
    ['fails for one of two', (_, source) => (source === '' ? { waitSeconds: 0 } : broken())],
  ])('%s: `backend_failed`, which names the limiter and not what it threw', async (_, reserve) => {
    const { reserve: attempt, soon } = over({ reserve })
    const error = await soon(attempt('a')).catch((caught: unknown) => caught)
    expect(error).toMatchObject(failed)
    expect((error as Error).message).not.toContain('s3cret')
  })

  test.each<[sentence: string, settle: Limiter['settle']]>([
    ['throws', broken],
    ['rejects', async () => broken()],
    ['does not answer in time', () => new Promise(() => {})],
    ['fails for one of two', (_, source) => (source === '' ? undefined : broken())],
  ])('the same if it cannot settle: %s', async (_, settle) => {
    const { fail, soon } = over({ settle })
    await expect(soon(fail('a'))).rejects.toMatchObject(failed)
  })

  test.each([
    ['nothing', {}],
    ['no number', { waitSeconds: Number.NaN }],
    ['a text', { waitSeconds: '0' }],
    ['less than nothing', { waitSeconds: -1 }],
  ])('an answer that says %s admits nobody', async (_, answer) => {
    const [, wait] = await over({ reserve: () => answer as never }).reserve()
    expect(wait).toBe(1)
  })
})

describe('refused when built', () => {
  test.each<[sentence: string, options: object, says: RegExp]>([
    ['no attempt per account', { perAccount: 0 }, /`throttle.perAccount`/],
    ['no attempt per account in all', { perAccountTotal: 0 }, /`throttle.perAccountTotal`/],
    ['half an attempt per network', { perNetwork: 0.5 }, /`throttle.perNetwork`/],
    ['a window of no time', { windowSeconds: 0 }, /`throttle.windowSeconds`/],
    ['a window in words', { windowSeconds: '15m' }, /`throttle.windowSeconds`/],
    ['an option that does not exist', { perAddress: 3 }, /No option `perAddress`/],
  ])('%s', (_, options, says) => {
    const build = () => start(options as ThrottleOptions)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })
})
