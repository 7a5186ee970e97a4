import { createAuth } from 'latchkey'
import { checkCrossOrigin } from 'latchkey/adapter'
import { describe, expect, test } from 'vitest'
import { plain, SECRET, Users } from '../app.ts'

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
    const refused = { type: 'cross_origin_refused', reason: 'origin_mismatch' }
    expect(told).toMatchObject([refused, refused])
  })
})
