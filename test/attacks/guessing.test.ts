import { LatchkeyError, type Limiter, memoryLimiter } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { opened, plain, testApp } from '../app.ts'

const throttle = { perAccount: 3, perNetwork: 5, windowSeconds: 60 }

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
  ])('%s are no new account, whether the table finds it by them or not', async (_, spelling) => {
    const app = testApp({ throttle })
    app.users.byName.set(spelling, 'alice')
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'alice', 'wrong')
    expect(await app.login(app.browser(), spelling, 'wonderland')).toMatchObject({ code: 'throttled' })
    app.users.byId.delete('alice')
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
    for (const name of ['user:string:alice', 'string:alice', 'account:alice'])
      for (let i = 0; i < 3; i++) await app.login(app.browser(), name, 'wrong')
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

/** An app, and logins at it from any address. */
function startAt(options: Parameters<typeof testApp>[0] = {}) {
  let verified = 0
  const passwords = {
    ...plain,
    verify: (text: string, hashed: string) => ++verified > 0 && plain.verify(text, hashed),
  }
  const app = testApp({ throttle, passwords, ...options })
  const authAt = (address: string) =>
    opened(app.auth, new Request('https://app.test/', { method: 'POST' }), address).auth
  return {
    ...app,
    authAt,
    verified: () => verified,
    at: (address: string, username: string, password: string) => authAt(address).login(username, password),
    /** So many wrong guesses from there. */
    async guess(times: number, address: string, username = 'alice') {
      for (let i = 0; i < times; i++) await authAt(address).login(username, `guess-${i}`)
    },
  }
}

describe('many at once', () => {
  test('24 right passwords: all are let in', async () => {
    const app = startAt({ passwords: { ...plain, verify: async (...args) => plain.verify(...args) } })
    const all = Array.from({ length: 24 }, () => app.at('192.0.2.1', 'alice', 'wonderland'))
    for (const outcome of await Promise.all(all)) expect(outcome).toMatchObject({ ok: true })
  })

  test('1,000 wrong ones, from one network: no more than the limit are looked at', async () => {
    const app = startAt()
    const all = Array.from({ length: 1000 }, (_, i) => app.at('192.0.2.1', 'alice', `guess-${i}`))
    const codes = (await Promise.all(all)).map((outcome) => (outcome.ok ? 'ok' : outcome.code))
    expect(app.verified()).toBe(3)
    expect(codes.filter((code) => code === 'throttled')).toHaveLength(997)
  })

  test('1,000 wrong ones, each from a network of its own: no more than the account may have in all', async () => {
    const app = startAt({ throttle: { ...throttle, perAccountTotal: 20 } })
    const all = Array.from({ length: 1000 }, (_, i) =>
      app.at(`10.0.${i >> 8}.${i & 255}`, 'alice', `guess-${i}`),
    )
    await Promise.all(all)
    expect(app.verified()).toBe(20)
  })

  test('1,000 wrong ones at as many accounts: no more than the network may have', async () => {
    const app = startAt()
    await Promise.all(Array.from({ length: 1000 }, (_, i) => app.at('192.0.2.1', `user-${i}`, 'guess')))
    expect(app.verified()).toBe(5)
  })

  test('whoever is refused for attempts under way alone is told one second, not the window', async () => {
    const hanging: (() => void)[] = []
    const verify = async (): Promise<boolean> => {
      await new Promise<void>((resolve) => hanging.push(resolve))
      return false
    }
    const app = startAt({ throttle: { ...throttle, perAccount: 1 }, passwords: { ...plain, verify } })
    const first = app.at('192.0.2.1', 'alice', 'guess')
    while (hanging.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const later = { ok: false, code: 'throttled', retryAfterSeconds: 1 }
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toEqual(later)
    for (const end of hanging) end()
    expect(await first).toMatchObject({ code: 'invalid_credentials' })
  })
})

describe('locking the owner out', () => {
  test('by guessing from another network: they are let in, and are until the account has had too many', async () => {
    const app = startAt()
    for (let i = 0; i < 9; i++) await app.guess(4, `198.51.100.${i}`)
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ ok: true })
    await app.guess(3, '198.51.100.9')
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('the owner’s successes give a guesser no further guess', async () => {
    const app = startAt()
    await app.guess(3, '198.51.100.1')
    await app.at('192.0.2.1', 'alice', 'wonderland')
    await app.guess(5, '198.51.100.1')
    expect(app.verified()).toBe(4)
  })

  test('an account that is forgiven is open at once, by any name; the network that guessed is not', async () => {
    const app = startAt({ throttle: { ...throttle, perNetwork: 4 } })
    await app.guess(3, '192.0.2.1')
    await app.auth.forgive(app.users.named('alice'))
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ ok: true })
    await app.guess(1, '192.0.2.1')
    await app.authAt('192.0.2.7').forgive(app.users.named('alice'))
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ code: 'throttled' })
    expect(await app.at('192.0.2.2', 'alice', 'wonderland')).toMatchObject({ ok: true })
  })

  test.each([
    ['a disabled account', {}],
    ['a guard', { guards: [() => 'no'] }],
    ['a second factor', { secondFactor: () => true }],
  ])('a right password that is refused by %s is no failure', async (name, options) => {
    const app = startAt(options)
    if (name === 'a disabled account') app.users.change('alice', { disabled: true })
    for (let i = 0; i < 10; i++)
      expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({
        code: name === 'a second factor' ? 'second_factor_required' : 'rejected',
      })
  })
})

describe('one account, one count', () => {
  test('by two names that are not spellings of each other', async () => {
    const app = startAt()
    app.users.byName.set('alice@example.com', 'alice')
    await app.guess(2, '192.0.2.1', 'alice')
    await app.guess(1, '192.0.2.1', 'alice@example.com')
    expect(await app.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ code: 'throttled' })
    expect(await app.at('192.0.2.1', 'alice@example.com', 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('the form and asking for the password again share it', async () => {
    const app = testApp({ throttle })
    const browser = app.browser()
    await app.login(browser, 'alice', 'wonderland')
    for (let i = 0; i < 3; i++) await app.login(app.browser(), 'alice', `guess-${i}`)
    expect(await app.during(browser, (auth) => auth.reauthenticate('wonderland'))).toMatchObject({
      code: 'throttled',
    })
  })

  test('apps with one limiter and namespaces of their own share no count, apps of one namespace do', async () => {
    const limiter = memoryLimiter()
    const [one, two, same] = ['a', 'b', 'a'].map((namespace) => startAt({ limiter, namespace }))
    await one?.guess(3, '192.0.2.1')
    expect(await two?.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ ok: true })
    expect(await same?.at('192.0.2.1', 'alice', 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('an id that is a number and one that is its digits are two accounts', async () => {
    const app = startAt()
    await app.guess(3, '192.0.2.1', 'answer')
    expect(await app.at('192.0.2.1', 'text', 'question')).toMatchObject({ ok: true })
  })
})

/** How much password work runs at once. */
const places = async (): Promise<number> =>
  'WebSocketPair' in globalThis ? 4 : (await import('node:os')).availableParallelism()

describe('password work', () => {
  test('of a sign-up and of an upgrade stands in the same line', async () => {
    let running = 0
    let most = 0
    const hash = async (text: string): Promise<string> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve))
      running--
      return `plain:${text}`
    }
    const verify = async (text: string, hashed: string): Promise<boolean> => (await hash(text)) === hashed
    const app = startAt({ throttle: false, passwords: { ...plain, hash, verify, needsRehash: () => true } })
    const hashed = Array.from({ length: 20 }, (_, i) => app.authAt(`192.0.2.${i}`).hashPassword('new'))
    const logins = Array.from({ length: 20 }, (_, i) => app.at(`192.0.2.${i}`, 'alice', 'wonderland'))
    expect(new Set(await Promise.all(hashed))).toEqual(new Set(['plain:new']))
    for (const outcome of await Promise.all(logins)) expect(outcome).toMatchObject({ ok: true })
    expect(most).toBe(await places())
  })

  test('of a verifier of one’s own is bounded like that of ours', async () => {
    let running = 0
    let most = 0
    const verify = async (): Promise<boolean> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve))
      running--
      return false
    }
    const app = startAt({ throttle: false, passwords: { ...plain, verify } })
    await Promise.all(Array.from({ length: 300 }, (_, i) => app.at('192.0.2.1', `user-${i}`, 'x')))
    expect(most).toBe(await places())
  })

  test('of a verifier that makes no hashes cannot hash', async () => {
    const { verify, dummyHash } = plain
    const app = startAt({ passwords: { verify, dummyHash: dummyHash as string } })
    await expect(app.authAt('192.0.2.1').hashPassword('new')).rejects.toMatchObject({ code: 'misuse' })
  })
})

describe('what the throttle keeps of an attempt', () => {
  const keysOf = async (username: string, address: string): Promise<string[]> => {
    const keys: string[] = []
    const limiter: Limiter = {
      reserve(key, source) {
        keys.push(key)
        if (source !== '') keys.push(source)
        return { waitSeconds: 0 }
      },
      settle() {},
      forget() {},
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
    // The network, the account, and the network as its source.
    expect(keys).toHaveLength(3)
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
  })

  test('a name that is too long is not counted', async () => {
    expect(await keysOf('a'.repeat(321), '192.0.2.1')).toEqual([])
    expect(await keysOf('\ufdfa'.repeat(18), '192.0.2.1')).toEqual([])
  })
})

describe('whose address it is', () => {
  const login = async (trustProxy: number, forwarded: string, socket: string, count: number) => {
    const app = testApp({ trustProxy, throttle: { perAccount: 1000, perNetwork: 2, windowSeconds: 60 } })
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
    const app = testApp({ throttle: { perAccount: 1000, perNetwork: 2, windowSeconds: 60 } })
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
