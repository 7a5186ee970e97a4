import { once } from 'node:events'
import { TestBrowser } from 'latchkey/testing'
import { WebSocket } from 'ws'
import { type ContractCase, same } from '../../adapters/testing/contract.ts'
import { sendTo } from './cell.ts'

const JSON_ONLY = { accept: 'application/json' }
const ALICE = { username: 'alice', password: 'correct horse battery staple' }

/** `/ws` of a reference app that listens on a port of this machine. */
export function socketContract(
  make: () => { readonly port: number; readonly origin: string },
): ContractCase[] {
  const browserOf = ({ port, origin }: ReturnType<typeof make>): TestBrowser =>
    new TestBrowser(sendTo(port), origin)
  const open = (headers: Record<string, string>): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${make().port}/ws`, { headers })
  const loggedIn = async (): Promise<TestBrowser> => {
    const browser = browserOf(make())
    same((await browser.post('/login', ALICE, JSON_ONLY)).status, 200, 'login')
    return browser
  }
  return [
    {
      name: 'a user’s socket says who he is, until he logs out',
      async run() {
        const browser = await loggedIn()
        const socket = open({ cookie: browser.cookieHeader, origin: make().origin })
        await once(socket, 'open')
        for (const word of ['hello', 'again']) {
          socket.send(word)
          same(String((await once(socket, 'message'))[0]), '{"user":"alice"}', word)
        }
        const closed = once(socket, 'close')
        await browser.post('/logout', {}, JSON_ONLY)
        same((await closed)[0], 4401, 'code')
      },
    },
    {
      name: 'a visitor gets 401 in place of a socket',
      run: async () => same(await statusOf(open({ origin: make().origin })), 401, 'status'),
    },
    {
      name: 'and another site’s page 403',
      async run() {
        const { cookieHeader } = await loggedIn()
        same(await statusOf(open({ cookie: cookieHeader, origin: 'https://evil.test' })), 403, 'status')
      },
    },
  ]
}

async function statusOf(socket: WebSocket): Promise<unknown> {
  socket.on('error', () => undefined)
  const refused = once(socket, 'unexpected-response')
  const opened = once(socket, 'open').then(() => {
    socket.terminate()
    return [undefined, { statusCode: 101 }]
  })
  const [request, { statusCode }] = await Promise.race([refused, opened])
  request?.destroy()
  return statusCode
}
