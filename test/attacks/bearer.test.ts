import {
  type ApiKeyOptions,
  type Authenticator,
  type AuthOptions,
  apiKeyAuthenticator,
  authenticatedToken,
  basicAuthenticator,
  bearerAuthenticator,
  createApiToken,
  createAuth,
  handleRequest,
  hashApiToken,
  LatchkeyError,
  memoryRecords,
  memoryUsers,
  type RequestAuth,
  sessionAuthenticator,
  storedSessions,
  tokenAuthenticator,
  type UserProvider,
} from 'latchkey'
import { TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

type Work = (auth: RequestAuth<TestUser>) => unknown
type Sent = Record<string, string> | [string, string][]

const TOKEN = 'alice-token-123'
const GOOD = { authorization: `Bearer ${TOKEN}` }
const REALM = 'realm="Protected access"'

interface Ask {
  readonly path?: string
  readonly method?: string
  readonly body?: URLSearchParams
  /** In place of the check for a user. */
  readonly instead?: Work
  /** After it. */
  readonly work?: Work
  readonly scopes?: readonly unknown[]
}

/** An app whose every page is for users, by bearer token alone unless the test says more. */
function start({
  authenticators = [bearerAuthenticator()],
  ...options
}: Partial<AuthOptions<TestUser>> = {}) {
  const clock = testClock()
  const users = new Users()
  users.change('alice', { scopes: ['read', 'write'] })
  const tokens = new Map<string, () => unknown>([
    [TOKEN, () => users.byId.get('alice')],
    ['carol-token', () => ({ id: 'carol', hashedPassword: null, disabled: true })],
    ['A1-._~+/==', () => users.byId.get('bob')],
  ])
  const asked: string[] = []
  const provider: UserProvider<TestUser> = {
    ...users.provider,
    findByToken(token) {
      asked.push(token)
      return tokens.get(token)?.() as TestUser | undefined
    },
  }
  let thrown: unknown
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: provider,
    passwords: plain,
    authenticators,
    now: clock.now,
    ...options,
  })
  const ask = (headers: Sent = {}, { path = '/', instead, work, scopes, ...init }: Ask = {}) => {
    const sent = new Headers(headers)
    sent.set('accept', 'application/json')
    const handle: Work = async (current) => {
      const refused = await current.requireUser(scopes ? { scopes: scopes as string[] } : {})
      if (refused) return refused
      const answer = await work?.(current)
      return answer ?? { user: current.token.userId, method: current.token.method }
    }
    return handleRequest(
      auth,
      new Request(new URL(path, ORIGIN), { ...init, headers: sent }),
      async (current) => {
        const answer = await (instead ?? handle)(current)
        return answer instanceof Response ? answer : Response.json(answer)
      },
      {
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  }
  /** A browser in which `username` is logged in. */
  const login = async (username: string): Promise<TestBrowser> => {
    const browser = new TestBrowser(
      (request) =>
        handleRequest(auth, request, async (current) => {
          await current.loginUser(users.named(username))
          return new Response()
        }),
      ORIGIN,
    )
    await browser.post('/')
    return browser
  }
  return { auth, ask, login, users, tokens, provider, clock, asked, thrown: () => thrown }
}

/** The user who was let in, or the code of the refusal. */
async function verdict(answer: Response): Promise<unknown> {
  const { user, code } = (await answer.json()) as { user?: unknown; code?: unknown }
  return user ?? code
}

const challenge = (answer: Response): string | null => answer.headers.get('www-authenticate')

describe('a bearer token lets in', () => {
  test.each([
    ['as it should be', `Bearer ${TOKEN}`, 'alice'],
    ['with the scheme in small letters', `bearer ${TOKEN}`, 'alice'],
    ['with the scheme in any mixture', `bEArEr ${TOKEN}`, 'alice'],
    ['with several spaces after it', `Bearer     ${TOKEN}`, 'alice'],
    ['with blanks around the whole, which no header keeps', ` \tBearer ${TOKEN} \t`, 'alice'],
    ['of all the characters that there are', 'Bearer A1-._~+/==', 'bob'],
  ])('%s', async (_, authorization, user) => {
    const answer = await start().ask({ authorization })
    expect([answer.status, await verdict(answer), challenge(answer)]).toEqual([200, user, null])
  })
})

describe('who shows no token is told 401 and no error (RFC 6750, 3.1)', () => {
  const form = new URLSearchParams({ access_token: TOKEN })
  const rows: readonly [sentence: string, headers: Sent, ask?: Ask][] = [
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a scheme that only begins alike', { authorization: `BearerX ${TOKEN}` }],
    ['a tab in place of the space', { authorization: `Bearer\t${TOKEN}` }],
    ['no space between', { authorization: `Bearer${TOKEN}` }],
    ['a colon in place of the space', { authorization: `Bearer:${TOKEN}` }],
    ['the token without a scheme', { authorization: TOKEN }],
    ['another scheme before it', { authorization: `Basic x, Bearer ${TOKEN}` }],
    ['a blank of Latin-1 before it', { authorization: `\xa0Bearer ${TOKEN}` }],
    ['the token in the query', {}, { path: `/?access_token=${TOKEN}` }],
    ['the token in a form', {}, { method: 'POST', body: form }],
    ['the token in a cookie', { cookie: `access_token=${TOKEN}; Authorization=Bearer ${TOKEN}` }],
    ['the header for proxies', { 'proxy-authorization': `Bearer ${TOKEN}` }],
    ['a header of an API key', { 'x-api-key': TOKEN }],
  ]
  test.each(rows)('%s', async (_, headers, ask) => {
    const app = start()
    const answer = await app.ask(headers, ask)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'login_required'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}`)
    expect(app.asked).toEqual([])
  })
})

describe('what is no token is told 400, and never reaches the provider', () => {
  test.each([
    ['the scheme alone', 'Bearer'],
    ['the scheme and spaces', 'Bearer   '],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
    ['a list', `Bearer ${TOKEN},${TOKEN}`],
    ['the header twice in one line', `Bearer ${TOKEN}, Bearer ${TOKEN}`],
    ['the scheme twice', `Bearer Bearer ${TOKEN}`],
    ['another scheme behind it', `Bearer ${TOKEN}, Basic x`],
    ['a tab inside', `Bearer ${TOKEN}\tx`],
    ['a tab before it', `Bearer \t${TOKEN}`],
    ['quotes', `Bearer "${TOKEN}"`],
    ['a parameter', `Bearer token="${TOKEN}"`],
    ['what is not ASCII', 'Bearer alic\u00e9'],
    ['a blank of Latin-1 behind it', `Bearer ${TOKEN}\xa0`],
    ['an escape', `Bearer ${TOKEN}%20`],
    ['an address, which is no token68', 'Bearer alice@example.test'],
    ['padding alone', 'Bearer =='],
    ['padding before it', `Bearer =${TOKEN}`],
    ['padding in the middle', 'Bearer ali=ce'],
    ['a semicolon', `Bearer ${TOKEN};`],
    ['a wildcard', 'Bearer *'],
    ['a quotation for SQL', "Bearer ' OR 1=1 --"],
    ['more than 8 kB', `Bearer ${'x'.repeat(8193)}`],
    ['a megabyte', `Bearer ${'x'.repeat(1_000_000)}`],
  ])('%s', async (_, authorization) => {
    const app = start()
    const answer = await app.ask({ authorization })
    expect([answer.status, await verdict(answer)]).toEqual([400, 'invalid_request'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="invalid_request"`)
    expect(app.asked).toEqual([])
  })

  test('two Authorization headers, both of them good', async () => {
    const app = start()
    const both: [string, string][] = [
      ['authorization', `Bearer ${TOKEN}`],
      ['authorization', `Bearer ${TOKEN}`],
    ]
    expect((await app.ask(both)).status).toBe(400)
    expect(app.asked).toEqual([])
  })
})

describe('a token that is nobody’s is told 401 invalid_token', () => {
  const rows: readonly [sentence: string, token: string, user?: unknown][] = [
    ['an unknown one', 'unknown'],
    ['the beginning of a good one', TOKEN.slice(0, -1)],
    ['a good one with more behind it', `${TOKEN}=`],
    ['a good one in capitals', TOKEN.toUpperCase()],
    ['the longest there is', 'x'.repeat(8192)],
    ['a username', 'alice'],
    ['an id', '42'],
    ['a stored password hash', 'plain'],
    ['a name that every object has', '__proto__'],
    ['one of a disabled user', 'carol-token'],
    ['one of a user who is gone', 'x', null],
    ['one of a user whose id is empty', 'x', { id: '', hashedPassword: null }],
    ['one of a user whose id is no number', 'x', { id: Number.NaN, hashedPassword: null }],
    ['one of a user whose id is half a number', 'x', { id: 1.5, hashedPassword: null }],
    ['one of a user whose id is null', 'x', { id: null, hashedPassword: null }],
    ['one of a user whose id is a list', 'x', { id: ['alice'], hashedPassword: null }],
    ['one of a user whose id is half a character', 'x', { id: '\ud800', hashedPassword: null }],
    ['one of a row without an id', 'x', {}],
    ['one for which the table says no', 'x', false],
  ]
  test.each(rows)('%s', async (_, token, user) => {
    const app = start()
    app.tokens.set('x', () => user)
    const answer = await app.ask({ authorization: `Bearer ${token}` })
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_token'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="invalid_token"`)
    expect(app.asked).toEqual([token])
  })

  test('one whose user is disabled, or deleted, from then on', async () => {
    const { ask, users } = start()
    expect(await verdict(await ask(GOOD))).toBe('alice')
    users.change('alice', { disabled: true })
    expect(await verdict(await ask(GOOD))).toBe('invalid_token')
    users.change('alice', { disabled: false })
    expect(await verdict(await ask(GOOD))).toBe('alice')
    users.byId.delete('alice')
    expect(await verdict(await ask(GOOD))).toBe('invalid_token')
  })
})

describe('a scope that is missing is told 403, and which it is', () => {
  test.each([
    ['one that he has', ['read'], 200, null],
    ['all that he has', ['write', 'read'], 200, null],
    ['none', [], 200, null],
    ['one that he has not', ['admin'], 403, 'admin'],
    ['one of two', ['read', 'admin'], 403, 'read admin'],
    ['the beginning of one', ['rea'], 403, 'rea'],
    ['more than one of his', ['read:all'], 403, 'read:all'],
    ['one of his in capitals', ['READ'], 403, 'READ'],
    ['two in one', ['read write', 'admin'], 403, 'admin'],
  ])('%s', async (_, scopes, status, named) => {
    const answer = await start().ask(GOOD, { scopes })
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(await verdict(answer)).toBe('insufficient_scope')
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope", scope="${named}"`)
  })

  const hostile: readonly [sentence: string, scope: unknown][] = [
    ['that ends the quotes', 'x", error="none'],
    ['that begins another challenge', 'x", Basic realm="y'],
    ['with a line break', 'x\r\nSet-Cookie: session=evil'],
    ['with a line feed', 'x\ny'],
    ['with a backslash', 'x\\'],
    ['with NUL', 'x\0'],
    ['with a blank', 'read x'],
    ['that is not ASCII', 'größe'],
    ['that is empty', ''],
    ['that is no text', 42],
    ['that is a list', ['read']],
  ]
  test.each(hostile)('one %s, straight from a query, says nothing in a header', async (_, scope) => {
    const { ask } = start()
    const answer = await ask(GOOD, { scopes: [scope, 'admin'] })
    expect(answer.status).toBe(403)
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope", scope="admin"`)
    const alone = await ask(GOOD, { scopes: [scope] })
    expect(alone.status).toBe(403)
    expect(challenge(alone)).toMatch(
      /^Bearer realm="Protected access", error="insufficient_scope"(, scope="")?$/,
    )
    expect([...alone.headers.keys()].toSorted()).toEqual([
      'cache-control',
      'content-type',
      'www-authenticate',
    ])
  })

  test('where none can be named, none is: an empty list of scopes is no such list (RFC 6749, A.4)', async () => {
    const answer = await start().ask(GOOD, { scopes: ['two words'] })
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope"`)
  })

  test.each([
    ['are one text', 'admin'],
    ['are an object', { admin: true, includes: () => true }],
    ['are null', null],
  ])('whose scopes %s has none', async (_, scopes) => {
    const { ask, users } = start()
    users.change('alice', { scopes: scopes as never })
    expect((await ask(GOOD, { scopes: ['admin'] })).status).toBe(403)
  })

  test('whoever is nobody is told so, and not which scope it takes', async () => {
    const answer = await start().ask({}, { scopes: ['admin'] })
    expect([answer.status, challenge(answer)]).toEqual([401, `Bearer ${REALM}`])
  })

  test('to a session no challenge says anything', async () => {
    const { ask, login } = start({ authenticators: [sessionAuthenticator(), bearerAuthenticator()] })
    const browser = await login('bob')
    const answer = await ask({ cookie: browser.cookieHeader }, { scopes: ['admin'] })
    expect([answer.status, challenge(answer)]).toEqual([403, null])
  })
})

describe('a token under a scheme of another name', () => {
  const app = () => start({ authenticators: [tokenAuthenticator('Custom')] })

  test.each([
    ['its own', `Custom ${TOKEN}`, 200, 'alice'],
    ['its own in capitals', `CUSTOM ${TOKEN}`, 200, 'alice'],
    ['its own, with spaces', `Custom    ${TOKEN}`, 200, 'alice'],
    ['another one', `Bearer ${TOKEN}`, 401, 'login_required'],
    ['one that begins alike', `Customs ${TOKEN}`, 401, 'login_required'],
    ['its own alone', 'Custom', 401, 'invalid_token'],
    ['its own and two tokens', `Custom ${TOKEN} x`, 401, 'invalid_token'],
    ['its own twice', `Custom ${TOKEN}, Custom ${TOKEN}`, 401, 'invalid_token'],
    ['its own and an unknown token', 'Custom unknown', 401, 'invalid_token'],
    ['its own and more than 8 kB', `Custom ${'x'.repeat(8193)}`, 401, 'invalid_token'],
    ['its own and a name', 'Custom alice', 401, 'invalid_token'],
  ])('%s', async (_, authorization, status, user) => {
    const answer = await app().ask({ authorization })
    expect(challenge(answer)).toBe(status === 200 ? null : `Custom ${REALM}`)
    expect([answer.status, await verdict(answer)]).toEqual([status, user])
  })

  test('says by which scheme the user came', async () => {
    const answer = await app().ask({ authorization: `Custom ${TOKEN}` })
    expect(await answer.json()).toMatchObject({ method: 'custom' })
  })

  test.each([
    ['nothing', ''],
    ['two words', 'My Token'],
    ['a colon', 'Token:'],
    ['a comma', 'A,B'],
    ['quotes', '"Token"'],
    ['a line break', 'Token\r\nX: y'],
    ['what is not ASCII', 'Schlüssel'],
    ['a number', 42],
    ['nothing at all', undefined],
  ])('a name that no header can carry is refused: %s', (_, scheme) => {
    expect(() => tokenAuthenticator(scheme as string)).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining('scheme') }),
    )
  })
})

describe('an API key', () => {
  const CHALLENGE = `ApiKey ${REALM}, header="X-Api-Key"`
  const withQuery = { authenticators: [apiKeyAuthenticator<TestUser>({ query: 'key' })] }
  const withHeader = { authenticators: [apiKeyAuthenticator<TestUser>()] }
  const own = { authenticators: [apiKeyAuthenticator<TestUser>({ header: 'X-Own' })] }

  const rows: readonly [
    sentence: string,
    options: Partial<AuthOptions<TestUser>>,
    headers: Sent,
    path: string,
    verdict: string,
    asked: string[],
  ][] = [
    ['in its header lets in', withHeader, { 'x-api-key': TOKEN }, '/', 'alice', [TOKEN]],
    ['in its header, in any case', withHeader, { 'X-API-KEY': TOKEN }, '/', 'alice', [TOKEN]],
    ['in a header of another name', own, { 'x-own': TOKEN }, '/', 'alice', [TOKEN]],
    ['not in the header that was not asked for', own, { 'x-api-key': TOKEN }, '/', 'login_required', []],
    ['that is missing', withHeader, {}, '/', 'login_required', []],
    ['that is empty', withHeader, { 'x-api-key': '' }, '/', 'login_required', []],
    ['that is unknown', withHeader, { 'x-api-key': 'unknown' }, '/', 'invalid_token', ['unknown']],
    ['of a disabled user', withHeader, { 'x-api-key': 'carol-token' }, '/', 'invalid_token', ['carol-token']],
    ['that is a name', withHeader, { 'x-api-key': 'alice' }, '/', 'invalid_token', ['alice']],
    [
      'of more than 8 kB is not looked up',
      withHeader,
      { 'x-api-key': 'x'.repeat(8193) },
      '/',
      'invalid_token',
      [],
    ],
    [
      'sent twice is neither',
      withHeader,
      [
        ['x-api-key', TOKEN],
        ['x-api-key', TOKEN],
      ],
      '/',
      'invalid_token',
      [`${TOKEN}, ${TOKEN}`],
    ],
    ['not in Authorization', withHeader, { authorization: `ApiKey ${TOKEN}` }, '/', 'login_required', []],
    ['not in a cookie', withHeader, { cookie: `X-Api-Key=${TOKEN}` }, '/', 'login_required', []],
    [
      'not in the query, unless asked for',
      withHeader,
      {},
      `/?X-Api-Key=${TOKEN}&key=${TOKEN}`,
      'login_required',
      [],
    ],
    ['in the query where asked for', withQuery, {}, `/?key=${TOKEN}`, 'alice', [TOKEN]],
    ['of several in the query the last', withQuery, {}, `/?key=unknown&key=${TOKEN}`, 'alice', [TOKEN]],
    [
      'of several in the query no other',
      withQuery,
      {},
      `/?key=${TOKEN}&key=unknown`,
      'invalid_token',
      ['unknown'],
    ],
    [
      'of several in the query the last, empty as it is',
      withQuery,
      {},
      `/?key=${TOKEN}&key=`,
      'login_required',
      [],
    ],
    [
      'in the query under exactly its name',
      withQuery,
      {},
      `/?KEY=${TOKEN}&key[]=${TOKEN}&keys=${TOKEN}`,
      'login_required',
      [],
    ],
    ['behind the fragment it is not read', withQuery, {}, `/#?key=${TOKEN}`, 'login_required', []],
    [
      'in the header counts before the query',
      withQuery,
      { 'x-api-key': 'unknown' },
      `/?key=${TOKEN}`,
      'invalid_token',
      ['unknown'],
    ],
    ['with NUL is not looked up', withQuery, {}, `/?key=${TOKEN}%00`, 'invalid_token', []],
    ['in the query, of more than 8 kB', withQuery, {}, `/?key=${'x'.repeat(8193)}`, 'invalid_token', []],
    ['in the query as a name', withQuery, {}, '/?key=alice', 'invalid_token', ['alice']],
  ]
  test.each(rows)('%s', async (_, options, headers, path, expected, asked) => {
    const app = start(options)
    const answer = await app.ask(headers, { path })
    expect(await verdict(answer)).toBe(expected)
    expect(answer.status).toBe(expected === 'alice' ? 200 : 401)
    expect(app.asked).toEqual(asked)
    if (options !== own) expect(challenge(answer)).toBe(expected === 'alice' ? null : CHALLENGE)
  })

  test('is not read from a form', async () => {
    const app = start(withQuery)
    const body = new URLSearchParams({ key: TOKEN, 'X-Api-Key': TOKEN })
    expect(await verdict(await app.ask({}, { method: 'POST', body }))).toBe('login_required')
  })

  test.each([
    ['Authorization', { header: 'Authorization' }, '`header`'],
    ['Authorization in small letters', { header: 'authorization' }, '`header`'],
    ['Cookie', { header: 'Cookie' }, '`header`'],
    ['an empty header', { header: '' }, '`header`'],
    ['a header with a blank', { header: 'X Key' }, '`header`'],
    ['a header with a colon', { header: 'X-Key:' }, '`header`'],
    ['a header with a line break', { header: 'X-Key\r\n' }, '`header`'],
    ['a header that is not ASCII', { header: 'X-Schlüssel' }, '`header`'],
    ['an empty query', { query: '' }, '`query`'],
    ['an option that does not exist', { querry: 'key' }, 'No option `querry`'],
  ])('is refused when it is built: %s', (_, options, named) => {
    expect(() => apiKeyAuthenticator(options as ApiKeyOptions)).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(named) }),
    )
  })
})

describe('a provider that finds nobody by tokens', () => {
  const users = new Users().provider
  const kinds: readonly [string, () => Authenticator<TestUser>][] = [
    ['bearer', bearerAuthenticator],
    ['token', () => tokenAuthenticator('Custom')],
    ['API key', apiKeyAuthenticator],
  ]
  test.each(kinds)('is refused when it is built: %s', (_, make) => {
    expect(() => start({ users, authenticators: [sessionAuthenticator(), make()] })).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('`findByToken`'),
      }),
    )
  })

  test.each(kinds)('is misuse for `by`: %s', async (_, make) => {
    const app = start({ users, authenticators: [sessionAuthenticator()] })
    const instead: Work = async (auth) => (await auth.requireUser({ by: [make()] })) ?? 'in'
    for (const headers of [{}, GOOD, { 'x-api-key': TOKEN }]) {
      const answer = await app.ask(headers as Record<string, string>, { instead })
      expect(answer.status).toBe(500)
      expect(app.thrown()).toMatchObject({
        code: 'misuse',
        message: expect.stringContaining('`findByToken`'),
      })
    }
  })
})

describe('tokens as they are kept', () => {
  test('a made token is found by its hash, and the hash is no token', async () => {
    const { token, hash } = createApiToken({ prefix: 'acme_' })
    const users = new Users().provider
    const findByToken = (shown: string) => (hashApiToken(shown) === hash ? users.findById('alice') : null)
    const app = start({ users: { ...users, findByToken } })
    expect(await verdict(await app.ask({ authorization: `Bearer ${token}` }))).toBe('alice')
    for (const wrong of [hash, hashApiToken(hash), token.slice(5), `${token}=`])
      expect(await verdict(await app.ask({ authorization: `Bearer ${wrong}` }))).toBe('invalid_token')
  })

  test('a made token has 256 bits behind its prefix, and the next one is another', () => {
    const made = Array.from({ length: 100 }, () => createApiToken({ prefix: 'k-_9' }))
    expect(new Set(made.map(({ token }) => token)).size).toBe(100)
    for (const { token, hash } of made) {
      expect(token).toMatch(/^k-_9[\w-]{43}$/)
      expect(hash).toMatch(/^[\w-]{43}$/)
      expect([hashApiToken(token), token.includes(hash)]).toEqual([hash, false])
    }
  })

  test.each([
    ['a blank', 'a b'],
    ['a line break', 'a\n'],
    ['a colon', 'a:'],
    ['33 characters', 'x'.repeat(33)],
  ])('a prefix with %s is refused', (_, prefix) => {
    expect(() => createApiToken({ prefix })).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration' }),
    )
  })

  test('users in memory are given theirs in the clear, each a map of its own', async () => {
    const users = memoryUsers<TestUser>([
      { user: { id: 'alice', hashedPassword: null }, username: 'name', tokens: ['one', 'two'] },
    ])
    const { ask } = start({ users })
    for (const [token, expected] of [
      ['one', 'alice'],
      ['two', 'alice'],
      ['name', 'invalid_token'],
      ['alice', 'invalid_token'],
      [hashApiToken('one'), 'invalid_token'],
    ])
      expect(await verdict(await ask({ authorization: `Bearer ${token}` }))).toBe(expected)
  })
})

describe('no session comes of a token', () => {
  test('no cookie, and the answer is nobody else’s', async () => {
    const headers = { 'cache-control': 'public, max-age=60' }
    const answer = await start().ask(GOOD, { work: () => new Response('page', { headers }) })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
  })

  test('the same for an API key', async () => {
    const { ask } = start({ authenticators: [apiKeyAuthenticator({ query: 'key' })] })
    const headers = { 'cache-control': 'public' }
    const answer = await ask({}, { path: `/?key=${TOKEN}`, work: () => new Response('page', { headers }) })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private'])
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
    const authenticators = [bearerAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()]
    const { ask, login } = start({ authenticators, sessions: storedSessions(store), now: Date.now })
    const { cookieHeader: cookie } = await login('bob')
    calls.length = 0
    const answer = await ask({ ...GOOD, cookie })
    expect(await verdict(answer)).toBe('alice')
    expect([answer.headers.getSetCookie(), calls]).toEqual([[], []])
    expect(await verdict(await ask({ cookie }))).toBe('bob')
  })

  test('who came by a token is never fresh: it does not say when he was there', async () => {
    const work: Work = ({ isFresh, token }) => [isFresh, token.method, token.authTime, token.expiresAt]
    const { ask } = start({ freshSeconds: 315_360_000 })
    expect(await (await ask(GOOD, { work })).json()).toEqual([false, 'bearer', 0, null])
  })

  test('nor does the session beside it become so by a password of his', async () => {
    const { ask, login, clock } = start({
      authenticators: [bearerAuthenticator(), sessionAuthenticator()],
      freshSeconds: 60,
    })
    const browser = await login('bob')
    clock.advance(100)
    const { cookieHeader: cookie } = browser
    const answer = await ask({ ...GOOD, cookie }, { work: (auth) => auth.reauthenticate('wonderland') })
    expect(await answer.json()).toEqual({ ok: true })
    expect(answer.headers.getSetCookie()).toEqual([])
    const fresh = await ask({ cookie }, { work: ({ isFresh, token }) => [token.userId, isFresh] })
    expect(await fresh.json()).toEqual(['bob', false])
  })
})

describe('several in a chain', () => {
  const bearer = bearerAuthenticator<TestUser>()
  const basic = basicAuthenticator<TestUser>()
  const key = apiKeyAuthenticator<TestUser>()
  const session = sessionAuthenticator<TestUser>()
  const BAD = { authorization: 'Bearer unknown' }
  const NONE = { authorization: 'Bearer' }
  const BAD_KEY = { 'x-api-key': 'unknown' }
  const GOOD_KEY = { 'x-api-key': TOKEN }

  const rows: readonly [
    sentence: string,
    chain: Authenticator<TestUser>[],
    headers: Record<string, string>,
    isLoggedIn: boolean,
    verdict: string,
  ][] = [
    ['a bad token is not made good by a session', [bearer, session], BAD, true, 'invalid_token'],
    ['what is no token neither', [bearer, session], NONE, true, 'invalid_request'],
    ['a bad token is not made good by a key', [bearer, key], { ...BAD, ...GOOD_KEY }, false, 'invalid_token'],
    ['a bad key is not made good by a token', [key, bearer], { ...GOOD, ...BAD_KEY }, false, 'invalid_token'],
    ['a bad key is not made good by a session', [key, session], BAD_KEY, true, 'invalid_token'],
    [
      'a bad key is not made good by a session, two further on',
      [key, bearer, session],
      BAD_KEY,
      true,
      'invalid_token',
    ],
    ['a bad token behind a session that nobody has', [session, bearer], BAD, false, 'invalid_token'],
    ['who comes first decides: a session', [session, bearer], BAD, true, 'bob'],
    ['who comes first decides: a session before a good token', [session, bearer], GOOD, true, 'bob'],
    ['who comes first decides: a token', [bearer, session], GOOD, true, 'alice'],
    [
      'who comes first decides: a good token before a bad key',
      [bearer, key],
      { ...GOOD, ...BAD_KEY },
      false,
      'alice',
    ],
    ['what is not there is passed over', [key, basic, bearer], GOOD, false, 'alice'],
    ['a token of one scheme is no credential of another', [basic, bearer], GOOD, false, 'alice'],
    ['nothing of all', [key, basic, bearer, session], {}, false, 'login_required'],
  ]
  test.each(rows)('%s', async (_, authenticators, headers, isLoggedIn, expected) => {
    const { ask, login } = start({ authenticators })
    const cookie = isLoggedIn ? { cookie: (await login('bob')).cookieHeader } : {}
    expect(await verdict(await ask({ ...headers, ...cookie }))).toBe(expected)
  })

  const stale: readonly [
    sentence: string,
    change: (app: ReturnType<typeof start>) => unknown,
    cookie?: string,
  ][] = [
    ['has expired', ({ clock }) => clock.advance(86_401)],
    ['is of a user who is gone', ({ users }) => users.byId.delete('bob')],
    ['is of a user who is disabled', ({ users }) => users.change('bob', { disabled: true })],
    ['was made under another password', ({ users }) => users.change('bob', { hashedPassword: 'plain:new' })],
    ['was made under another epoch', ({ users }) => users.change('bob', { sessionEpoch: 1 })],
    ['is none', () => {}, '__Host-session=garbage'],
  ]
  test.each(stale)('a session that %s does not hide a good token', async (_, change, garbage) => {
    const app = start({ authenticators: [session, bearer] })
    const cookie = garbage ?? (await app.login('bob')).cookieHeader
    await change(app)
    expect(await verdict(await app.ask({ ...GOOD, cookie }))).toBe('alice')
    expect(await verdict(await app.ask({ ...BAD, cookie }))).toBe('invalid_token')
    expect(await verdict(await app.ask({ cookie }))).toBe('login_required')
  })

  const all = [basic, bearer, tokenAuthenticator<TestUser>('Custom'), session, key]
  const offers = (problem: Record<string, string> = {}): string =>
    [
      `Basic ${REALM}, charset="UTF-8"`,
      `Bearer ${REALM}${problem.bearer ?? ''}`,
      `Custom ${REALM}`,
      `ApiKey ${REALM}, header="X-Api-Key"`,
    ].join(', ')

  test.each([
    ['who shows nothing is offered all, in order', {}, 401, offers()],
    [
      'who shows a bad token is told which one it was',
      BAD,
      401,
      offers({ bearer: ', error="invalid_token"' }),
    ],
    ['who shows none is told so', NONE, 400, offers({ bearer: ', error="invalid_request"' })],
    ['who shows a bad key is not told of tokens', BAD_KEY, 401, offers()],
    ['who shows a bad password is not either', { authorization: 'Basic x' }, 401, offers()],
  ])('%s', async (_, headers, status, header) => {
    const answer = await start({ authenticators: all }).ask(headers as Record<string, string>)
    expect([answer.status, challenge(answer)]).toEqual([status, header])
  })

  test('who lacks a scope is told by the one that let him in', async () => {
    const { ask } = start({ authenticators: all })
    expect(challenge(await ask(GOOD, { scopes: ['admin'] }))).toBe(
      `Bearer ${REALM}, error="insufficient_scope", scope="admin"`,
    )
    expect(challenge(await ask(GOOD_KEY, { scopes: ['admin'] }))).toBe(`ApiKey ${REALM}, header="X-Api-Key"`)
  })

  test.each([
    ['none', []],
    ['one without a list', bearer],
    ['null', null],
  ])('%s is refused when it is built', (_, authenticators) => {
    expect(() => start({ authenticators: authenticators as never })).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('`authenticators`'),
      }),
    )
  })
})

describe('asked by a route, whatever the configuration says', () => {
  const bearer = bearerAuthenticator<TestUser>()
  const session = sessionAuthenticator<TestUser>()
  const byBearer: Work = async (auth) =>
    (await auth.requireUser({ by: [bearer] })) ?? { user: auth.token.userId }

  test('`by` counts no session, and no password', async () => {
    const { ask, login } = start({ authenticators: [session, basicAuthenticator()] })
    const { cookieHeader: cookie } = await login('bob')
    expect(await verdict(await ask({ cookie }, { instead: byBearer }))).toBe('login_required')
    expect(await verdict(await ask({ ...GOOD, cookie }, { instead: byBearer }))).toBe('alice')
    const basic = { authorization: `Basic ${btoa('bob:builder')}` }
    expect(await verdict(await ask(basic, { instead: byBearer }))).toBe('login_required')
  })

  test('`by` offers its own challenge alone, and its answers are nobody else’s', async () => {
    const { ask } = start({ authenticators: [basicAuthenticator()] })
    expect(challenge(await ask({}, { instead: byBearer }))).toBe(`Bearer ${REALM}`)
    const headers = { 'cache-control': 'public' }
    const instead: Work = async (auth) =>
      (await auth.requireUser({ by: [bearer] })) ?? new Response('page', { headers })
    expect((await ask(GOOD, { instead })).headers.get('cache-control')).toBe('private')
  })

  test('who was let in by a session is nobody for a bad token', async () => {
    const { ask, login } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const instead: Work = async (auth) => {
      const first = (await auth.authenticate()).userId
      const refused = await auth.requireUser({ by: [bearer] })
      return [first, refused?.status, auth.token.userId]
    }
    const answer = await ask({ authorization: 'Bearer unknown', cookie }, { instead })
    expect(await answer.json()).toEqual(['bob', 401, null])
  })

  test('`authenticateBy` leaves the token alone', async () => {
    const { ask, login } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const instead: Work = async (auth) => {
      const early = (await auth.authenticateBy(bearer)).userId
      const asked = (() => {
        try {
          return auth.token.userId
        } catch (error) {
          return (error as LatchkeyError).code
        }
      })()
      const { userId } = await auth.authenticate()
      const late = (await auth.authenticateBy(bearer)).userId
      return [early, asked, userId, late, auth.token.userId]
    }
    const answer = await ask({ ...GOOD, cookie }, { instead })
    expect(await answer.json()).toEqual(['alice', 'misuse', 'bob', 'alice', 'bob'])
  })

  test('what was made for a token that `authenticateBy` found is nobody else’s either', async () => {
    const { ask } = start({ authenticators: [session] })
    const headers = { 'cache-control': 'public' }
    const instead: Work = async (auth) => {
      await auth.authenticateBy(bearer)
      return new Response('page', { headers })
    }
    expect((await ask(GOOD, { instead })).headers.get('cache-control')).toBe('private')
    expect((await ask({}, { instead })).headers.get('cache-control')).toBe('public')
  })

  test('a provider that finds nobody by tokens is misuse for `authenticateBy` too', async () => {
    const app = start({ users: new Users().provider, authenticators: [session] })
    const answer = await app.ask(GOOD, { instead: (auth) => auth.authenticateBy(bearer) })
    expect(answer.status).toBe(500)
    expect(app.thrown()).toMatchObject({ code: 'misuse' })
  })

  const bySession: readonly [sentence: string, ask: (auth: RequestAuth<TestUser>) => Promise<unknown>][] = [
    ['authenticateBy', (auth) => auth.authenticateBy(session)],
    [
      '`by`',
      async (auth) => {
        await auth.requireUser({ by: [session] })
        return auth.token
      },
    ],
  ]
  test.each(bySession)('%s knows as much of a session as without it', async (_, token) => {
    const { ask, login, clock } = start({ authenticators: [session] })
    const { cookieHeader: cookie } = await login('bob')
    const known = async (work: Work) => (await ask({ cookie }, { instead: work })).json()
    const plainly: Work = (auth) => auth.authenticate()
    const expected = await known(plainly)
    expect(expected).toMatchObject({ userId: 'bob', expiresAt: expect.any(Number) })
    expect(await known(token)).toEqual(expected)
    clock.advance(86_401)
    expect(await known(plainly)).toMatchObject({ userId: null, reason: 'expired' })
    expect(await known(token)).toMatchObject({ userId: null, reason: 'expired' })
  })
})

describe('an authenticator of one’s own', () => {
  const dave: TestUser = { id: 'dave', hashedPassword: null, scopes: [] }
  const token = authenticatedToken({
    user: dave,
    state: 'fresh',
    method: 'mtls',
    authTime: 0,
    expiresAt: null,
  })
  const failure = { isAuthenticated: false, reason: 'rejected' } as const

  const rows: readonly [
    sentence: string,
    authenticate: Authenticator<TestUser>['authenticate'],
    verdict: string,
    status: number,
  ][] = [
    ['that passes is passed over', () => null, 'alice', 200],
    ['that passes later is passed over', async () => null, 'alice', 200],
    ['that knows says who it is', () => token, 'dave', 200],
    ['that knows later says who it is', async () => token, 'dave', 200],
    ['that refuses ends it', () => failure, 'rejected', 401],
    ['that refuses later ends it', async () => failure, 'rejected', 401],
    ['that refuses says with which status', () => ({ ...failure, status: 400 }), 'rejected', 400],
    ['that throws lets nobody in', () => Promise.reject(new Error('s3cret')), 'internal_error', 500],
    [
      'that throws at once lets nobody in',
      () => {
        throw new Error('s3cret')
      },
      'internal_error',
      500,
    ],
  ]
  test.each(rows)('%s', async (_, authenticate, expected, status) => {
    const { ask } = start({ authenticators: [{ authenticate }, bearerAuthenticator()] })
    const answer = await ask(GOOD)
    expect([answer.status, await verdict(answer)]).toEqual([status, expected])
  })

  test.each([
    ['who is disabled', { ...dave, disabled: true }],
    ['without a usable id', { ...dave, id: '' }],
    ['without a usable hash', { ...dave, hashedPassword: 42 }],
  ])('lets in no user %s', async (_, user) => {
    const found = { ...token, user: user as TestUser, userId: user.id }
    for (const authenticate of [() => found, async () => found]) {
      const answer = await start({ authenticators: [{ authenticate }, bearerAuthenticator()] }).ask(GOOD)
      expect([answer.status, await verdict(answer)]).toEqual([401, 'rejected'])
    }
  })

  test('that offers nothing has answers that are nobody else’s, all the same', async () => {
    const headers = { 'cache-control': 'public' }
    const work: Work = () => new Response('page', { headers })
    const answer = await start({ authenticators: [{ authenticate: () => token }] }).ask({}, { work })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private'])
  })

  test('that throttles says for how long', async () => {
    const authenticate = () =>
      ({ isAuthenticated: false, reason: 'throttled', status: 429, retryAfterSeconds: 7 }) as const
    const answer = await start({ authenticators: [{ authenticate }] }).ask()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
    expect(challenge(answer)).toBeNull()
  })

  test('offers what it likes, and nothing if it has nothing to offer', async () => {
    const authenticate = () => null
    const authenticators = [
      { authenticate },
      { authenticate, challenge: (realm: string) => `Own realm=${realm.length}` },
    ]
    expect(challenge(await start({ authenticators, realm: 'abc' }).ask())).toBe('Own realm=3')
  })
})

describe('breaking the table of tokens', () => {
  const broken = () => {
    throw new Error('postgres://app:s3cret@db.internal')
  }
  test.each([
    ['that throws', broken],
    ['that fails later', async () => broken()],
    ['that hangs', () => new Promise<never>(() => {})],
  ])('one %s lets nobody in, and drops no session', async (_, findByToken) => {
    const users = new Users()
    const app = start({
      users: { ...users.provider, findByToken },
      authenticators: [bearerAuthenticator(), sessionAuthenticator()],
      timeLimitSeconds: 0.05,
    })
    const { cookieHeader: cookie } = await app.login('bob')
    const answer = await app.ask({ ...GOOD, cookie })
    expect([answer.status, await answer.text()]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(app.thrown()).toBeInstanceOf(LatchkeyError)
    expect(await verdict(await app.ask({ cookie }))).toBe('bob')
  })
})
