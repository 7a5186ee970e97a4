import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createAuth, memoryUsers, protectPaths } from 'latchkey'
import { latchkey as honoLatchkey } from 'latchkey/hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serve, testAuth } from '../adapters/node-server.ts'
import { plain, SECRET, type TestUser } from '../app.ts'
import { express, fastify } from './node/index.ts'

/**
 * Node hands on a target as it came over the wire, and Express and Fastify route by that text; an address is resolved
 * first. The rules must not judge one path, and the router find another.
 */
const TARGETS: readonly string[] = [
  '/admin',
  '/admin/x',
  '//admin',
  '/admin//x',
  '/admin/../area/public',
  '/admin/x/../../area/public/x',
  '/admin/..',
  '/admin/../',
  '/admin/./../x',
  '/admin/%2e%2e/area/public',
  '/admin/.%2e',
  '/admin/%2E%2E/x',
  '/admin/..\\..\\area\\public',
  '/admin/..\\x',
  '/admin\\..\\area\\public',
  '/admin/../login',
  '/admin/../area/public?x',
  '/admin/x#/../..',
  '/area/public/../../admin',
  '/area/public/%2e%2e/%2e%2e/admin/x',
  'http://app.test/admin',
  'http://app.test/admin/../area/public',
  'http://evil.test/admin/..',
  '/admin/..%2farea/public',
  '/%61dmin/../x',
]

const ADMIN = 'ADMIN-MARKER'
const protect = () => protectPaths({ include: ['/admin', '/area'], exclude: ['/area/public'] })

const APPS: Readonly<Record<string, () => Promise<number>>> = {
  async Express() {
    const app = express()
    app.use(testAuth({ protect: protect() }))
    app.use('/admin', (_, res) => void res.end(ADMIN))
    app.use((_, res) => void res.end('other'))
    return (await serve(app)).port
  },
  async 'Express, behind a router that is mounted'() {
    const app = express()
    const router = express.Router()
    app.use(testAuth({ protect: protect() }))
    router.get('/{*rest}', (_, res) => void res.end(ADMIN))
    app.use('/admin', router)
    app.use((_, res) => void res.end('other'))
    return (await serve(app)).port
  },
  async Fastify() {
    const app = fastify()
    const auth = testAuth({ protect: protect() })
    app.addHook('onRequest', (request, reply, done) => auth(request.raw, reply.raw, done))
    app.get('/admin', async () => ADMIN)
    app.get('/admin/*', async () => ADMIN)
    app.get('/*', async () => 'other')
    onTestFinished(() => app.close())
    return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  },
  async 'node:http, by the path before the query'() {
    const auth = testAuth({ protect: protect() })
    const { port } = await serve((req, res) =>
      auth(
        req,
        res,
        () => void res.end(/^\/admin(\/|$)/.test(req.url?.split('?')[0] ?? '') ? ADMIN : 'other'),
      ),
    )
    return port
  },
  async Hono() {
    const app = new Hono()
    const users = memoryUsers<TestUser>([])
    app.use(
      honoLatchkey(createAuth<TestUser>({ secret: SECRET, users, passwords: plain, protect: protect() })),
    )
    app.get('/admin/*', (c) => c.text(ADMIN))
    app.get('*', (c) => c.text('other'))
    return (await serve(getRequestListener(app.fetch))).port
  },
}

async function answerTo(port: number, target: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`)
  return text(socket)
}

describe.each(Object.keys(APPS))('a protected path, spelt otherwise on the wire: %s', (name) => {
  test.each(TARGETS)('%j', async (target) => {
    const port = await (APPS[name] as () => Promise<number>)()
    const answer = await answerTo(port, target)
    expect(answer).toMatch(/^HTTP\/1.1 \d/)
    expect(answer).not.toContain(ADMIN)
  })

  test('and the public ones are found', async () => {
    const port = await (APPS[name] as () => Promise<number>)()
    for (const target of ['/area/public', '/area/public/x?y', '/', '/areal'])
      expect(await answerTo(port, target)).toMatch(/^HTTP\/1.1 200 [\s\S]*other/)
  })
})
