import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { request as secureRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { storedSessions } from 'latchkey'
import { type NodeAuth, toRequest } from 'latchkey/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { certificateFor } from '../browser/attacks/certificate.ts'
import { SlowRecords, serve, testAuth } from './node-server.ts'

type TestAuth = NodeAuth<TestUser>
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

const listener =
  (auth: TestAuth, handle: Handler): Handler =>
  (request, response) =>
    auth(request, response, () => handle(request, response))

/** Says which page was asked for, having written into the session. */
const echo =
  (auth: TestAuth): Handler =>
  (request, response) => {
    const current = auth.of(request)
    current.session.set('a', 1)
    response.end(current.request.url)
  }

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n\r\n`

describe('a request of plain node:http', () => {
  test.each([
    ['GET /page?q=1 HTTP/1.1', 'http://app.test/page?q=1'],
    ['GET //evil.example/page HTTP/1.1', 'http://app.test//evil.example/page'],
    ['GET /\\evil.example HTTP/1.1', 'http://app.test//evil.example'],
    ['OPTIONS * HTTP/1.1', 'http://app.test/'],
    ['GET /%00%ff%zz HTTP/1.1', 'http://app.test/%00%ff%zz'],
    ['PROPFIND /page HTTP/1.1', 'http://app.test/page'],
  ])('%s: is of this app, whatever it names', async (line, url) => {
    const auth = testAuth()
    const { raw } = await serve(listener(auth, echo(auth)))
    const answer = await raw(lines(line, 'Host: app.test', 'Connection: close'))
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer.endsWith(`\r\n\r\n${url}`)).toBe(true)
  })

  test.each([
    'TRACE / HTTP/1.1\r\nHost: app.test',
    'GET * HTTP/1.1\r\nHost: app.test',
    'GET http://app.test/page HTTP/1.1\r\nHost: app.test',
    'GET http://evil.example HTTP/1.1\r\nHost: app.test',
    'GET http://user:password@app.test/page HTTP/1.1\r\nHost: app.test',
    'GET http://x%/ HTTP/1.1\r\nHost: app.test',
    'GET / HTTP/1.1\r\nHost: a b',
    'GET / HTTP/1.1\r\nHost: [',
    'GET / HTTP/1.1\r\nHost: %',
    'GET / HTTP/1.1\r\nHost: app.test:99999',
    'GET / HTTP/1.1\r\nHost:',
  ])('%j: is answered 400', async (head) => {
    const auth = testAuth()
    const { raw } = await serve(listener(auth, echo(auth)))
    expect(await raw(lines(head, 'Connection: close'))).toMatch(/^HTTP\/1.1 400 /)
  })

  test.each([
    ['Host: app.test/path?', 'http://app.test/page'],
    ['Host: user:password@app.test', 'http://app.test/page'],
    ['Host: APP.test:80', 'http://app.test/page'],
    ['Host: [::1]:3000', 'http://[::1]:3000/page'],
  ])('%s: of it only the host counts', async (host, url) => {
    const auth = testAuth()
    const { raw } = await serve(listener(auth, echo(auth)))
    expect(
      (await raw(lines('GET /page HTTP/1.1', host, 'Connection: close'))).endsWith(`\r\n\r\n${url}`),
    ).toBe(true)
  })

  test('HTTP/1.0 without a Host is answered', async () => {
    const auth = testAuth()
    const { raw } = await serve(listener(auth, echo(auth)))
    expect(await raw(lines('GET /page HTTP/1.0'))).toMatch(/http:\/\/localhost\/page$/)
  })

  test.each([
    ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'],
    ['Origin: https://app.test', 'Origin: https://evil.example'],
  ])('repeated headers (%s, %s) pass for neither', async (...headers) => {
    const auth = testAuth()
    const { raw } = await serve(listener(auth, echo(auth)))
    const answer = await raw(
      lines('POST / HTTP/1.1', 'Host: app.test', 'Content-Length: 0', 'Connection: close', ...headers),
    )
    expect(answer).toMatch(/^HTTP\/1.1 403 /)
  })

  test('repeated Cookie headers are all read; bytes beyond ASCII are no trouble', async () => {
    const auth = testAuth()
    const handle: Handler = async (request, response) =>
      response.end(JSON.stringify(await auth.of(request).session.all()))
    const { raw, browser } = await serve(
      listener(auth, (request, response) =>
        (request.url === '/set' ? echo(auth) : handle)(request, response),
      ),
    )
    const visitor = browser()
    await visitor.get('/set')
    const answer = await raw(
      lines(
        'GET / HTTP/1.1',
        'Host: app.test',
        'X-Name: J\u00fcrgen',
        'Cookie: a=\u00e9',
        `Cookie: ${visitor.cookieHeader}`,
        'Cookie: b=2',
        'Connection: close',
      ),
    )
    expect(answer).toMatch(/\r\n\r\n\{"a":1\}$/)
  })

  test('of pipelined requests each gets its own answer, in order', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const { raw } = await serve(listener(auth, echo(auth)))
    const one = (path: string, ...more: string[]): string =>
      lines(`GET ${path} HTTP/1.1`, 'Host: app.test', ...more)
    const answer = await raw(one('/1') + one('/2') + one('/3', 'Connection: close'))
    expect(answer.match(/http:\/\/app\.test\/\d/g)).toEqual([1, 2, 3].map((n) => `http://app.test/${n}`))
    expect(new Set(answer.match(/__Host-session=[^;]+/g)).size).toBe(3)
  })

  test('a connection that is kept alive is used again, and a body that nobody read is in nobody’s way', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const { raw } = await serve(listener(auth, echo(auth)))
    const post = lines(
      'POST /1 HTTP/1.1',
      'Host: app.test',
      'Sec-Fetch-Site: cross-site',
      'Content-Length: 20',
    )
    const answer = await raw(
      `${post}GET /x HTTP/1.1\r\n\r\n\r\n${lines('GET /2 HTTP/1.1', 'Host: app.test', 'Connection: close')}`,
    )
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200'])
  })

  test('Expect: 100-continue', async () => {
    const auth = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const { port } = await serve(
      listener(auth, async (request, response) => {
        auth.of(request).session.set('a', 1)
        response.end(await text(request))
      }),
    )
    const headers = { expect: '100-continue', 'content-length': 4 }
    const client = request({ port, host: '127.0.0.1', method: 'POST', headers })
    client.flushHeaders()
    await once(client, 'continue')
    client.end('body')
    const [answer] = (await once(client, 'response')) as [IncomingMessage]
    expect([await text(answer), answer.headers['set-cookie']]).toEqual([
      'body',
      [expect.stringMatching(/session=/)],
    ])
  })

  test('early hints leave at once, without the cookie', async () => {
    const records = new SlowRecords()
    const auth = testAuth({ sessions: storedSessions(records.store) })
    const { port } = await serve(
      listener(auth, (request, response) => {
        auth.of(request).session.set('a', 1)
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.end('ok')
      }),
    )
    const { release } = records.stop()
    const client = request({ port, host: '127.0.0.1' }).end()
    const [hints] = (await once(client, 'information')) as [{ statusCode: number; headers: object }]
    expect(hints).toMatchObject({ statusCode: 103, headers: { link: '</a.css>; rel=preload' } })
    expect(hints.headers).not.toHaveProperty('set-cookie')
    release()
    const [answer] = (await once(client, 'response')) as [IncomingMessage]
    expect(answer.headers['set-cookie']).toHaveLength(1)
    answer.resume()
  })

  test('a client that goes away while the session is being saved: it is saved, and nobody is worse off', async () => {
    const records = new SlowRecords()
    const auth = testAuth({ sessions: storedSessions(records.store) })
    let closed: Promise<unknown> = Promise.resolve()
    const { port, browser } = await serve(
      listener(auth, async (request, response) => {
        if (request.url !== '/login')
          return void response.end(String((await auth.of(request).authenticate()).userId))
        await auth.of(request).login('alice', 'wonderland')
        closed = once(response, 'close')
        response.write('x')
        response.end('y')
      }),
    )
    const { asked, release } = records.stop()
    const socket = connect(port, '127.0.0.1')
    socket.write(lines('POST /login HTTP/1.1', 'Host: app.test', 'Content-Length: 0'))
    await asked
    socket.destroy()
    await closed
    release()
    expect(await (await browser().get('/')).text()).toBe('null')
  })

  test('a server that is told nothing of an origin takes the cookie for what the request is', async () => {
    const auth = testAuth({ origin: undefined } as object)
    const { raw } = await serve(listener(auth, echo(auth)))
    const cookieAt = async (host: string): Promise<string> =>
      /set-cookie: ([^=]+)/i.exec(
        await raw(lines('GET / HTTP/1.1', `Host: ${host}`, 'Connection: close')),
      )?.[1] ?? ''
    expect(await cookieAt('localhost:3000')).toMatch(/^session-[0-9a-f]{4}$/)
    expect(await cookieAt('app.test')).toBe('__Host-session')
  })

  test('toRequest throws for what is no request', () => {
    expect(() => toRequest({ method: 'TRACE', rawHeaders: [], socket: {} })).toThrowError(TypeError)
    expect(() => toRequest({ rawHeaders: ['Host', 'a b'], socket: {} })).toThrowError(TypeError)
    expect(toRequest({ rawHeaders: [], socket: { encrypted: true } }).url).toBe('https://localhost/')
  })
})

describe('HTTP/2', () => {
  const { key, cert } = certificateFor(['app.test'])

  /** Either protocol has classes of its own for the two. */
  async function handle(
    auth: TestAuth,
    request: Http2ServerRequest,
    response: Http2ServerResponse,
  ): Promise<void> {
    const current = auth.of(request)
    if (request.url === '/read') return void response.end(JSON.stringify(await current.session.all()))
    current.session.set('a', 1)
    response.setHeader('set-cookie', 'app=1')
    if (request.url === '/head') response.writeHead(201, { 'x-a': '1', 'set-cookie': ['app=1', 'app2=2'] })
    if (request.url !== '/late') return void response.end(current.request.url)
    response.write('a')
    setImmediate(() => response.end('b'))
  }

  async function listen(auth: TestAuth): Promise<number> {
    const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
      // As `cors()` does in front.
      response.setHeader('access-control-allow-origin', 'https://spa.test')
      auth(request, response, () => void handle(auth, request, response))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return (server.address() as AddressInfo).port
  }

  async function client(auth: TestAuth): Promise<ClientHttp2Session> {
    const session = connectHttp2(`https://127.0.0.1:${await listen(auth)}`, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    return session
  }

  async function visit(session: ClientHttp2Session, headers: Record<string, string | string[]>) {
    const stream = session.request({ ':authority': 'app.test:8443', ...headers })
    const [answer] = (await once(stream, 'response')) as [
      Record<string, unknown> & { 'set-cookie'?: string[] },
    ]
    return {
      ...answer,
      status: answer[':status'],
      cookies: answer['set-cookie'] ?? [],
      body: String(await buffer(stream)),
    }
  }

  test.each([
    ['/', 200, 'https://app.test:8443/', 2],
    ['/head', 201, 'https://app.test:8443/head', 3],
    ['/late', 200, 'ab', 2],
  ])('%s: the app’s headers, and the session', async (path, status, body, cookies) => {
    const session = await client(testAuth({ sessions: storedSessions(new SlowRecords().store) }))
    const answer = await visit(session, { ':path': path })
    expect(answer).toMatchObject({ status, body, vary: 'Cookie', 'cache-control': 'private' })
    expect(answer.cookies).toHaveLength(cookies)
    const ours = answer.cookies.at(-1)?.split(';')[0] ?? ''
    expect((await visit(session, { ':path': '/read', cookie: ['x=1', ours, 'y=2'] })).body).toBe('{"a":1}')
  })

  test('a client of HTTP/1.1 at the same server', async () => {
    const port = await listen(testAuth({ sessions: storedSessions(new SlowRecords().store) }))
    const headers = { host: 'app.test' }
    const options = {
      port,
      host: '127.0.0.1',
      path: '/head',
      headers,
      rejectUnauthorized: false,
      agent: false,
    }
    const [answer] = (await once(secureRequest(options).end(), 'response')) as [IncomingMessage]
    expect(await text(answer)).toBe('https://app.test/head')
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([
      201,
      expect.toSatisfy((all) => all.length === 3),
    ])
  })

  test('a HEAD, and a request of a method that Request refuses', async () => {
    const session = await client(testAuth())
    expect(await visit(session, { ':method': 'HEAD', ':path': '/' })).toMatchObject({ status: 200, body: '' })
    expect(await visit(session, { ':method': 'TRACE', ':path': '/' })).toMatchObject({ status: 400 })
  })

  test('a store that fails puts 503 in the answer’s place', async () => {
    const records = new SlowRecords()
    records.mode = 'fails'
    const auth = testAuth({ sessions: storedSessions(records.store) }, { onError: () => undefined })
    const session = await client(auth)
    for (const path of ['/', '/head', '/late']) {
      const answer = await visit(session, { ':path': path })
      expect(answer).toMatchObject({
        status: 503,
        cookies: [],
        body: expect.stringContaining('backend_failed'),
      })
      expect(answer).not.toHaveProperty('x-a')
      expect(answer).toHaveProperty('access-control-allow-origin', 'https://spa.test')
    }
  })

  test('forms of other sites are refused', async () => {
    const session = await client(testAuth())
    const headers = { ':method': 'POST', ':path': '/', 'sec-fetch-site': 'cross-site' }
    expect(await visit(session, headers)).toMatchObject({ status: 403, cookies: [] })
  })
})
