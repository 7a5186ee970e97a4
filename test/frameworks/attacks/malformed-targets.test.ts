import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { withAuth } from 'latchkey/fetch'
import { latchkey } from 'latchkey/hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestUser, testApp } from '../../app.ts'
import { MOUNTS, NODE_MOUNTS } from '../../reference-app/mounts/index.ts'
import { referenceOnNode } from '../../reference-app/server.ts'
import { World } from '../../reference-app/world.ts'
import { overSocket } from '../paths/answers.ts'

type Listener = Parameters<typeof createServer>[1]

/** Of a target and a method; no text comes back where the server closes the connection. */
const ROWS: readonly (readonly [sentence: string, target: string, method?: string])[] = [
  ['a whole address', 'http://evil.test/'],
  ['the address of a protected page', 'http://evil.test/admin'],
  ['of a public one, of this server', 'http://127.0.0.1/area/public'],
  ['with credentials', 'http://user:password@evil.test/'],
  ['with credentials, of a protected page', 'https://user:password@evil.test/admin'],
  ['without a path', 'http://evil.test'],
  ['whose query looks like a path', 'http://evil.test?/admin'],
  ['whose host is none', 'http://x%/'],
  ['whose host is none, again', 'http://[/'],
  ['whose port is none', 'http://evil.test:99999/'],
  ['without a host', 'http:///admin'],
  ['another scheme', 'javascript:alert(1)'],
  ['credentials, and nothing else', 'user:password@evil.test'],
  ['nothing that begins with a slash', '@evil.test/'],
  ['a star', '*'],
  ['TRACE', '/', 'TRACE'],
  ['TRACE of a protected page', '/admin', 'TRACE'],
  ['a percent sign', '/%'],
  ['an escape that is none', '/%zz'],
  ['an escape that is cut off', '/admin%2'],
  ['UTF-8 that is none', '/%ff'],
  ['UTF-8 that is longer than it need be', '/admin%c0%af'],
  ['the same below a public page', '/area/public/%e0%80%af'],
  ['NUL', '/admin%00'],
  ['a backslash', '/\\evil.test'],
  ['bytes beyond ASCII', '/admin\xa0'],
]

function served(make: () => Promise<Listener>): (target: string, method?: string) => Promise<string> {
  const server = createServer()
  // Next is built first.
  beforeAll(async () => {
    server.on('request', (await make()) as never)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }, 300_000)
  afterAll(() => void server.close())
  return (target, method) => overSocket((server.address() as AddressInfo).port, target, method)
}

const reference = (adapter: string) => async (): Promise<Listener> => {
  const options = { adapter, sessions: 'memory', origin: 'http://127.0.0.1:9001', port: 9001 }
  const world = await World.make({ ...options, isManualClock: false, options: {} })
  return (await referenceOnNode(world, () => {})).listener
}

describe.each([...Object.keys(MOUNTS), ...Object.keys(NODE_MOUNTS)])('the reference app, %s', (adapter) => {
  const ask = served(reference(adapter))

  test.each(ROWS)('%s: 4xx', async (_, target, method) => {
    const answer = await ask(target, method)
    // Next's server redirects to the same path with slashes.
    expect(answer).toMatch(
      adapter === 'next' && target.includes('\\') ? /^HTTP\/1.1 308 / : /^HTTP\/1.1 4\d\d /,
    )
    expect(answer).not.toContain('MARKER')
  })
})

/** Handlers that look at everything, and no path rules: nothing but `open` refuses. */
describe.each([
  [
    'Hono',
    async (): Promise<Listener> => {
      const app = new Hono()
      app.use(latchkey(testApp({ now: Date.now }).auth))
      app.all('*', async (c) => c.text(`seen ${await c.req.text()}`))
      return getRequestListener(app.fetch)
    },
  ],
  [
    'fetch',
    async (): Promise<Listener> => {
      const { auth } = testApp({ now: Date.now })
      return getRequestListener(
        withAuth<TestUser>(auth, async (request) => new Response(`seen ${await request.text()}`)) as never,
      )
    },
  ],
])('without path rules, on @hono/node-server: %s', (name, make) => {
  const ask = served(make)

  test.each(ROWS.filter(([, target, method]) => method || target.includes('@')))(
    '%s: 4xx',
    async (_, target, method) => {
      expect(await ask(target, method)).toMatch(/^HTTP\/1.1 4\d\d /)
    },
  )

  test.each(ROWS)('%s: never 5xx', async (_, target, method) => {
    expect(await ask(target, method)).not.toMatch(/^HTTP\/1.1 5/)
  })

  test('a whole address is refused where the adapter is told of it', async () => {
    expect(await ask('http://evil.test/x')).toMatch(name === 'Hono' ? /^HTTP\/1.1 400 / : /^HTTP\/1.1 200 /)
  })
})
