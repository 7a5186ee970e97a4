import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { storedSessions } from 'latchkey'
import type { NodeAuth } from 'latchkey/node'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MODES, SlowRecords, testAuth } from '../adapters/node-server.ts'
import { ORIGIN, sessionCookies, type TestUser } from '../app.ts'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from './node/index.ts'

type TestAuth = NodeAuth<TestUser>
type Add = (app: FastifyInstance) => void

/** What an app of Fastify looks like. */
function appOf(auth: TestAuth, add: Add = () => {}): FastifyInstance {
  const app = fastify()
  app.addHook('onRequest', (request, reply, done) => auth(request.raw, reply.raw, done))
  app.post<{ Body: { email: unknown; password: unknown } }>('/login', async (request, reply) => {
    const outcome = await auth.of(request.raw).login(request.body.email, request.body.password)
    return reply.redirect(outcome.ok ? '/app' : `/login?error=${outcome.code}`, 303)
  })
  app.post('/logout', async (request, reply) => {
    await auth.of(request.raw).logout()
    return reply.redirect('/login', 303)
  })
  const requireUser = auth.requireUser({ redirectTo: '/login' })
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void): void =>
    requireUser(request.raw, reply.raw, done)
  app.get('/app', { onRequest }, async (request) => `Hello ${auth.userOf(request.raw).id}`)
  app.get('/who', async (request) => ({ id: (await auth.of(request.raw).authenticate()).userId }))
  app.get('/session', (request) => auth.of(request.raw).session.all())
  add(app)
  return app
}

async function browserOf(app: FastifyInstance): Promise<TestBrowser> {
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => app.close())
  return new TestBrowser((request) => {
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(origin + pathname + search, request), { redirect: 'manual' })
  }, ORIGIN)
}

const whoIs = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/who')).json()
const FILE = new URL('node-fastify.test.ts', import.meta.url).pathname

type Answer = (request: FastifyRequest, reply: FastifyReply) => unknown
const ANSWERS: Record<string, Answer> = {
  'a text returned': async () => 'text',
  'an object returned': async () => ({ a: 1 }),
  'reply.send': (_, reply) => void reply.code(201).header('x-a', '1').send('text'),
  'reply.send awaited': async (_, reply) => {
    await reply.send('text')
  },
  'reply.redirect': (_, reply) => reply.redirect('/elsewhere'),
  '204': (_, reply) => reply.code(204).send(),
  'a stream': (_, reply) => reply.type('text/plain').send(createReadStream(FILE, { highWaterMark: 100 })),
  'a long stream': (_, reply) =>
    reply.send(Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536)))),
  'a stream of the Web': (_, reply) => reply.send(new Blob(['text']).stream()),
  'a Response': (_, reply) => reply.send(new Response('text', { status: 202, headers: { 'x-a': '1' } })),
  'an error of 4xx': async () => {
    throw Object.assign(new Error('gone'), { statusCode: 410 })
  },
  hijacked: (_, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'x-a': '1' })
    reply.raw.write('a')
    reply.raw.end('b')
  },
  'raw, and nothing returned': (_, reply) => void reply.raw.end('text'),
}

describe.each(Object.entries(MODES))('an app of Fastify, with sessions %s', (_, mode) => {
  test('logs in, lets in, and logs out', async () => {
    const browser = await browserOf(appOf(testAuth(mode())))
    expect((await browser.get('/app?tab=2')).headers.get('location')).toBe('/login?next=%2Fapp%3Ftab%3D2')
    expect((await browser.get('/app', { accept: 'application/json' })).status).toBe(401)
    const json = { email: 'alice', password: 'wonderland' }
    expect((await browser.visit('/login', { method: 'POST', json })).headers.get('location')).toBe('/app')
    expect(await (await browser.get('/app')).text()).toBe('Hello alice')
    const foreign = await browser.visit('/logout', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect([foreign.status, await whoIs(browser)]).toEqual([403, { id: 'alice' }])
    await browser.visit('/logout', { method: 'POST' })
    expect([await whoIs(browser), sessionCookies(browser).length]).toEqual([{ id: null }, 0])
  })

  test.each(Object.keys(ANSWERS))(
    '%s: arrives as it would without us, and the session with it',
    async (as) => {
      const seen = async (answer: Response): Promise<unknown> => [
        answer.status,
        await answer.text(),
        ['content-type', 'content-length', 'transfer-encoding', 'x-a', 'location'].map((name) =>
          answer.headers.get(name),
        ),
      ]
      const answer = ANSWERS[as] as Answer
      const auth = testAuth(mode())
      const within = appOf(auth, (app) =>
        app.get('/', (request, reply) => {
          auth.of(request.raw).session.set('a', 1)
          return answer(request, reply)
        }),
      )
      const browser = await browserOf(within)
      const without = await browserOf(fastify().get('/', answer))
      // Fastify itself answers 500 to the HEAD of a Response.
      for (const method of as === 'a Response' ? ['GET'] : ['GET', 'HEAD']) {
        expect(await seen(await browser.visit('/', { method }))).toEqual(
          await seen(await without.visit('/', { method })),
        )
        expect(await (await browser.get('/session')).json()).toEqual({ a: 1 })
        browser.cookies.clear()
      }
    },
  )

  test.each(['throws', 'sends an error', 'answers 500'])(
    'of a handler that %s nothing is kept but a logout',
    async (how) => {
      const auth = testAuth(mode())
      const fail = (reply: FastifyReply): FastifyReply => {
        if (how === 'throws') throw new Error('x')
        return how === 'answers 500' ? reply.code(500).send('x') : reply.send(new Error('x'))
      }
      const app = appOf(auth, (app) => {
        app.get('/half', async (request, reply) => {
          auth.of(request.raw).session.set('half', 1)
          return fail(reply)
        })
        app.get('/out', async (request, reply) => {
          await auth.of(request.raw).logout()
          return fail(reply)
        })
      })
      const browser = await browserOf(app)
      await browser.visit('/login', { method: 'POST', json: { email: 'alice', password: 'wonderland' } })
      expect((await browser.get('/half')).status).toBe(500)
      expect(await (await browser.get('/session')).json()).toEqual({})
      expect(await whoIs(browser)).toEqual({ id: 'alice' })
      expect((await browser.get('/out')).status).toBe(500)
      expect([await whoIs(browser), sessionCookies(browser).length]).toEqual([{ id: null }, 0])
    },
  )
})

test.each(Object.keys(ANSWERS))('Fastify, %s: a store that fails puts 503 in its place', async (as) => {
  const records = new SlowRecords()
  const auth = testAuth({ sessions: storedSessions(records.store) }, { onError: () => undefined })
  const app = appOf(auth, (app) =>
    app.get('/', (request, reply) => {
      auth.of(request.raw).session.set('a', 1)
      return (ANSWERS[as] as Answer)(request, reply)
    }),
  )
  const browser = await browserOf(app)
  records.mode = 'fails'
  const answer = await browser.get('/')
  expect([answer.status, answer.headers.get('x-a'), answer.headers.getSetCookie()]).toEqual([503, null, []])
  expect(await answer.text()).toContain('Temporarily unavailable')
})
