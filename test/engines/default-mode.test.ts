import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/*
 * The mode that is the default, in two processes that share nothing but the secret: one browser, whose jar both of them
 * write to. Races of every order are in `test/attacks/late-responses.test.ts`; here the processes and sockets are real.
 */

const ORIGIN = 'https://app.test'
const MAIN = path.join(import.meta.dirname, '../reference-app/main.ts')
const ROUNDS = 300

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts the reference app; resolves to its address. */
async function start(children: ChildProcess[]): Promise<string> {
  const port = await freePort()
  const args = ['--adapter', 'hono', '--sessions', 'sealed', '--port', String(port), '--origin', ORIGIN]
  const options = ['--options', JSON.stringify({ touchSeconds: 0 })]
  const child = fork(MAIN, [...args, ...options], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => {
      const [, address] = /^ready (\S+)/m.exec(String(text)) ?? []
      if (address) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`the reference app ended with ${code}`)))
  })
}

describe('one browser before two processes, with sealed sessions', () => {
  const children: ChildProcess[] = []
  let places: string[] = []
  beforeAll(async () => {
    places = await Promise.all([start(children), start(children)])
  })
  afterAll(() => {
    for (const child of children) child.kill()
  })

  /** A tab, whose requests go to one of the processes. */
  const tab = (process: number, cookies = new Map<string, string>()): TestBrowser => {
    const send = (request: Request): Promise<Response> => {
      const { pathname, search } = new URL(request.url)
      return fetch(places[process] + pathname + search, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        redirect: 'manual',
        duplex: 'half',
      } as RequestInit)
    }
    return Object.assign(new TestBrowser(send, ORIGIN), { cookies })
  }
  const JSON_ONLY = { accept: 'application/json' }
  const who = async (browser: TestBrowser): Promise<unknown> =>
    ((await (await browser.get('/', JSON_ONLY)).json()) as { user: unknown }).user
  // Without a password, so that both processes have the same row.
  const logIn = (browser: TestBrowser, username: string) =>
    browser.post('/login/sso', { username }, JSON_ONLY)

  test.each([
    ['writes', '&write=late'],
    ['only reads, and renews', ''],
  ])(
    `a logout against a request that %s, ${ROUNDS} rounds: nobody comes back`,
    async (_, write) => {
      let back = 0
      let late = 0
      for (let round = 0; round < ROUNDS; round++) {
        const here = tab(0)
        const there = tab(1, here.cookies)
        await logIn(here, 'dave')
        const before = here.cookieHeader
        const slow = there.get(`/slow?ms=${round % 4}${write}`)
        await here.post('/logout')
        await slow
        if (here.cookieHeader.includes('session=')) late++
        expect(here.cookieHeader).not.toBe(before)
        if ((await who(here)) !== null || (await who(there)) !== null) back++
      }
      expect(back).toBe(0)
      // Or the responses never came late, and this has proven nothing.
      expect(late).toBeGreaterThan(0)
    },
    120_000,
  )

  test('nor does a login come back that another user’s has replaced', async () => {
    for (let round = 0; round < ROUNDS / 3; round++) {
      const here = tab(0)
      const there = tab(1, here.cookies)
      await logIn(here, 'dave')
      const slow = there.get(`/slow?ms=${round % 4}&write=late`)
      await logIn(here, 'alice')
      await slow
      expect(await who(here)).not.toBe('dave')
      expect(await who(there)).not.toBe('dave')
    }
  })
})
