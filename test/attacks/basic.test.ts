import {
  type AuthOptions,
  basicAuthenticator,
  createApiToken,
  createAuth,
  handleRequest,
  LatchkeyError,
  memoryRecords,
  type RequestAuth,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, testApp, Users } from '../app.ts'

type Work = (auth: RequestAuth<TestUser>) => unknown

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
const bytes = (...codes: number[]): string => btoa(String.fromCharCode(...codes))
const basic = (name: string, password: string): string => `Basic ${base64(`${name}:${password}`)}`

/** `alice:wonderland`, as it must be spelt; it ends with `==`, so that there are bits left over. */
const GOOD = 'YWxpY2U6d29uZGVybGFuZA=='
const ALICE = `Basic ${GOOD}`

/** An app whose every page is for users, by HTTP Basic alone unless the test says more. */
function start(options: Partial<AuthOptions<TestUser>> = {}) {
  const clock = testClock()
  const users = new Users()
  const asked: string[] = []
  const verified: string[] = []
  const events: Record<string, unknown>[] = []
  let thrown: unknown
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: {
      ...users.provider,
      findByUsername(name) {
        asked.push(name)
        return users.provider.findByUsername(name)
      },
    },
    passwords: {
      ...plain,
      verify(text, hashed) {
        verified.push(hashed)
        return plain.verify(text, hashed)
      },
    },
    authenticators: [basicAuthenticator()],
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  })
  /** A request with these headers; those of one name as two lines. */
  const ask = (headers: HeadersInit, { work, method = 'GET' }: { work?: Work; method?: string } = {}) => {
    const sent = new Headers(headers)
    if (!sent.has('accept')) sent.set('accept', 'application/json')
    return handleRequest(
      auth,
      new Request(ORIGIN, { method, headers: sent }),
      async (current) => {
        const refused = await current.requireUser()
        if (refused) return refused
        const answer = await work?.(current)
        return answer instanceof Response ? answer : Response.json({ user: current.token.userId, answer })
      },
      {
        address: '192.0.2.1',
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  }
  const by = (authorization: string) => ask({ authorization })
  return { auth, ask, by, users, clock, asked, verified, events, thrown: () => thrown }
}

/** The user who was let in, or the code of the refusal. */
async function verdict(answer: Response): Promise<unknown> {
  const { user, code } = (await answer.json()) as { user?: unknown; code?: unknown }
  return user ?? code
}

describe('HTTP Basic lets in', () => {
  test.each([
    ['name and password', ALICE, 'alice'],
    ['with the scheme in capitals', `BASIC ${GOOD}`, 'alice'],
    ['with the scheme in any mixture', `bAsIc ${GOOD}`, 'alice'],
    ['with several spaces after it', `Basic     ${GOOD}`, 'alice'],
    ['with blanks around the whole, which no header keeps', `  ${ALICE} \t `, 'alice'],
    ['a password with colons: the first one divides', basic('colons', 'a:b::c'), 'colons'],
    ['a password that begins with a colon', basic('leading', ':secret'), 'leading'],
    ['a password that is a colon', basic('colon', ':'), 'colon'],
    ['UTF-8 in both', basic('jürgen', 'pässwörd €'), 'jürgen'],
    ['beyond the first plane of Unicode', basic('emoji', '🔑🔑'), 'emoji'],
    ['a password with blanks, not one of which is cut off', basic('blanks', '  two  '), 'blanks'],
    ['the longest password there is, 4,096 bytes', basic('long', 'x'.repeat(4096)), 'long'],
  ])('%s', async (_, authorization, name) => {
    const { by, users } = start()
    const more = {
      colons: 'a:b::c',
      leading: ':secret',
      colon: ':',
      jürgen: 'pässwörd €',
      emoji: '🔑🔑',
      blanks: '  two  ',
      long: 'x'.repeat(4096),
    }
    for (const [id, password] of Object.entries(more))
      users.put(id, { id, hashedPassword: `plain:${password}` })
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([200, name])
  })
})

describe('what is no name and password is refused, and nobody is looked up', () => {
  test.each([
    ['the scheme alone', 'Basic'],
    ['the scheme and a blank', 'Basic '],
    ['what is no base64', 'Basic !!!!'],
    ['the text in the clear', 'Basic alice:wonderland'],
    ['padding left out', `Basic ${GOOD.slice(0, -2)}`],
    ['half of the padding', `Basic ${GOOD.slice(0, -1)}`],
    ['padding too much', `Basic ${GOOD}=`],
    ['a whole group of padding', `Basic ${GOOD}====`],
    ['bits left over that are not zero: another spelling', `Basic ${GOOD.replace('ZA==', 'ZB==')}`],
    ['data after the padding', `Basic ${GOOD}QUFB`],
    ['a second text after the first', `Basic ${GOOD}${GOOD}`],
    ['a blank inside', `Basic ${GOOD.slice(0, 8)} ${GOOD.slice(8)}`],
    ['a tab inside', `Basic ${GOOD.slice(0, 8)}\t${GOOD.slice(8)}`],
    ['a blank before the padding', `Basic ${GOOD.slice(0, -2)} ==`],
    ['the alphabet for URLs: "-"', `Basic ${base64('alice:w>>>').replaceAll('+', '-')}`],
    ['the alphabet for URLs: "_"', `Basic ${base64('alice:w???').replaceAll('/', '_')}`],
    ['a blank of Latin-1 behind it', `${ALICE}\xa0`],
    ['parameters in place of base64', `Basic username="alice", password="wonderland"`],
    ['the scheme twice', `Basic ${ALICE}`],
    ['the same twice in one line', `${ALICE}, ${ALICE}`],
    ['a bearer token behind it', `${ALICE}, Bearer token`],
    ['no colon', `Basic ${base64('alice')}`],
    ['a colon alone', `Basic ${base64(':')}`],
    ['an empty password', basic('alice', '')],
    ['an empty password of a user without one', basic('sso', '')],
    ['NUL after the name', basic('alice\0', 'wonderland')],
    ['NUL after the password', basic('alice', 'wonderland\0')],
    ['a line feed in the name', basic('ali\nce', 'wonderland')],
    ['a line feed after the password', basic('alice', 'wonderland\n')],
    ['a carriage return', basic('alice', 'wonderland\r')],
    ['a tab in the password', basic('alice', 'wonder\tland')],
    ['DEL', basic('alice', 'wonderland\x7f')],
    ['Latin-1', `Basic ${bytes(0x6a, 0xfc, 0x3a, 0x78)}`],
    ['UTF-8 that breaks off', `Basic ${bytes(0x61, 0x3a, 0xe2, 0x82)}`],
    ['UTF-8 longer than it need be, for a colon', `Basic ${bytes(0x61, 0xc0, 0xba, 0x62)}`],
    ['half of a surrogate pair', `Basic ${bytes(0x61, 0x3a, 0xed, 0xa0, 0x80)}`],
    ['UTF-16', `Basic ${bytes(0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00)}`],
  ])('%s', async (_, authorization) => {
    const { by, asked, verified } = start()
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_credentials'])
    expect([asked, verified]).toEqual([[], []])
  })

  test('two Authorization headers, both of them good', async () => {
    const { ask, asked } = start()
    const answer = await ask([
      ['authorization', ALICE],
      ['authorization', basic('bob', 'builder')],
    ])
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_credentials'])
    expect(asked).toEqual([])
  })

  test.each([
    ['a password of more than 4,096 bytes', basic('alice', 'x'.repeat(4097))],
    ['the same in fewer characters', basic('alice', '€'.repeat(1366))],
    ['a megabyte of password', `Basic ${btoa(`alice:${'x'.repeat(1_000_000)}`)}`],
    ['a name of more than 1,024 characters', basic('x'.repeat(1025), 'wonderland')],
    ['a megabyte of name', `Basic ${btoa(`${'x'.repeat(1_000_000)}:x`)}`],
  ])('%s', async (_, authorization) => {
    const { by, asked, verified } = start()
    expect(await verdict(await by(authorization))).toBe('invalid_credentials')
    expect([asked, verified]).toEqual([[], []])
  })
})

describe('another scheme is none of its business', () => {
  test.each([
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['a scheme that only begins alike', { authorization: `BasicX ${GOOD}` }],
    ['no blank between', { authorization: `Basic${GOOD}` }],
    ['a tab in place of the blank', { authorization: `Basic\t${GOOD}` }],
    ['a colon in place of the blank', { authorization: `Basic:${GOOD}` }],
    ['another scheme', { authorization: `Bearer ${GOOD}` }],
    ['another scheme before it', { authorization: `Bearer x, ${ALICE}` }],
    ['the header for proxies', { 'proxy-authorization': ALICE }],
    ['a header that only ends alike', { 'x-authorization': ALICE }],
  ])('%s', async (_, headers) => {
    const { ask, asked } = start()
    const answer = await ask(headers as Record<string, string>)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'login_required'])
    expect(asked).toEqual([])
  })
})

describe('finding out by Basic who has an account', () => {
  test.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['an unknown user', basic('ghost', 'wrong')],
    ['an unknown user, by a mark of byte order before a name', basic('\ufeffalice', 'wonderland')],
    ['an unknown user, by another spelling of the umlaut', basic('ju\u0308rgen', 'wonderland')],
    ['no name at all', basic('', 'wonderland')],
    ['a user without a password', basic('sso', 'wrong')],
    ['a user whose hash nobody can read', basic('broken', 'wrong')],
  ])('%s costs one verification, and looks like any other', async (_, authorization) => {
    const { by, verified, users } = start()
    users.put('jürgen', { id: 'jürgen', hashedPassword: 'plain:wonderland' })
    users.put('broken', { id: 'broken', hashedPassword: '' })
    const answer = await by(authorization)
    expect(verified).toHaveLength(1)
    expect({
      ...Object.fromEntries(answer.headers),
      status: answer.status,
      body: await answer.text(),
    }).toEqual({
      status: 401,
      body: '{"ok":false,"code":"invalid_credentials"}',
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'www-authenticate': 'Basic realm="Protected access", charset="UTF-8"',
    })
  })

  test('a password with a mark of byte order before it is another password', async () => {
    const { by } = start()
    expect(await verdict(await by(basic('alice', '\ufeffwonderland')))).toBe('invalid_credentials')
  })
})

describe('what keeps a user out of the form keeps him out here', () => {
  const CAROL = basic('carol', 'right')
  const rows: readonly [
    sentence: string,
    options: Partial<AuthOptions<TestUser>>,
    header: string,
    code: string,
  ][] = [
    ['a disabled account', {}, CAROL, 'rejected'],
    ['a disabled account and a wrong password', {}, basic('carol', 'wrong'), 'invalid_credentials'],
    ['a disabled account, concealed', { hideRejectionReason: true }, CAROL, 'invalid_credentials'],
    ['a guard that says why', { guards: [() => 'not_today'] }, ALICE, 'rejected'],
    ['a guard that says no', { guards: [() => false] }, ALICE, 'rejected'],
    ['a guard that says no later', { guards: [async () => false] }, ALICE, 'rejected'],
    ['a guard, concealed', { guards: [() => 'x'], hideRejectionReason: true }, ALICE, 'invalid_credentials'],
    ['a second factor that is due', { secondFactor: () => true }, ALICE, 'rejected'],
    [
      'a second factor that is due, concealed',
      { secondFactor: () => true, hideRejectionReason: true },
      ALICE,
      'invalid_credentials',
    ],
    ['a second factor that is due, as is found later', { secondFactor: async () => true }, ALICE, 'rejected'],
  ]
  test.each(rows)('%s', async (_, options, authorization, code) => {
    const { by, users } = start(options)
    users.put('carol', { id: 'carol', hashedPassword: 'plain:right', disabled: true })
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([401, code])
    expect(answer.headers.get('www-authenticate')).toContain('Basic')
  })

  test('guards are asked after the password', async () => {
    let guards = 0
    const { by } = start({ guards: [() => void guards++] })
    await by(basic('alice', 'wrong'))
    expect(guards).toBe(0)
    expect(await verdict(await by(ALICE))).toBe('alice')
    expect(guards).toBe(1)
  })

  test('a guard that throws lets nobody in, and what it threw reaches the app', async () => {
    const broken = new TypeError('guard broke')
    const { by, thrown } = start({
      guards: [
        () => {
          throw broken
        },
      ],
    })
    expect((await by(ALICE)).status).toBe(500)
    expect(thrown()).toBe(broken)
  })

  test('events tell of the refusals, and a request that passes is no login', async () => {
    const { by, events } = start({ guards: [(_, { id }) => (id === 'bob' ? 'not_bob' : undefined)] })
    await by(basic('alice', 'wrong'))
    await by(basic('bob', 'builder'))
    await by(ALICE)
    expect(events).toMatchObject([
      { type: 'login_failed', username: 'alice', address: '192.0.2.1' },
      { type: 'login_rejected', user: { id: 'bob' }, reason: 'not_bob' },
    ])
    expect(events).toHaveLength(2)
  })
})

describe('guessing passwords by Basic', () => {
  const throttle = { perAccount: 3, perAddress: 5, windowSeconds: 60 }
  const form = (app: ReturnType<typeof start>, password: string) =>
    app.auth.begin(new Request(ORIGIN, { method: 'POST' }), '198.51.100.7').login('alice', password)

  test('ends with 429 and the time to wait, the right password included', async () => {
    const app = start({ throttle })
    for (const spelling of ['alice', 'ALICE', ' alice ']) await app.by(basic(spelling, 'guess'))
    app.clock.advance(15)
    const answer = await app.by(ALICE)
    expect([answer.status, await verdict(answer)]).toEqual([429, 'throttled'])
    expect(answer.headers.get('retry-after')).toBe('45')
    expect(app.verified).toHaveLength(3)
    app.clock.advance(45)
    expect(await verdict(await app.by(ALICE))).toBe('alice')
  })

  test('uses up the attempts of the form', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 3; i++) await app.by(basic('alice', `guess-${i}`))
    expect(await form(app, 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('finds those used up that the form has used', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 3; i++) await form(app, `guess-${i}`)
    expect((await app.by(ALICE)).status).toBe(429)
  })

  test('counts for the address as well', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 5; i++) await app.by(basic(`user-${i}`, 'guess'))
    expect((await app.by(ALICE)).status).toBe(429)
  })

  test('counts all of those that come at once', async () => {
    const app = start({ throttle: { ...throttle, perAddress: 100 } })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => app.by(basic('alice', `${i}`))))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17)
  })

  test('does not count a password that is right', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 20; i++) expect(await verdict(await app.by(ALICE))).toBe('alice')
  })

  test('counts a password that is too long to be looked at', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 3; i++) await app.by(basic('alice', 'x'.repeat(4097)))
    expect((await app.by(ALICE)).status).toBe(429)
  })
})

describe('no session comes of it', () => {
  test('no cookie, and the answer is nobody else’s', async () => {
    const { by } = start()
    const answer = await by(ALICE)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private')
  })

  test('what the handler calls public is private all the same', async () => {
    const { ask } = start()
    const headers = { 'cache-control': 'public, s-maxage=60, max-age=3600' }
    const answer = await ask({ authorization: ALICE }, { work: () => new Response('page', { headers }) })
    expect(answer.headers.get('cache-control')).toBe('private, max-age=3600')
  })

  test('a session beside it is not read, not written and not ended', async () => {
    const calls: PropertyKey[] = []
    const store = new Proxy(memoryRecords(), {
      get(target, name) {
        calls.push(name)
        const method: unknown = Reflect.get(target, name)
        return typeof method === 'function' ? method.bind(target) : method
      },
    })
    const app = testApp({
      sessions: storedSessions(store),
      now: Date.now,
      authenticators: [basicAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()],
    })
    const browser = app.browser()
    await app.login(browser, 'bob', 'builder')
    calls.length = 0
    const headers = { authorization: ALICE, cookie: browser.cookieHeader }
    const answer = await handleRequest(app.auth, new Request(ORIGIN, { headers }), async (current) =>
      Response.json({ user: (await current.authenticate()).userId }),
    )
    expect(await verdict(answer)).toBe('alice')
    expect([answer.headers.getSetCookie(), calls]).toEqual([[], []])
    expect(await app.whoIs(browser)).toBe('bob')
  })

  test('who has proven himself by Basic is fresh, in this request', async () => {
    const { ask, clock } = start()
    const work: Work = ({ isFresh, token }) => [isFresh, token.state, token.method, token.authTime]
    const answer = await ask({ authorization: ALICE }, { work })
    expect(await answer.json()).toMatchObject({ answer: [true, 'fresh', 'basic', clock.now()] })
  })

  test('proving it again makes no session either', async () => {
    const { ask } = start()
    const answer = await ask({ authorization: ALICE }, { work: (auth) => auth.reauthenticate('wonderland') })
    expect(await answer.json()).toMatchObject({ answer: { ok: true } })
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a session is no way around a bad password', () => {
  test.each([
    ['a wrong one', basic('alice', 'wrong')],
    ['one of somebody else', basic('ghost', 'builder')],
    ['the user’s own, and wrong', basic('bob', 'wrong')],
    ['none at all', 'Basic'],
    ['what is no base64', 'Basic !!!!'],
  ])('%s', async (_, authorization) => {
    const app = testApp({
      authenticators: [basicAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()],
    })
    const browser = app.browser()
    await app.login(browser, 'bob', 'builder')
    expect(await app.whoIs(browser)).toBe('bob')
    const headers = { authorization, cookie: browser.cookieHeader }
    const answer = await handleRequest(app.auth, new Request(ORIGIN, { headers }), async (current) => {
      return (await current.requireUser()) ?? new Response(String(current.token.userId))
    })
    expect(answer.status).toBe(401)
    expect(await app.whoIs(browser)).toBe('bob')
  })
})

test('a browser that knows the password is not made to send it by another site', async () => {
  const { ask, asked } = start()
  const headers = { authorization: ALICE, 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
  const answer = await ask(headers, { method: 'POST' })
  expect([answer.status, await verdict(answer)]).toEqual([403, 'cross_origin_refused'])
  expect(asked).toEqual([])
})

describe('a hash of a lower cost', () => {
  const upgrading = (upgradeHash: (change: object) => void) => {
    const users = new Users()
    users.put('legacy', { id: 'legacy', hashedPassword: 'plain:old' })
    return start({
      users: { ...users.provider, upgradeHash: (_, change) => upgradeHash(change) },
      passwords: {
        ...plain,
        hash: (text) => `new:${text}`,
        needsRehash: (hashed) => hashed.startsWith('plain:'),
      },
    })
  }

  test('is renewed', async () => {
    const changes: object[] = []
    expect(await verdict(await upgrading((change) => changes.push(change)).by(basic('legacy', 'old')))).toBe(
      'legacy',
    )
    expect(changes).toEqual([{ from: 'plain:old', to: 'new:old' }])
  })

  test('is not renewed by a wrong password', async () => {
    const changes: object[] = []
    await upgrading((change) => changes.push(change)).by(basic('legacy', 'wrong'))
    expect(changes).toEqual([])
  })

  test('that cannot be renewed costs nobody his request', async () => {
    const { by } = upgrading(() => {
      throw new Error('read-only')
    })
    expect(await verdict(await by(basic('legacy', 'old')))).toBe('legacy')
  })
})

describe('the realm', () => {
  const challengeOf = async (options: Partial<AuthOptions<TestUser>>) =>
    (await start(options).ask({})).headers.get('www-authenticate')

  test.each([
    ['plain text', 'Staff', 'Basic realm="Staff", charset="UTF-8"'],
    ['quotes and a backslash', 'a "b" \\c', 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"'],
    [
      'what would be another challenge',
      'x", Bearer realm="y',
      'Basic realm="x\\", Bearer realm=\\"y", charset="UTF-8"',
    ],
    ['nothing', '', 'Basic realm="", charset="UTF-8"'],
  ])('%s', async (_, realm, header) => {
    expect(await challengeOf({ realm })).toBe(header)
    expect(await challengeOf({ authenticators: [basicAuthenticator({ realm })], realm: 'Other' })).toBe(
      header,
    )
  })

  test.each([
    ['a line break', 'a\r\nSet-Cookie: x=1'],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['NUL', 'a\0b'],
    ['a tab', 'a\tb'],
    ['what is not ASCII', 'Zürich'],
    ['a number', 42],
    ['null', null],
  ])('%s is refused when it is built', (_, realm) => {
    const refused = expect.objectContaining({
      code: 'invalid_configuration',
      message: expect.stringContaining('realm'),
    })
    expect(() => start({ realm: realm as string })).toThrowError(refused)
    expect(() => basicAuthenticator({ realm: realm as string })).toThrowError(refused)
  })
})

describe('breaking an engine', () => {
  const broken = () => {
    throw new Error('postgres://app:s3cret@db.internal')
  }
  const hanging = () => new Promise<never>(() => {})
  const users = new Users().provider
  const rows: readonly [sentence: string, options: Partial<AuthOptions<TestUser>>][] = [
    ['a provider that throws', { users: { ...users, findByUsername: broken } }],
    ['a provider that fails later', { users: { ...users, findByUsername: async () => broken() } }],
    ['a provider that hangs', { users: { ...users, findByUsername: hanging } }],
    ['a limiter that throws', { limiter: { consume: broken, refund: broken } }],
    ['a limiter that takes nothing back', { limiter: { consume: () => 0, refund: broken } }],
    ['a limiter that hangs', { limiter: { consume: hanging, refund: hanging } }],
    ['a table of second factors that throws', { secondFactor: broken }],
    ['a guard that hangs', { guards: [hanging] }],
    [
      'a user without a usable id',
      { users: { ...users, findByUsername: () => ({ id: '', hashedPassword: 'plain:wonderland' }) } },
    ],
  ]
  test.each(rows)('%s lets nobody in', async (_, options) => {
    const { by, thrown } = start({ timeLimitSeconds: 0.05, ...options })
    const answer = await by(ALICE)
    const body = await answer.text()
    expect([answer.status, body]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(thrown()).toBeInstanceOf(LatchkeyError)
  })

  test('more password work than there is room for is "later"', async () => {
    const verify = () => {
      throw new LatchkeyError('password_queue_full', 'later')
    }
    const answer = await start({ passwords: { ...plain, verify } }).by(ALICE)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
  })
})

test('a misspelt option is refused, or it would be a protection that is silently off', () => {
  expect(() => basicAuthenticator({ relm: 'x' } as never)).toThrowError('`relm`')
  expect(() => createApiToken({ prefx: 'x' } as never)).toThrowError('`prefx`')
})
