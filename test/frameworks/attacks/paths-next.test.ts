import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { createAuth, protectPaths } from 'latchkey'
import { latchkey } from 'latchkey/next'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plain, SECRET, type TestUser, Users } from '../../app.ts'
import { serveApp } from '../next/serve.ts'
import { overSocket } from '../paths/answers.ts'
import { HIDDEN, OTHER, RULES, SHOWN } from '../paths/routes.ts'
import { HOSTILE, PUBLIC, target } from '../paths/targets.ts'

/** Next's own server, with one route handler for each path of the rules, in an app that rewrites `/de/…` and `/fr/…`. */
const server = createServer()
let port = 0
let handlerThat: (says: string) => unknown

beforeAll(async () => {
  Object.assign(globalThis, { latchkeyPaths: (says: string) => handlerThat(says) })
  server.on('request', await serveApp('paths'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

const said = (answer: string): readonly string[] =>
  [SHOWN, HIDDEN, OTHER].filter((word) => answer.includes(word))

/** Next tells a handler the address that was asked for, and never the one that it was rewritten to: docs/next.md. */
const isRewritten = (asked: string): boolean => /(^|\/)(de|fr)(?=[/.?;]|$)/i.test(asked)

describe.each(Object.entries(RULES))('Next, rules: %s', (name, { rules, mayBeSaid }) => {
  beforeAll(() => {
    const auth = latchkey(
      createAuth<TestUser>({
        secret: SECRET,
        users: new Users().provider,
        passwords: plain,
        protect: protectPaths(rules),
      }),
    )
    handlerThat = (says) => auth.route(() => new Response(says))
  })
  const isJudged = (asked: string): boolean => name !== 'include' || !isRewritten(asked)
  const neverSaid = async (asked: string): Promise<readonly string[]> =>
    said(await overSocket(port, asked)).filter((word) => !mayBeSaid.includes(word))

  test.each(HOSTILE.filter(isJudged))('%j does not reach a protected handler', async (asked) => {
    expect(await neverSaid(asked)).toEqual([])
  })

  test('nor does any other target', async () => {
    const targets = fc.array(target.filter(isJudged), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(targets, async (all) => {
        for (const words of await Promise.all(all.map(neverSaid))) expect(words).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  test.each(PUBLIC)('%j is public', async (asked) => {
    expect(said(await overSocket(port, asked))).toEqual([SHOWN])
  })
})
