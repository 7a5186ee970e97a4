import { createAuth, protectPaths } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'
import { ADAPTERS } from './by-adapter.ts'

const common = { secret: SECRET, origin: ORIGIN, users: new Users().provider, passwords: plain }
const open = createAuth<TestUser>(common)
const closed = createAuth<TestUser>({ ...common, protect: protectPaths({ redirectTo: '/login' }) })

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const SCRIPT = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const part = (dest: string, accept = '*/*') => ({
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': dest,
  accept,
})

/** What a client is answered: the login page, or 401 as this type. */
type Answer = 'login page' | 'json' | 'html'

/** What browsers, scripts and programs send for `GET /app?tab=2` without a session. */
const ROWS: readonly [sentence: string, headers: Record<string, string>, answer: Answer][] = [
  [
    'a link',
    {
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      accept: HTML,
    },
    'login page',
  ],
  ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', accept: HTML }, 'login page'],
  ['a navigation that says no more', { 'sec-fetch-mode': 'navigate' }, 'login page'],
  ['a link on plain http, where browsers say nothing else', { accept: HTML }, 'login page'],
  ['HTML alone', { accept: 'text/html' }, 'login page'],
  ['HTML in capitals, with a parameter', { accept: ' Text/HTML ; charset=utf-8' }, 'login page'],
  [
    'a page that a service worker fetches',
    { ...SCRIPT, 'sec-fetch-mode': 'same-origin', accept: HTML },
    'login page',
  ],
  [
    'Turbo',
    { ...SCRIPT, 'sec-fetch-mode': 'same-origin', accept: 'text/html, application/xhtml+xml' },
    'login page',
  ],
  [
    'a form of Turbo',
    { ...SCRIPT, accept: 'text/vnd.turbo-stream.html, text/html, application/xhtml+xml' },
    'login page',
  ],
  ['fetch(url)', { ...SCRIPT, accept: '*/*' }, 'json'],
  ['axios', { ...SCRIPT, accept: 'application/json, text/plain, */*' }, 'json'],
  ['fetch without Fetch Metadata', { accept: '*/*' }, 'json'],
  ['curl', { accept: '*/*', 'user-agent': 'curl/8.5.0' }, 'json'],
  ['a program that names nothing', {}, 'json'],
  ['XMLHttpRequest by jQuery', { 'x-requested-with': 'XMLHttpRequest', accept: '*/*' }, 'json'],
  ['the same that would like HTML', { 'x-requested-with': 'XMLHttpRequest', accept: HTML }, 'html'],
  ['HTML at the end', { accept: '*/*, text/html' }, 'html'],
  ['a type that only begins like HTML', { accept: 'text/html-template' }, 'html'],
  ['JSON and HTML', { accept: 'application/json, text/html' }, 'json'],
  ['EventSource', { ...SCRIPT, accept: 'text/event-stream' }, 'json'],
  ['an image', part('image', 'image/avif,image/webp,*/*;q=0.8'), 'json'],
  ['a script', part('script'), 'json'],
  ['a style sheet', part('style', 'text/css,*/*;q=0.1'), 'json'],
  ['a font', part('font'), 'json'],
  ['a video', part('video'), 'json'],
  ['a track', part('track'), 'json'],
  ['a worker', part('worker'), 'json'],
  ['a manifest', part('manifest'), 'json'],
  ['a part of a page that pretends to like HTML', part('image', HTML), 'html'],
  ['a part of a kind that is not known yet', part('hologram', HTML), 'html'],
  ['a mode in capitals, which is no browser’s', { 'sec-fetch-mode': 'Navigate', accept: '*/*' }, 'json'],
  ['two modes', { 'sec-fetch-mode': 'navigate, cors', accept: '*/*' }, 'json'],
  ['a WebSocket', { upgrade: 'websocket', 'sec-fetch-mode': 'websocket' }, 'json'],
  ['one that says navigate', { upgrade: 'websocket', 'sec-fetch-mode': 'navigate' }, 'json'],
]

const path = '/app?tab=2'
const LOGIN = '/login?next=%2Fapp%3Ftab%3D2'

function get(headers: Record<string, string>, init: RequestInit = {}): Request {
  return new Request(ORIGIN + path, { headers, redirect: 'manual', ...init })
}

/** A path of the app; Next's proxy must name the whole address. */
const inApp = (location: string | null): string | null => location?.replace(ORIGIN, '') ?? null

async function shapeOf(response: Response): Promise<unknown[]> {
  const type = response.headers.get('content-type')
  const text = await response.text()
  return [response.status, inApp(response.headers.get('location')), type, text.slice(0, 15)]
}

const SHAPES: Readonly<Record<Answer, unknown[]>> = {
  'login page': [303, LOGIN, null, ''],
  json: [401, null, 'application/json', '{"ok":false,"co'],
  html: [401, null, 'text/html; charset=utf-8', '<!doctype html>'],
}

describe.each(Object.entries(ADAPTERS))('an anonymous request for a page: %s', (name, guarded) => {
  // Next's proxy takes upgrades for what they are behind it.
  const rows = name === 'next, in the proxy' ? ROWS.filter(([, { upgrade }]) => !upgrade) : ROWS

  test.each(rows)('%s', async (_, headers, answer) => {
    const response = await guarded(open, get(headers), { redirectTo: '/login' })
    expect(await shapeOf(response)).toEqual(SHAPES[answer])
  })

  test('without a login page everybody is told 401', async () => {
    for (const [, headers, answer] of rows) {
      const response = await guarded(open, get(headers), {})
      expect([response.status, inApp(response.headers.get('location'))]).toEqual([401, null])
      if (answer !== 'login page') expect(await shapeOf(response)).toEqual(SHAPES[answer])
    }
  })

  test('a form is sent to the login page, and is not sent again after the login', async () => {
    for (const headers of [{ 'sec-fetch-mode': 'navigate' }, { accept: HTML }]) {
      const sent = { ...headers, 'sec-fetch-site': 'same-origin' }
      const response = await guarded(open, get(sent, { method: 'POST' }), { redirectTo: '/login' })
      expect([response.status, inApp(response.headers.get('location'))]).toEqual([303, '/login'])
    }
  })

  const htmx: readonly [sentence: string, headers: Record<string, string>, method: string, to: string][] = [
    [
      'for a part of a page',
      { 'hx-current-url': `${ORIGIN}/page?x=1#y` },
      'GET',
      '/login?next=%2Fpage%3Fx%3D1',
    ],
    ['for a boosted link', { 'hx-current-url': `${ORIGIN}/page`, 'hx-boosted': 'true' }, 'GET', LOGIN],
    ['for a form', { 'hx-current-url': `${ORIGIN}/page` }, 'POST', '/login?next=%2Fpage'],
    ['that does not say where it is', {}, 'GET', LOGIN],
    ['that is at another host, to a browser', { 'hx-current-url': `${ORIGIN}//evil.test` }, 'GET', '/login'],
    ['that is nowhere', { 'hx-current-url': 'about:blank' }, 'GET', '/login'],
    ['whose address is none', { 'hx-current-url': 'not an address' }, 'GET', LOGIN],
    ['that likes HTML', { accept: HTML }, 'GET', LOGIN],
  ]
  test.each(htmx)('htmx is told by HX-Redirect: %s', async (_, headers, method, location) => {
    const sent = { ...SCRIPT, accept: '*/*', 'hx-request': 'true', ...headers }
    const response = await guarded(open, get(sent, { method }), { redirectTo: '/login' })
    expect([response.status, inApp(response.headers.get('hx-redirect'))]).toEqual([401, location])
    expect(response.headers.get('location')).toBe(null)
  })

  test('Inertia is told by X-Inertia-Location', async () => {
    const headers = { 'x-inertia': 'true', 'x-requested-with': 'XMLHttpRequest', accept: HTML }
    const response = await guarded(open, get(headers), { redirectTo: '/login' })
    expect([response.status, inApp(response.headers.get('x-inertia-location'))]).toEqual([409, LOGIN])
  })

  test('the login page is not sent to itself', async () => {
    const request = new Request(`${ORIGIN}/login?next=%2Fx`, { headers: { accept: HTML } })
    for (const redirectTo of ['/login', '/login?from=app', `${ORIGIN}/login`])
      expect((await guarded(open, new Request(request), { redirectTo })).status).toBe(401)
  })

  test('a preflight is allowed nothing, and reaches no handler', async () => {
    const headers = { origin: 'https://spa.test', 'access-control-request-method': 'POST' }
    for (const redirectTo of ['/login', undefined]) {
      const response = await guarded(open, get(headers, { method: 'OPTIONS' }), { redirectTo })
      expect([response.status, await response.text()]).toEqual([204, ''])
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  if (name === 'next, in the proxy') return

  test('the same by a path rule', async () => {
    for (const [, headers, answer] of rows)
      expect(await shapeOf(await guarded(closed, get(headers), {}))).toEqual(SHAPES[answer])
    const script = { ...SCRIPT, 'hx-request': 'true' }
    expect((await guarded(closed, get(script), {})).headers.get('hx-redirect')).toBe(LOGIN)
  })
})

describe('what a framework navigates by its own script', () => {
  const options = { redirectTo: '/login' }
  const data = (target: string, accept = '*/*') =>
    new Request(ORIGIN + target, { headers: { ...SCRIPT, accept } })

  test.each([
    ['React Router: the data of a page', '/app.data?_routes=x', 303, '/login?next=%2Fapp'],
    ['React Router: the data of the front page', '/_root.data', 303, '/login?next=%2F'],
    ['React Router: a resource', '/app', 401, null],
    ['React Router: the data of a page, for a program', '/app.data', 401, null, 'application/json'],
  ])('%s', async (_, target, status, location, accept = '*/*') => {
    const response = await ADAPTERS['react-router']?.(open, data(target, accept), options)
    expect([response?.status, response?.headers.get('location')]).toEqual([status, location])
  })

  test.each(['rsc', 'next-url', 'next-action'])('Next: the header %s', async (header) => {
    for (const place of ['next, in a route handler', 'next, in the proxy']) {
      const response = await ADAPTERS[place]?.(
        open,
        get({ ...SCRIPT, accept: '*/*', [header]: '1' }),
        options,
      )
      expect([response?.status, inApp(response?.headers.get('location') ?? null)]).toEqual([303, LOGIN])
    }
  })

  test.each([
    ['the adapter says so', { navigation: true }, path, 303],
    ['the adapter says no, and the headers do not', { navigation: false }, path, 401],
    [
      'the data of the page is requested',
      { page: { pathname: '/app', search: '' } },
      '/app/__data.json',
      303,
    ],
    ['the page itself', { page: { pathname: '/app', search: '' } }, '/app', 401],
    ['another path than that of its data', { page: { pathname: '/app', search: '' } }, '/app/x', 401],
  ])('by `open`: %s', async (_, given, target, status) => {
    for (const auth of [open, closed]) {
      const visit = await auth.open(data(target), given)
      const response = 'auth' in visit ? await visit.auth.requireUser(options) : visit
      expect(response?.status).toBe(status)
    }
  })
})

test('a handler asks as latchkey does before it redirects by itself', async () => {
  const app = withAuth(open, (_, { auth }) => Response.json(auth.isNavigation))
  for (const [, headers, answer] of ROWS)
    expect(await (await app(get(headers))).json()).toBe(answer === 'login page')
})
