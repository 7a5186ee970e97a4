import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import fc from 'fast-check'
import { createAuth, protectPaths } from 'latchkey'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { plain, SECRET, type TestUser, Users } from '../../app.ts'
import { overHttp2, overSocket } from '../paths/answers.ts'
import { FETCH_APPS } from '../paths/fetch-apps.ts'
import { HTTP2_APPS, NODE_APPS } from '../paths/node-apps.ts'
import { type AnyAuth, HIDDEN, OTHER, RULES, SHOWN } from '../paths/routes.ts'
import { HOSTILE, PUBLIC, target } from '../paths/targets.ts'

// React Router warns of each path that it cannot decode.
beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue())

const authOf = (rules: string): AnyAuth =>
  createAuth<TestUser>({
    secret: SECRET,
    users: new Users().provider,
    passwords: plain,
    protect: protectPaths(RULES[rules]?.rules),
  })

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

type Ask = (target: string) => Promise<string>

/** Servers that stand until the tests of one app are over. */
function served(start: () => Promise<{ ask: Ask; close: () => void }>): Ask {
  let started: ReturnType<typeof start> | undefined
  afterAll(async () => (await started)?.close())
  return async (asked) => {
    started ??= start()
    return (await started).ask(asked)
  }
}

const http1 = (make: () => RequestListener | Promise<RequestListener>): Ask =>
  served(async () => {
    const server = createServer(await make())
    const port = await listen(server)
    return { ask: (asked) => overSocket(port, asked), close: () => server.close() }
  })

const http2 = (make: () => RequestListener | Promise<RequestListener>): Ask =>
  served(async () => {
    const server = createHttp2Server((await make()) as never)
    const client = overHttp2(await listen(server))
    const close = (): void => {
      client.close()
      server.close()
    }
    return { ask: client.ask, close }
  })

const APPS: readonly (readonly [name: string, askOf: (auth: AnyAuth) => Ask])[] = [
  ...Object.entries(NODE_APPS).map(
    ([name, make]) => [name, (auth: AnyAuth) => http1(() => make(auth))] as const,
  ),
  ...Object.entries(HTTP2_APPS).map(
    ([name, make]) => [`${name}, HTTP/2`, (auth: AnyAuth) => http2(() => make(auth))] as const,
  ),
  ...Object.entries(FETCH_APPS).map(
    ([name, make]) => [name, (auth: AnyAuth) => http1(() => make(auth))] as const,
  ),
]

const said = (answer: string): readonly string[] =>
  [SHOWN, HIDDEN, OTHER].filter((word) => answer.includes(word))

describe.each(Object.keys(RULES))('rules: %s', (rules) => {
  const { mayBeSaid = [] } = RULES[rules] ?? {}
  const neverSaid = (answer: string): readonly string[] =>
    said(answer).filter((word) => !mayBeSaid.includes(word))

  describe.each(APPS)('%s', (_, askOf) => {
    const ask = askOf(authOf(rules))

    test('no target that we know reaches a protected handler, or is answered 500', async () => {
      const reached: string[] = []
      for (const asked of HOSTILE) {
        const answer = await ask(asked)
        if (neverSaid(answer).length > 0 || /^HTTP\/1.1 5/.test(answer)) reached.push(`${asked} ${answer}`)
      }
      expect(reached).toEqual([])
    })

    test('nor does any other', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(target, { minLength: 1, maxLength: 20 }), async (targets) => {
          const answers = await Promise.all(targets.map(ask))
          for (const answer of answers) expect(neverSaid(answer)).toEqual([])
        }),
        { numRuns: 30 },
      )
    })

    test('and the public ones are found', async () => {
      for (const asked of PUBLIC) expect(said(await ask(asked)).length).toBe(1)
    })
  })
})
