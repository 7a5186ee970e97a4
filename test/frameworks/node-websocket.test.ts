import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { storedSessions } from 'latchkey'
import type { NodeAuth } from 'latchkey/node'
import { TestBrowser } from 'latchkey/testing'
import { expect, onTestFinished, test } from 'vitest'
import { SlowRecords, serve, testAuth } from '../adapters/node-server.ts'
import { ORIGIN, type TestUser } from '../app.ts'
import { WebSocket, WebSocketServer } from './node/index.ts'

type TestAuth = NodeAuth<TestUser>

/** A server whose sockets greet the user by name, as the guide writes it. */
async function socketServer(
  auth: TestAuth,
  upgrade = (request: IncomingMessage, socket: Duplex): Promise<TestUser | null> =>
    auth.upgradeUser(request, socket),
) {
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer((request, response) =>
    auth(request, response, async () => {
      if (request.url === '/login') await auth.of(request).login('alice', 'wonderland')
      response.end()
    }),
  )
  server.on('upgrade', async (request, socket, head) => {
    const user = await upgrade(request, socket)
    if (user) sockets.handleUpgrade(request, socket, head, (ws) => ws.send(`Hello ${user.id}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  const send = (request: Request): Promise<Response> =>
    fetch(new Request(`http://127.0.0.1:${port}${new URL(request.url).pathname}`, request))
  const browser = new TestBrowser(send, ORIGIN)
  return { server, port, browser }
}

/** What a client of `ws` is told: a greeting, or the status of the refusal. */
async function greeting(port: number, headers: Record<string, string>): Promise<unknown> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`, { headers })
  const refused = new Promise((resolve) =>
    socket.on('unexpected-response', async (_, response: IncomingMessage) =>
      resolve([response.statusCode, response.headers.connection, await text(response)]),
    ),
  )
  const greeted = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))))
  const answer = await Promise.race([refused, greeted])
  socket.on('error', () => {})
  socket.terminate()
  return answer
}

const refusalWith = (status: number): unknown => [status, 'close', expect.stringContaining('{"ok":false')]

test('a user is let in', async () => {
  const { port, browser } = await socketServer(testAuth())
  await browser.post('/login')
  const cookie = browser.cookieHeader
  expect(await greeting(port, { cookie })).toBe('Hello alice')
  expect(await greeting(port, { cookie, origin: ORIGIN })).toBe('Hello alice')
  expect(await greeting(port, { cookie, origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(
    'Hello alice',
  )
})

test('nobody is refused before the upgrade', async () => {
  const { port } = await socketServer(testAuth())
  expect(await greeting(port, {})).toEqual(refusalWith(401))
  expect(await greeting(port, { cookie: '__Host-session=made-up' })).toEqual(refusalWith(401))
})

test.each([
  { origin: 'https://evil.example' },
  { origin: 'http://app.test' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site', origin: ORIGIN },
  { 'sec-fetch-site': 'same-site' },
])('a page of another site is refused before the upgrade: %j', async (headers) => {
  const { port, browser } = await socketServer(testAuth())
  await browser.post('/login')
  expect(await greeting(port, { cookie: browser.cookieHeader, ...headers })).toEqual(refusalWith(403))
})

test.each(['fails', 'hangs'] as const)('a store that %s lets nobody in', async (mode) => {
  const records = new SlowRecords()
  const options = { sessions: storedSessions(records.store), timeLimitSeconds: 0.1 }
  const { port, browser } = await socketServer(testAuth(options, { onError: () => undefined }))
  await browser.post('/login')
  records.mode = mode
  expect(await greeting(port, { cookie: browser.cookieHeader })).toEqual(refusalWith(503))
})

test('an upgrade that is no request is refused', async () => {
  const { port } = await socketServer(testAuth())
  const upgrade = 'Connection: upgrade\r\nUpgrade: websocket\r\n\r\n'
  for (const head of ['TRACE / HTTP/1.1\r\nHost: app.test', 'GET / HTTP/1.1\r\nHost: a b']) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${head}\r\n${upgrade}`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 \r\n/)
  }
})

test('a refused client that keeps his side open does not keep the connection', async () => {
  const { server, port } = await socketServer(testAuth())
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)))
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.write('GET / HTTP/1.1\r\nHost: app.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.resume()
  await once(socket, 'end')
  await closed
})

test('an answer of the app’s own that cannot be read ends the connection', async () => {
  const records = new SlowRecords()
  const spent = new Response('sorry')
  await spent.text()
  const auth = testAuth({ sessions: storedSessions(records.store) }, { onError: () => spent })
  const { port, browser } = await socketServer(auth)
  await browser.post('/login')
  records.mode = 'fails'
  const socket = connect(port, '127.0.0.1')
  const cookie = `Cookie: ${browser.cookieHeader}`
  socket.write(
    `GET / HTTP/1.1\r\nHost: app.test\r\n${cookie}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
  )
  expect(await text(socket)).toBe('')
})

test('nothing of ours is left on the socket of a user', async () => {
  const auth = testAuth()
  const counts: number[] = []
  const { port, browser } = await socketServer(auth, async (request, socket) => {
    counts.push(socket.listenerCount('error'))
    const user = await auth.upgradeUser(request, socket)
    counts.push(socket.listenerCount('error'))
    return user
  })
  await browser.post('/login')
  await greeting(port, { cookie: browser.cookieHeader })
  expect(counts[1]).toBe(counts[0])
})

test('a client that goes away while he is being looked up is nobody’s concern', async () => {
  const records = new SlowRecords()
  const auth = testAuth({ sessions: storedSessions(records.store) })
  let over = (): void => {}
  const isOver = new Promise<void>((resolve) => {
    over = resolve
  })
  const { port, browser } = await socketServer(auth, async (request, socket) => {
    const user = await auth.upgradeUser(request, socket)
    over()
    return user
  })
  await browser.post('/login')
  const { asked, release } = records.stop()
  const socket = connect(port, '127.0.0.1')
  const cookie = `Cookie: ${browser.cookieHeader}`
  socket.write(
    `GET / HTTP/1.1\r\nHost: app.test\r\n${cookie}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
  )
  await asked
  // A reset, which is an error on the other side; an end would be none.
  socket.resetAndDestroy()
  release()
  await isOver
})

test('a socket that is open to everybody: upgrade() says who it is, and refuses other sites', async () => {
  const auth = testAuth()
  const { port, browser } = await socketServer(auth, async (request, socket) => {
    const current = auth.upgrade(request)
    if (!current) {
      socket.end('HTTP/1.1 403 \r\nConnection: close\r\n\r\n{"ok":false}')
      return null
    }
    return (await current.authenticate()).user ?? { id: 'guest', hashedPassword: null }
  })
  expect(await greeting(port, {})).toBe('Hello guest')
  await browser.post('/login')
  expect(await greeting(port, { cookie: browser.cookieHeader })).toBe('Hello alice')
  expect(await greeting(port, { origin: 'https://evil.example' })).toEqual(refusalWith(403))
})

test('an upgrade that nobody listens for meets the middleware, which holds it to the same', async () => {
  const auth = testAuth()
  const { raw } = await serve((request, response) => auth(request, response, () => response.end('in')))
  const head = 'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n'
  expect(await raw(`${head}Origin: https://evil.example\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /)
  expect(await raw(`${head}Origin: ${ORIGIN}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
})
