import {
  type Authenticator,
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  createAuth,
  sessionAuthenticator,
  tokenAuthenticator,
} from 'latchkey'
import { checkCrossOrigin } from 'latchkey/adapter'
import { describe, expect, test } from 'vitest'
import { plain, SECRET, type TestUser, Users } from '../app.ts'

const OWN = 'https://app.test'
const TRUSTED = ['https://partner.test']

/** The sentences of Go's own test table, and the holes that host-only comparison had. */
const ROWS: readonly [sentence: string, method: string, headers: Record<string, string>, refused: boolean][] =
  [
    [
      'a safe method passes whatever it says',
      'GET',
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
      false,
    ],
    ['HEAD is safe', 'HEAD', { 'sec-fetch-site': 'cross-site' }, false],
    ['OPTIONS is safe', 'OPTIONS', { 'sec-fetch-site': 'cross-site' }, false],
    ['a form of the app itself passes', 'POST', { 'sec-fetch-site': 'same-origin' }, false],
    ['a request that the user typed passes', 'POST', { 'sec-fetch-site': 'none' }, false],
    ['a form of another site is refused', 'POST', { 'sec-fetch-site': 'cross-site' }, true],
    ['a form of a sibling domain is refused', 'POST', { 'sec-fetch-site': 'same-site' }, true],
    ['an empty Sec-Fetch-Site is refused', 'POST', { 'sec-fetch-site': '' }, true],
    ['an unknown Sec-Fetch-Site is refused', 'POST', { 'sec-fetch-site': 'friendly' }, true],
    ['Sec-Fetch-Site in capitals is no browser’s', 'POST', { 'sec-fetch-site': 'Same-Origin' }, true],
    [
      'two values of Sec-Fetch-Site are refused',
      'POST',
      { 'sec-fetch-site': 'same-origin, cross-site' },
      true,
    ],
    [
      'Sec-Fetch-Site decides, not a matching Origin',
      'POST',
      { 'sec-fetch-site': 'cross-site', origin: OWN },
      true,
    ],
    [
      'same-origin passes though Origin is null',
      'POST',
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      false,
    ],
    [
      'a trusted origin passes',
      'POST',
      { 'sec-fetch-site': 'cross-site', origin: 'https://partner.test' },
      false,
    ],
    ['a trusted origin passes without Sec-Fetch-Site', 'POST', { origin: 'https://partner.test' }, false],
    ['a trusted host on another port is refused', 'POST', { origin: 'https://partner.test:8443' }, true],
    ['a trusted host over http is refused', 'POST', { origin: 'http://partner.test' }, true],
    ['a subdomain of a trusted origin is refused', 'POST', { origin: 'https://x.partner.test' }, true],
    ['an old browser’s form of the app passes by its Origin', 'POST', { origin: OWN }, false],
    ['an old browser’s form of another site is refused', 'POST', { origin: 'https://evil.test' }, true],
    ['the app’s host over http is another origin', 'POST', { origin: 'http://app.test' }, true],
    ['the app’s host on another port is another origin', 'POST', { origin: 'https://app.test:444' }, true],
    ['a host that begins like the app’s is refused', 'POST', { origin: 'https://app.test.evil.test' }, true],
    ['a host that ends like the app’s is refused', 'POST', { origin: 'https://evilapp.test' }, true],
    ['Origin null is refused', 'POST', { origin: 'null' }, true],
    ['an empty Origin is refused', 'POST', { origin: '' }, true],
    ['neither header: no browser, and it passes', 'POST', {}, false],
    ['PUT changes things', 'PUT', { 'sec-fetch-site': 'cross-site' }, true],
    ['PATCH changes things', 'PATCH', { 'sec-fetch-site': 'cross-site' }, true],
    ['DELETE changes things', 'DELETE', { 'sec-fetch-site': 'cross-site' }, true],
    ['a made-up method changes things', 'BREW', { 'sec-fetch-site': 'cross-site' }, true],
    [
      'a lying X-Forwarded-Host changes nothing',
      'POST',
      { origin: 'https://evil.test', 'x-forwarded-host': 'evil.test' },
      true,
    ],
    ['a lying Host changes nothing', 'POST', { origin: 'https://evil.test', host: 'evil.test' }, true],
    ['a WebSocket of the app’s own page passes', 'GET', { upgrade: 'websocket', origin: OWN }, false],
    [
      'a WebSocket of the app’s own page passes by Sec-Fetch-Site alone',
      'GET',
      { upgrade: 'websocket', 'sec-fetch-site': 'same-origin' },
      false,
    ],
    [
      'a WebSocket of a trusted origin passes',
      'GET',
      { upgrade: 'websocket', 'sec-fetch-site': 'cross-site', origin: 'https://partner.test' },
      false,
    ],
    ['a WebSocket of a program passes, for it says nothing', 'GET', { upgrade: 'websocket' }, false],
    [
      'a WebSocket of another site is refused, GET or not',
      'GET',
      { upgrade: 'websocket', origin: 'https://evil.test' },
      true,
    ],
    [
      'a WebSocket is refused by Sec-Fetch-Site, not let in by a matching Origin',
      'GET',
      { upgrade: 'websocket', 'sec-fetch-site': 'cross-site', origin: OWN },
      true,
    ],
    [
      'a WebSocket of a sibling domain is refused',
      'GET',
      { upgrade: 'websocket', 'sec-fetch-site': 'same-site', origin: 'https://blog.app.test' },
      true,
    ],
    ['a WebSocket of a sandboxed frame is refused', 'GET', { upgrade: 'websocket', origin: 'null' }, true],
    ['Upgrade in capitals is an upgrade', 'GET', { upgrade: 'WebSocket', origin: 'https://evil.test' }, true],
    [
      'whatever it is that is upgraded to, another site may not',
      'GET',
      { upgrade: 'h2c', origin: 'https://evil.test' },
      true,
    ],
    ['not even to nothing', 'GET', { upgrade: '', origin: 'https://evil.test' }, true],
    ['nor by HEAD', 'HEAD', { upgrade: 'websocket', origin: 'https://evil.test' }, true],
    ['nor by OPTIONS', 'OPTIONS', { upgrade: 'websocket', origin: 'https://evil.test' }, true],
    [
      'a Referer of the app’s changes nothing',
      'POST',
      { origin: 'https://evil.test', referer: `${OWN}/` },
      true,
    ],
  ]

describe('a request forged by another site', () => {
  test.each(ROWS)('%s', (_, method, headers, refused) => {
    const known = method === 'BREW' ? 'POST' : method
    const request = new Request(`${OWN}/transfer`, { method: known, headers })
    // Bun makes a GET of a method that it does not know, and workerd refuses it.
    if (known !== method) Object.defineProperty(request, 'method', { value: method })
    const reason = checkCrossOrigin(request, { origin: OWN, trustedOrigins: TRUSTED })
    expect(reason !== null).toBe(refused)
  })

  test('the configured origin counts, not that of the URL', async () => {
    const users = new Users().provider
    const told: unknown[] = []
    const onEvent = (event: object) => told.push(event)
    const auth = createAuth({ secret: SECRET, users, passwords: plain, origin: OWN, onEvent })
    const statusOf = async (request: Request) => {
      const opened = await auth.open(request)
      return opened instanceof Response ? opened.status : null
    }
    const behindProxy = (origin: string) =>
      new Request('http://localhost:3000/', { method: 'POST', headers: { origin } })
    expect(await statusOf(behindProxy(OWN))).toBeNull()
    expect(await statusOf(behindProxy('http://localhost:3000'))).toBe(403)
    const socket = (origin: string) =>
      new Request('http://localhost:3000/', { headers: { origin, upgrade: 'websocket' } })
    expect(await statusOf(socket(OWN))).toBeNull()
    expect(await statusOf(socket('http://localhost:3000'))).toBe(403)
    const refused = {
      type: 'cross_origin_refused',
      reason: 'origin_mismatch',
      origin: 'http://localhost:3000',
      expected: OWN,
    }
    expect(told).toMatchObject([refused, refused])
  })
})

const users = { ...new Users().provider, findByToken: () => null }

/** The status that a request is refused with, and what its event says; `null` if it may go on. */
async function refusalOf(
  authenticators: readonly Authenticator<TestUser>[],
  request: Request,
  options: { readonly origin?: string; readonly trustedOrigins?: readonly string[] } = { origin: OWN },
): Promise<{ status: number; event: Record<string, unknown> | undefined } | null> {
  const told: Record<string, unknown>[] = []
  const onEvent = (event: object) => told.push({ ...event })
  const given = { secret: SECRET, users, passwords: plain, authenticators, onEvent, ...options }
  const opened = await createAuth<TestUser>(given).open(request)
  return 'auth' in opened ? null : { status: opened.status, event: told[0] }
}

const EVERY: readonly Authenticator<TestUser>[] = [
  sessionAuthenticator(),
  basicAuthenticator(),
  bearerAuthenticator(),
  tokenAuthenticator('Token'),
  tokenAuthenticator('Negotiate'),
  tokenAuthenticator('Digest'),
  apiKeyAuthenticator({ query: 'key' }),
]
const BEARER = { authorization: 'Bearer abc' }
const KEY = { 'x-api-key': 'abc' }
const basic = `Basic ${btoa('alice:wonderland')}`

/** What another site's page or an app in a web view sends, with a token that this auth reads. */
const TOKENS: readonly [
  sentence: string,
  headers: Record<string, string>,
  refused: boolean,
  target?: string,
][] = [
  ['a bearer token alone passes', BEARER, false],
  ['in any letter case of the scheme', { authorization: 'bearer abc' }, false],
  ['a token of another scheme of ours passes', { authorization: 'Token abc' }, false],
  ['an API key in its header passes', KEY, false],
  ['a key and a token pass', { ...KEY, ...BEARER }, false],
  ['a key and a token of somebody else’s scheme pass', { ...KEY, authorization: 'DPoP abc' }, false],
  ['an unknown token passes: who it is, the handler asks', { authorization: 'Bearer unknown' }, false],
  ['cookies of others do not count', { ...BEARER, cookie: 'theme=dark; _ga=1' }, false],
  [
    'nor does the one that says when a session ended',
    { ...BEARER, cookie: '__Host-session-ended=1.1' },
    false,
  ],
  ['nor a name that ends like ours', { ...BEARER, cookie: 'x__Host-session=1' }, false],
  ['nor a session cookie that was removed', { ...BEARER, cookie: '__Host-session=' }, false],
  ['nothing at all is refused', {}, true],
  ['a session beside the token is refused', { ...BEARER, cookie: '__Host-session=1.abc' }, true],
  ['also one that opens nothing', { ...KEY, cookie: 'a=b; __Host-session=x' }, true],
  ['also behind seven others', { ...KEY, cookie: `${'__Host-session=; '.repeat(7)}__Host-session=x` }, true],
  ['a remember-me cookie is refused', { ...BEARER, cookie: '__Host-session-remember=1.a.b' }, true],
  ['a password is refused', { authorization: basic }, true],
  ['a password beside a key is refused', { ...KEY, authorization: basic }, true],
  ['in any letter case', { ...KEY, authorization: basic.replace('Basic', 'bAsIc') }, true],
  ['a password behind a token, as two headers become one', { authorization: `Bearer abc, ${basic}` }, true],
  ['a password behind another scheme, beside a key', { ...KEY, authorization: `X abc,${basic}` }, true],
  ['Negotiate, which browsers send by themselves, is refused', { authorization: 'Negotiate abc' }, true],
  ['Negotiate beside a key is refused', { ...KEY, authorization: 'Negotiate abc' }, true],
  ['NTLM beside a key is refused', { ...KEY, authorization: 'NTLM abc' }, true],
  ['Digest is refused', { authorization: 'Digest abc' }, true],
  ['a token of a scheme that is not ours is refused', { authorization: 'DPoP abc' }, true],
  ['a scheme without a token is refused', { authorization: 'Bearer' }, true],
  ['what is no token is refused', { authorization: 'Bearer a b' }, true],
  ['an empty key is refused', { 'x-api-key': '' }, true],
  ['a key in the query is refused: a form can have one', {}, true, '/transfer?key=abc'],
  ['a form behind a proxy that adds a token is refused', { ...BEARER, 'sec-fetch-mode': 'navigate' }, true],
  ['so is what a page sends without CORS', { ...KEY, 'sec-fetch-mode': 'no-cors' }, true],
  ['a token in the query is refused', {}, true, '/transfer?access_token=abc'],
]

describe('a request that acts by a token alone is not refused for its origin', () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: 'https://spa.test', 'sec-fetch-site': 'cross-site' },
    { origin: 'capacitor://localhost' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ]

  test.each(TOKENS)('%s', async (_, headers, refused, target = '/transfer') => {
    for (const site of foreign) {
      for (const more of [{ method: 'POST' }, { method: 'DELETE' }]) {
        const request = new Request(OWN + target, { ...more, headers: { ...site, ...headers } })
        expect((await refusalOf(EVERY, request))?.status).toBe(refused ? 403 : undefined)
      }
      const socket = new Request(OWN + target, { headers: { ...site, ...headers, upgrade: 'websocket' } })
      expect((await refusalOf(EVERY, socket))?.status).toBe(refused ? 403 : undefined)
    }
  })

  test.each<[sentence: string, authenticators: readonly Authenticator<TestUser>[], passes: boolean]>([
    ['an auth without tokens', [sessionAuthenticator()], false],
    ['one that reads keys alone', [apiKeyAuthenticator()], false],
    ['one that reads another scheme', [tokenAuthenticator('Token')], false],
    ['one of the app’s own that says nothing of it', [{ authenticate: () => null }], false],
    [
      'one of the app’s own that says so',
      [{ authenticate: () => null, hasExplicitCredential: ({ headers }) => headers.has('authorization') }],
      true,
    ],
    ['one that reads bearer tokens', [bearerAuthenticator()], true],
  ])('a bearer token at %s', async (_, authenticators, passes) => {
    const headers = { ...BEARER, origin: 'https://spa.test' }
    const refused = await refusalOf(authenticators, new Request(OWN, { method: 'POST', headers }))
    expect(refused === null).toBe(passes)
  })

  test.each(['Accept', 'accept-language', 'Content-Language', 'content-type', 'Range', 'Referer', 'Origin'])(
    'a key in %s, which every page can send, is refused when it is built',
    (header) => expect(() => apiKeyAuthenticator({ header })).toThrowError(/a header of its own/),
  )
})

describe('origins of apps and extensions', () => {
  const APPS = [
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    'safari-web-extension://2C127FA4-62C7-7E4F-90E5-472B45EECFDC',
    'app://obsidian.md',
    'capacitor://localhost:8100',
  ]

  test.each(APPS)('%s is trusted exactly', async (origin) => {
    const post = (sent: string) =>
      new Request(OWN, { method: 'POST', headers: { origin: sent, 'sec-fetch-site': 'cross-site' } })
    const options = { origin: OWN, trustedOrigins: [origin] }
    const ask = async (sent: string) =>
      (await refusalOf([sessionAuthenticator()], post(sent), options))?.status
    expect(await ask(origin)).toBe(undefined)
    const others = [
      `${origin}.evil`,
      `x${origin}`,
      `${origin}/`,
      origin.toUpperCase(),
      origin.slice(0, -1),
      'null',
    ]
    for (const other of others) expect(await ask(other)).toBe(403)
  })

  test.each([
    ['a path', 'capacitor://localhost/app', / Write "capacitor:\/\/localhost"\.$/],
    ['a slash at the end', 'tauri://localhost/', / Write "tauri:\/\/localhost"\.$/],
    ['a query', 'chrome-extension://abc?x', / Write "chrome-extension:\/\/abc"\.$/],
    ['a path of the web', 'https://app.example/x', / Write "https:\/\/app\.example"\.$/],
    ['a port that browsers leave out', 'https://app.example:443', / Write "https:\/\/app\.example"\.$/],
    ['a host in capitals', 'https://App.Example', / Write "https:\/\/app\.example"\.$/],
    ['a wildcard', 'chrome-extension://*', /slash\.$/],
    ['a scheme alone', 'capacitor:', /slash\.$/],
    ['a scheme without a host', 'capacitor://', /slash\.$/],
    ['credentials', 'capacitor://a@localhost', /slash\.$/],
    ['a blank', 'capacitor://local host', /slash\.$/],
    ['two of them', 'capacitor://localhost,tauri://localhost', /slash\.$/],
    ['a line break at the end', 'capacitor://localhost\n', /slash\.$/],
    ['a scheme in capitals', 'Capacitor://localhost', /slash\.$/],
    ['a file', 'file://x', /slash\.$/],
    ['a socket', 'wss://app.example', /slash\.$/],
    ['null', 'null', /slash\.$/],
    ['a number', 42, /slash\.$/],
  ])('%s is refused when it is built, and the message names the fix', (_, origin, says) => {
    const options = { secret: SECRET, users, passwords: plain, trustedOrigins: [origin] }
    const build = () => createAuth<TestUser>(options as never)
    expect(build).toThrowError(says)
    expect(build).toThrowError(/`trustedOrigins` takes exact origins such as .*"capacitor:\/\/localhost"/)
  })

  test('none is the origin of the app itself', () => {
    const options = { secret: SECRET, users, passwords: plain, origin: 'capacitor://localhost' }
    expect(() => createAuth<TestUser>(options)).toThrowError(/`origin` takes exact origins/)
  })
})

describe('the event of a refused request says what came, what was expected, and what to set', () => {
  const eventOf = async (headers: Record<string, string>, origin?: string) => {
    const request = new Request('http://backend:3000/login', { method: 'POST', headers })
    return (await refusalOf([sessionAuthenticator()], request, origin ? { origin } : {}))?.event
  }

  test.each([
    [
      'behind a proxy, without `origin`',
      { origin: 'http://192.168.1.121:8080' },
      undefined,
      { origin: 'http://192.168.1.121:8080', expected: 'http://backend:3000', fix: /`origin` of createAuth/ },
    ],
    [
      'with an `origin`',
      { origin: 'https://www.app.test' },
      OWN,
      { origin: 'https://www.app.test', expected: OWN, fix: /`origin` of createAuth.*`trustedOrigins`/ },
    ],
    [
      'from another site, as the browser says',
      { origin: 'https://spa.test', 'sec-fetch-site': 'cross-site' },
      OWN,
      { origin: 'https://spa.test', expected: OWN, fix: /`trustedOrigins` of createAuth/ },
    ],
    [
      'without an Origin',
      { 'sec-fetch-site': 'cross-site' },
      OWN,
      { origin: null, expected: OWN, fix: /`trustedOrigins`/ },
    ],
  ])('%s', async (_, headers, origin, { fix, ...expected }) => {
    const event = await eventOf(headers as Record<string, string>, origin)
    expect(event).toMatchObject({ type: 'cross_origin_refused', ...expected })
    expect(event?.fix).toMatch(fix)
  })

  test('each is cut at 200 characters', async () => {
    const long = `https://${'x'.repeat(5000)}.test`
    const request = new Request(`http://${'y.'.repeat(200)}test/`, {
      method: 'POST',
      headers: { origin: long },
    })
    const told = (await refusalOf([sessionAuthenticator()], request, {}))?.event
    expect([told?.origin, String(told?.expected).length]).toEqual([long.slice(0, 200), 200])
  })
})
