import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ORIGIN } from '../../app.ts'
import { type RunningServer, SERVERS } from './websocket-servers.ts'

type Visitor = 'alice' | 'nobody' | 'alice, who has logged out'

/** What a browser says of the page that opens a socket, and what comes of it. */
const ROWS: readonly [
  sentence: string,
  visitor: Visitor,
  headers: Record<string, string>,
  status: 101 | 401 | 403,
][] = [
  ['the app’s own page, for a user', 'alice', { origin: ORIGIN }, 101],
  ['and where the browser says so itself', 'alice', { 'sec-fetch-site': 'same-origin', origin: ORIGIN }, 101],
  ['a page of a trusted origin', 'alice', { origin: 'https://partner.test' }, 101],
  ['a program, which sends no Origin', 'alice', {}, 101],
  ['nobody', 'nobody', { origin: ORIGIN }, 401],
  ['a program without a cookie', 'nobody', {}, 401],
  ['a cookie that was logged out', 'alice, who has logged out', { origin: ORIGIN }, 401],
  ['another site’s page, in a user’s browser', 'alice', { origin: 'https://evil.test' }, 403],
  ['another site’s page, for nobody', 'nobody', { origin: 'https://evil.test' }, 403],
  ['a sibling domain', 'alice', { origin: 'https://evil.app.test' }, 403],
  ['the same host over http', 'alice', { origin: 'http://app.test' }, 403],
  ['the same host on another port', 'alice', { origin: 'https://app.test:8443' }, 403],
  ['a sandboxed frame', 'alice', { origin: 'null' }, 403],
  [
    'a browser that says cross-site, whatever the Origin',
    'alice',
    { 'sec-fetch-site': 'cross-site', origin: ORIGIN },
    403,
  ],
  [
    'another site’s page that lies about the host',
    'alice',
    { origin: 'https://evil.test', host: 'evil.test', 'x-forwarded-host': 'evil.test' },
    403,
  ],
]

describe.each(Object.entries(SERVERS))('a WebSocket, before it is one, in %s', (runtime, start) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.stop())

  const send = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const { method, headers, body } = request
    return fetch(server.url + pathname, {
      method,
      headers,
      body,
      redirect: 'manual',
      duplex: 'half',
    } as RequestInit)
  }

  async function cookieOf(visitor: Visitor): Promise<string> {
    const browser = new TestBrowser(send, ORIGIN)
    if (visitor === 'nobody') return ''
    await browser.post('/login')
    const cookie = browser.cookieHeader
    if (visitor !== 'alice') await browser.post('/logout')
    return cookie
  }

  const upgrades = async (): Promise<unknown> => (await fetch(`${server.url}/upgrades`)).json()

  /** The status of the answer, and what the socket says where there is one. */
  async function open(headers: Record<string, string>): Promise<{ status: number; said: string | null }> {
    let handshake: IncomingMessage['headers'] = {}
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`, { headers })
    socket.on('upgrade', (response) => {
      handshake = response.headers
    })
    const opened = once(socket, 'open').then(async () => {
      socket.send('hello')
      const [said] = (await once(socket, 'message')) as [Buffer]
      socket.close()
      await once(socket, 'close')
      // Node and Bun make the 101 themselves; elsewhere the handler does, and nobody may touch it.
      if (['deno', 'workerd'].includes(runtime)) expect(handshake.vary).toBeUndefined()
      return { status: 101, said: String(said) }
    })
    const refused = new Promise<{ status: number; said: null }>((resolve, reject) => {
      socket.on('unexpected-response', (request, response) => {
        request.destroy()
        resolve({ status: response.statusCode ?? 0, said: null })
      })
      socket.on('error', reject)
    })
    return Promise.race([opened, refused])
  }

  test.each(ROWS)('%s', async (_, visitor, headers, status) => {
    const cookie = await cookieOf(visitor)
    const before = Number(await upgrades())
    const answer = await open(cookie ? { ...headers, cookie } : headers)
    expect(answer).toEqual({ status, said: status === 101 ? 'alice: hello' : null })
    expect(Number(await upgrades()) - before).toBe(status === 101 ? 1 : 0)
  })

  test('an upgrade in capitals is one as well', async () => {
    const cookie = await cookieOf('alice')
    const headers = { cookie, origin: 'https://evil.test', upgrade: 'WebSocket' }
    expect((await open(headers)).status).toBe(403)
  })
})
