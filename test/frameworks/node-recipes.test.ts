import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createAuth, memoryRecords, storedSessions } from 'latchkey'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { ORIGIN, plain, SECRET, Users } from '../app.ts'
import { overHttp } from '../reference-app/cell.ts'
import { socketClient } from './node/index.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folder = path.join(root, 'test/output/node-recipes')
const given = globalThis as { latchkeyRecipe?: { configured: unknown; server?: Server } }

/** A block of docs/node.md as a module; what it only declares is given to it. */
async function recipe<T>(name: string, configured: unknown, server?: Server): Promise<T> {
  const guide = readFileSync(path.join(root, 'docs/node.md'), 'utf8')
  const code = new RegExp(`\`\`\`ts ${name}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] ?? ''
  const declared = /^declare const (\w+): .*$/gm
  mkdirSync(folder, { recursive: true })
  rmSync(path.join(folder, 'node_modules'), { force: true })
  symlinkSync(path.join(root, 'test/frameworks/node/node_modules'), path.join(folder, 'node_modules'))
  given.latchkeyRecipe = { configured, ...(server ? { server } : {}) }
  const file = path.join(folder, `${name}-${Date.now()}.ts`)
  writeFileSync(file, code.replace(declared, 'const $1 = (globalThis as any).latchkeyRecipe.$1'))
  return import(/* @vite-ignore */ file) as Promise<T>
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configure = () =>
  createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    sessions: storedSessions(memoryRecords()),
  })

test('Koa', async () => {
  const { app } = await recipe<{ app: { callback(): RequestListener } }>('koa', configure())
  const { send, close } = await overHttp(app.callback())
  onTestFinished(close)
  const browser = new TestBrowser(send, ORIGIN)
  const asked = async (answer: Promise<Response>) => {
    const { status, headers } = await answer
    return [status, headers.get('location')]
  }
  const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  expect(await asked(browser.get('/app', page))).toEqual([303, '/login?next=%2Fapp'])
  expect(await asked(browser.post('/login', { email: 'alice', password: 'wrong' }))).toEqual([
    303,
    '/login?error=invalid_credentials',
  ])
  const right = { email: 'alice', password: 'wonderland', next: '/app?tab=2' }
  const headers = { origin: 'https://evil.test' }
  expect((await send(new Request(`${ORIGIN}/login`, { method: 'POST', headers }))).status).toBe(403)
  expect(await asked(browser.post('/login', right))).toEqual([303, '/app?tab=2'])
  expect(await (await browser.get('/app')).text()).toBe('Hello alice')
  expect((await browser.get('/nowhere')).status).toBe(404)
  expect(await asked(browser.post('/logout'))).toEqual([303, '/login'])
  expect(await asked(browser.get('/app', page))).toEqual([303, '/login?next=%2Fapp'])
})

describe('Socket.IO', () => {
  async function start() {
    const configured = configure()
    const handle = async (request: Request): Promise<Response> => {
      const visit = await configured.open(request)
      if (!('auth' in visit)) return visit
      await visit.auth.login('alice', 'wonderland')
      const { cookies } = await visit.close({ failed: false })
      const headers = new Headers()
      for (const { name, value } of cookies) headers.append('set-cookie', `${name}=${value}; Path=/; Secure`)
      return new Response('in', { headers })
    }
    const server = createServer()
    const { io, disconnect } = await recipe<{ io: { close(): Promise<void> }; disconnect(id: string): void }>(
      'socketio',
      configured,
      server,
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    onTestFinished(async () => {
      await io.close()
    })
    const browser = new TestBrowser(handle, ORIGIN)
    await browser.post('/login')
    const open = (transport: string, headers: Record<string, string>) => {
      const socket = socketClient(`http://127.0.0.1:${port}`, {
        transports: [transport],
        extraHeaders: headers,
        reconnection: false,
        forceNew: true,
      })
      onTestFinished(() => void socket.disconnect())
      return socket
    }
    return { open, cookie: browser.cookieHeader, disconnect }
  }

  test.each(['polling', 'websocket'])('a user is known, until he is disconnected: %s', async (transport) => {
    const { open, cookie, disconnect } = await start()
    const socket = open(transport, { cookie, origin: ORIGIN })
    expect(await socket.emitWithAck('who')).toBe('alice')
    const ended = new Promise((resolve) => socket.on('disconnect', resolve))
    disconnect('alice')
    await ended
  })

  test.each([
    ['an anonymous visitor', 'polling', {}],
    ['an anonymous visitor', 'websocket', {}],
    ['another site’s page', 'polling', { origin: 'https://evil.test' }],
    ['another site’s page', 'websocket', { origin: 'https://evil.test' }],
  ] as const)('%s gets no connection: %s', async (who, transport, headers) => {
    const { open, cookie } = await start()
    const socket = open(transport, { ...headers, ...(who === 'an anonymous visitor' ? {} : { cookie }) })
    const outcome = await new Promise((resolve) => {
      socket.on('connect_error', () => resolve('refused'))
      socket.on('connect', () => resolve('connected'))
    })
    expect(outcome).toBe('refused')
  })
})
