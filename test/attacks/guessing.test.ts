import { LatchkeyError, type Limiter, memoryLimiter } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { opened, plain, testApp } from '../app.ts'

const throttle = { perAccount: 3, perAddress: 5, windowSeconds: 60 }

describe('guessing passwords', () => {
  test('after too many wrong ones the right one is not looked at either', async () => {
    let verified = 0
    const passwords = {
      ...plain,
      verify: (text: string, hashed: string) => ++verified > 0 && plain.verify(text, hashed),
    }
    const app = testApp({ throttle, passwords: passwords as typeof plain })
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'alice', `guess-${i}`)
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toEqual({
      ok: false,
      code: 'throttled',
      retryAfterSeconds: 60,
    })
    expect(verified).toBe(3)
  })

  test('parallel guesses are all counted', async () => {
    const app = testApp({ throttle })
    const guesses = Array.from({ length: 20 }, (_, i) => app.login(app.browser(), 'alice', `guess-${i}`))
    const codes = (await Promise.all(guesses)).map((outcome) => (outcome.ok ? 'ok' : outcome.code))
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(3)
    expect(codes.filter((code) => code === 'throttled')).toHaveLength(17)
  })

  test.each([
    ['capitals', 'ALICE'],
    ['blanks around', '  alice '],
    ['full-width letters', 'ａｌｉｃｅ'],
  ])('%s are no new account', async (_, spelling) => {
    const app = testApp({ throttle })
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'alice', 'wrong')
    expect(await app.login(app.browser(), spelling, 'wrong')).toMatchObject({ code: 'throttled' })
  })

  test('an unknown name is throttled as a known one is', async () => {
    const app = testApp({ throttle })
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'ghost', 'wrong')
    expect(await app.login(app.browser(), 'ghost', 'wrong')).toMatchObject({ code: 'throttled' })
  })

  test('another account is not affected', async () => {
    const app = testApp({ throttle })
    for (let i = 0; i < 4; i++) await app.login(app.browser(), 'alice', 'wrong')
    expect(await app.login(app.browser(), 'bob', 'builder')).toMatchObject({ ok: true })
  })

  test('the window ends', async () => {
    const app = testApp({ throttle })
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'alice', 'wrong')
    app.clock.advance(59)
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ retryAfterSeconds: 1 })
    app.clock.advance(1)
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
  })

  test('being refused does not make the window longer', async () => {
    const app = testApp({ throttle })
    for (let i = 0; i < 50; i++) await app.login(app.browser(), 'alice', 'wrong')
    app.clock.advance(60)
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
  })

  test('logins that succeed are never throttled', async () => {
    const app = testApp({ throttle })
    for (let i = 0; i < 20; i++)
      expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
  })

  test('a success of one’s own does not reset the count of one’s address', async () => {
    const app = testApp({ throttle: { ...throttle, perAccount: 100 } })
    const at = (username: string, password: string) => {
      const auth = opened(app.auth, new Request('https://app.test/', { method: 'POST' }), '192.0.2.1').auth
      return auth.login(username, password)
    }
    for (let i = 0; i < 5; i++) {
      await at('alice', `guess-${i}`)
      if (i < 4) await at('bob', 'builder')
    }
    expect(await at('alice', 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('a full queue of password work is "later", and no wrong guess', async () => {
    let isFull = true
    const verify = (text: string, hashed: string) => {
      if (isFull) throw new LatchkeyError('password_queue_full', 'later')
      return plain.verify(text, hashed)
    }
    const app = testApp({ throttle, passwords: { ...plain, verify } })
    const browser = app.browser()
    const later = { ok: false, code: 'throttled', retryAfterSeconds: 1 }
    for (let i = 0; i < 5; i++) expect(await app.login(browser, 'alice', 'wonderland')).toEqual(later)
    isFull = false
    await app.login(browser, 'alice', 'wonderland')
    isFull = true
    expect(await app.during(browser, (auth) => auth.reauthenticate('wonderland'))).toEqual(later)
  })

  test('an outage is no wrong guess', async () => {
    const users = { isDown: true }
    const app = testApp({
      throttle,
      users: {
        findById: () => null,
        findByUsername: () => {
          if (users.isDown) throw new Error('down')
          return { id: 'alice', hashedPassword: 'plain:wonderland' }
        },
      },
    })
    for (let i = 0; i < 5; i++) await app.login(app.browser(), 'alice', 'wonderland').catch(() => {})
    users.isDown = false
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toMatchObject({ ok: true })
  })

  test('nobody can use up the attempts of the form that asks again by a made-up name', async () => {
    const app = testApp({ throttle })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    for (let i = 0; i < 5; i++) await app.login(app.browser(), 'reauthenticate:string:alice', 'wrong')
    expect(await app.during(browser, (auth) => auth.reauthenticate('wonderland'))).toEqual({ ok: true })
  })

  test('asking for the password again is throttled too', async () => {
    const app = testApp({ throttle })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    const confirm = (password: string) => app.during(browser, (auth) => auth.reauthenticate(password))
    for (let i = 0; i < 3; i++)
      expect(await confirm('wrong')).toEqual({ ok: false, code: 'invalid_credentials' })
    expect(await confirm('wonderland')).toMatchObject({ code: 'throttled' })
  })
})

describe('what the throttle keeps of an attempt', () => {
  const keysOf = async (username: string, address: string): Promise<string[]> => {
    const keys: string[] = []
    const limiter: Limiter = {
      consume(key) {
        keys.push(key)
        return 0
      },
      refund() {},
    }
    const { auth } = testApp({ throttle, limiter })
    await opened(auth, new Request('https://app.test/', { method: 'POST' }), address).auth.login(
      username,
      'wrong',
    )
    return keys
  }

  test.each([
    ['a short name', 'a', '192.0.2.1'],
    ['the longest name', 'a'.repeat(320), '2001:db8::1'],
    ['the longest name after folding', '\ufdfa'.repeat(17), '192.0.2.1'],
    ['an address of which somebody has made a page', 'a', 'x'.repeat(10_000)],
  ])('%s: digests of one length', async (_, username, address) => {
    const keys = await keysOf(username, address)
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
  })

  test('a name that is too long is not counted', async () => {
    expect(await keysOf('a'.repeat(321), '192.0.2.1')).toEqual([])
    expect(await keysOf('\ufdfa'.repeat(18), '192.0.2.1')).toEqual([])
  })
})

describe('whose address it is', () => {
  const login = async (trustProxy: number, forwarded: string, socket: string, count: number) => {
    const app = testApp({ trustProxy, throttle: { perAccount: 1000, perAddress: 2, windowSeconds: 60 } })
    const outcomes: unknown[] = []
    for (let i = 0; i < count; i++) {
      const headers = { 'x-forwarded-for': forwarded.replaceAll('%', String(i)) }
      const request = new Request('https://app.test/', { method: 'POST', headers })
      outcomes.push(
        await opened(app.auth, request, socket.replaceAll('%', String(i))).auth.login(`user${i}`, 'wrong'),
      )
    }
    return outcomes.at(-1)
  }

  test.each([
    ['X-Forwarded-For is not believed by default', 0, '10.0.0.%', '192.0.2.1', 'throttled'],
    [
      'what the client wrote in front of our proxy is not believed',
      1,
      '10.0.0.%, 192.0.2.9',
      '127.0.0.1',
      'throttled',
    ],
    ['what our proxy appended is', 1, '192.0.2.9, 10.0.0.%', '127.0.0.1', 'invalid_credentials'],
    [
      'with two proxies, the entry of the outer one',
      2,
      '10.0.0.%, 172.16.0.1',
      '127.0.0.1',
      'invalid_credentials',
    ],
    ['a list that is too short leaves the socket', 2, '10.0.0.%', '192.0.2.1', 'throttled'],
    ['an entry that is no address leaves the socket', 1, 'unknown-%', '192.0.2.1', 'throttled'],
    ['a port that the proxy appended is no new address', 1, '1.2.3.4:1%', '127.0.0.1', 'throttled'],
    ['nor is one behind brackets', 1, '[2001:db8::1]:1%', '127.0.0.1', 'throttled'],
    ['an entry with a bad address leaves the socket', 1, '1.2.3.4.5.%', '192.0.2.1', 'throttled'],
    ['one IPv6 network is one address', 0, '', '2001:db8:1:2::%', 'throttled'],
    ['two IPv6 networks are two', 0, '', '2001:db8:1:%::1', 'invalid_credentials'],
    ['two IPv4 addresses in IPv6 clothes are two', 0, '', '::ffff:192.0.2.%', 'invalid_credentials'],
  ])('%s', async (_, trustProxy, forwarded, socket, code) => {
    expect(await login(trustProxy, forwarded, socket, 3)).toMatchObject({ code })
  })

  test('an IPv4 address in IPv6 clothes is that address', async () => {
    const app = testApp({ throttle: { perAccount: 1000, perAddress: 2, windowSeconds: 60 } })
    const at = (socket: string, username: string) =>
      opened(app.auth, new Request('https://app.test/', { method: 'POST' }), socket).auth.login(
        username,
        'wrong',
      )
    expect(await at('192.0.2.1', 'user0')).toMatchObject({ code: 'invalid_credentials' })
    expect(await at('::ffff:192.0.2.1', 'user1')).toMatchObject({ code: 'invalid_credentials' })
    expect(await at('192.0.2.1', 'user2')).toMatchObject({ code: 'throttled' })
    expect(await at('::ffff:192.0.2.1', 'user3')).toMatchObject({ code: 'throttled' })
  })
})

describe('the limiter in memory', () => {
  test('holds a bounded number of keys', async () => {
    const limiter = memoryLimiter({ maxKeys: 2 })
    for (const key of ['a', 'b', 'c']) expect(await limiter.consume(key, 1, 60)).toBe(0)
    expect(await limiter.consume('c', 1, 60)).toBeGreaterThan(0)
    expect(await limiter.consume('a', 1, 60)).toBe(0)
  })
})
