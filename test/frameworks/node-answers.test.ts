import { once } from 'node:events'
import { LatchkeyError, storedSessions } from 'latchkey'
import type { NodeAuth } from 'latchkey/node'
import type { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { MODES, SlowRecords, serve, testAuth } from '../adapters/node-server.ts'
import type { TestUser } from '../app.ts'
import { compression, type Express, express, type RequestHandler } from './node/index.ts'
import { ANSWERS, answering } from './node-answers.ts'

type TestAuth = NodeAuth<TestUser>

const kept = async (browser: TestBrowser): Promise<unknown> => (await browser.get('/session')).json()
const asPath = (as: string): string => `/?${new URLSearchParams({ as })}`
const NAMES = Object.keys(ANSWERS)
const squeeze = compression({ threshold: 0, filter: () => true })

/** An app that writes into the session and then answers. */
function answeringApp(auth: TestAuth, before: RequestHandler[] = [], after: RequestHandler[] = []): Express {
  const app = express().disable('x-powered-by')
  app.use(...before, auth, ...after)
  app.get('/session', async (req, res) => void res.json(await auth.of(req).session.all()))
  app.use(async (req, _, next) => {
    const { session } = auth.of(req)
    if (req.query.use === 'read') await session.get('a')
    else session.set('a', 1)
    next()
  })
  return app.all('/', answering)
}

/** The same without us. */
function plainApp(...middleware: RequestHandler[]): Express {
  const app = express().disable('x-powered-by')
  for (const one of middleware) app.use(one)
  return app.all('/', answering)
}

const LIST = /,\s*/
const listOf = (headers: Headers, name: string): string[] => (headers.get(name) ?? '').split(LIST)

/** What arrived, but for what is ours to say. */
async function seen(response: Response): Promise<object> {
  const headers = Object.fromEntries(response.headers)
  for (const name of ['date', 'cache-control', 'set-cookie']) delete headers[name]
  const vary = listOf(response.headers, 'vary').filter((name) => name !== 'Cookie' && name !== '')
  const cookies = response.headers.getSetCookie().filter((cookie) => !cookie.includes('session='))
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1')
  return { status: response.status, reason: response.statusText, ...headers, vary, cookies, body }
}

/** Trailers without a body are refused by Node itself. */
const methodsOf = (as: string): string[] => (as === 'trailers' ? ['GET'] : ['GET', 'HEAD'])

describe.each(Object.entries(MODES))('an answer of Express, with sessions %s', (_, mode) => {
  test.each(NAMES)('%s: arrives as it would without us, and the session with it', async (as) => {
    const without = await serve(plainApp())
    const within = await serve(answeringApp(testAuth(mode())))
    for (const method of methodsOf(as)) {
      const browser = within.browser()
      const answer = await browser.visit(asPath(as), { method })
      expect(listOf(answer.headers, 'vary')).toContain('Cookie')
      expect(answer.headers.get('cache-control')).toMatch(/^private/)
      expect(await seen(answer)).toEqual(await seen(await without.browser().visit(asPath(as), { method })))
      expect(await kept(browser)).toEqual({ a: 1 })
      const path = `${asPath(as)}&use=read`
      expect(await seen(await browser.visit(path, { method }))).toEqual(
        await seen(await without.browser().visit(path, { method })),
      )
    }
  })
})

describe.each(NAMES)('an answer of Express: %s', (as) => {
  test('nothing of it leaves before the session is saved', async () => {
    const records = new SlowRecords()
    let written = (): number => -1
    const see: RequestHandler = (req, _, next) => {
      written = () => req.socket.bytesWritten
      next()
    }
    const { browser } = await serve(
      answeringApp(testAuth({ sessions: storedSessions(records.store) }), [see]),
    )
    const { asked, release } = records.stop()
    const answer = browser().get(asPath(as === 'early hints first' ? 'res.send of text' : as))
    await asked
    // What is sent in the same step as the question would be seen a step later.
    await new Promise((resolve) => setImmediate(resolve))
    expect(written()).toBe(0)
    release()
    expect((await answer).headers.getSetCookie().join()).toMatch(/session=/)
  })

  // It calls no one back, without us as well.
  const isSqueezable = as !== 'several writes, each when the last one has left'
  test.each(isSqueezable ? ['before', 'after'] : [])(
    'compression %s us changes nothing of that',
    async (where) => {
      const without = await serve(plainApp(squeeze))
      const records = storedSessions(new SlowRecords().store)
      const auth = testAuth({ sessions: records })
      const within = await serve(
        where === 'before' ? answeringApp(auth, [squeeze]) : answeringApp(auth, [], [squeeze]),
      )
      const browser = within.browser()
      const answer = await browser.get(asPath(as))
      expect(await seen(answer)).toEqual(await seen(await without.browser().get(asPath(as))))
      expect(await kept(browser)).toEqual({ a: 1 })
    },
  )

  test('two instances on one app both save', async () => {
    const one = testAuth({ sessions: storedSessions(new SlowRecords().store) })
    const two = testAuth({ sessions: storedSessions(new SlowRecords().store), cookie: { name: 'second' } })
    const without = await serve(plainApp())
    const app = answeringApp(one, [
      two,
      (req, res, next) => {
        if (req.path === '/second')
          return void two
            .of(req)
            .session.all()
            .then((all) => res.json(all))
        two.of(req).session.set('b', 2)
        next()
      },
    ])
    const within = await serve(app)
    const browser = within.browser()
    const answer = await browser.get(asPath(as))
    const { cookies, ...rest } = (await seen(answer)) as { cookies: string[] }
    const { cookies: plainCookies, ...plain } = (await seen(await without.browser().get(asPath(as)))) as {
      cookies: string[]
    }
    expect(rest).toEqual(plain)
    expect(cookies.filter((cookie) => !cookie.includes('second='))).toEqual(plainCookies)
    expect(await kept(browser)).toEqual({ a: 1 })
    expect(await (await browser.get('/second')).json()).toEqual({ b: 2 })
  })

  test.each([
    ['before', [squeeze], []],
    ['after', [], [squeeze]],
    ['nowhere near', [], []],
  ])('a store that fails puts 503 in its place, with compression %s us', async (_, before, after) => {
    const records = new SlowRecords()
    const reported: unknown[] = []
    const onError = (error: unknown): undefined => void reported.push(error)
    const auth = testAuth({ sessions: storedSessions(records.store) }, { onError })
    const finished: Promise<unknown>[] = []
    const see: RequestHandler = (_, res, next) => {
      finished.push(once(res, 'close'))
      res.setHeader('x-secret', '1')
      next()
    }
    const { browser } = await serve(answeringApp(auth, before, [see, ...after]))
    records.mode = 'fails'
    for (const method of methodsOf(as)) {
      const answer = await browser().visit(asPath(as), { method })
      expect(answer.status).toBe(503)
      expect(answer.statusText).toBe('Service Unavailable')
      expect(answer.headers.getSetCookie()).toEqual([])
      for (const name of ['x-a', 'x-secret', 'location', 'etag']) expect(answer.headers.get(name)).toBeNull()
      expect(answer.headers.get('cache-control')).toBe('no-store')
      if (method === 'GET') expect(await answer.text()).toMatch(/<h1>Temporarily unavailable<\/h1>/)
    }
    await Promise.all(finished)
    expect(reported).toHaveLength(methodsOf(as).length)
    expect(reported[0]).toBeInstanceOf(LatchkeyError)
  })
})
