import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { type Send, TestBrowser } from 'latchkey/testing'
import { serve } from 'srvx'
import { describe, expect, test } from 'vitest'
import { sessionCookies } from '../../app.ts'
import { bundled } from '../../bundle.ts'
import { QUIET, RUNTIMES } from '../../runtimes/binaries.ts'
import { handler as elysia } from './elysia.ts'
import { handler as h3 } from './h3.ts'

const HANDLERS: Record<string, Send> = { elysia: (request) => elysia(request), h3: (request) => h3(request) }

const ORIGIN = 'http://localhost:3000'
const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' }

/** The login story, by a handful of requests. */
async function story(send: Send): Promise<void> {
  const browser = new TestBrowser(send, ORIGIN)
  expect((await browser.get('/app')).headers.get('location')).toBe('/login?next=/app')
  expect((await browser.get('/me')).status).toBe(401)
  const wrong = await browser.post('/login', { ...ADA, password: 'wrong' })
  expect([wrong.status, wrong.headers.get('location')]).toEqual([303, '/login?error=invalid_credentials'])
  expect(sessionCookies(browser)).toEqual([])

  const login = await browser.post('/login', { ...ADA, next: '/app?tab=2' })
  expect([login.status, login.headers.get('location')]).toEqual([303, '/app?tab=2'])
  expect(login.headers.get('cache-control')).toMatch(/private/)
  expect(await (await browser.get('/app')).text()).toBe('Hello Ada')
  const me = await browser.get('/me')
  expect([await me.text(), me.headers.get('vary')]).toEqual(['Ada', 'Cookie'])
  expect((await browser.get('/nowhere')).status).toBe(404)

  const away = await new TestBrowser(send, ORIGIN).post('/login', { ...ADA, next: '//evil.example' })
  expect(away.headers.get('location')).toBe('/app')
  const forged = await browser.post('/logout', {}, { 'sec-fetch-site': 'cross-site' })
  expect(forged.status).toBe(403)
  expect(await (await browser.get('/app')).text()).toBe('Hello Ada')

  expect((await browser.post('/logout')).headers.get('location')).toBe('/login')
  expect(sessionCookies(browser)).toEqual([])
  expect((await browser.get('/me')).status).toBe(401)
}

/** Sends what is meant for the origin to a port of this machine. */
function sendTo(port: number | string): Send {
  return ({ url, method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const init = { method, headers, body, redirect: 'manual', duplex: 'half' }
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, init as RequestInit)
  }
}

const root = path.resolve(import.meta.dirname, '../../..')

describe.each(Object.entries(HANDLERS))('the recipe for %s', (name, send) => {
  test('logs in and out', () => story(send))

  test('logs in and out on Node, over HTTP', async () => {
    const server = serve({ fetch: send, port: 0, hostname: '127.0.0.1', silent: true })
    await server.ready()
    try {
      await story(sendTo(new URL(server.url ?? '').port))
    } finally {
      await server.close(true)
    }
  })

  test('is what the documentation says', () => {
    const code = readFileSync(path.join(import.meta.dirname, `${name}.ts`), 'utf8')
    expect(readFileSync(path.join(root, 'docs/recipes.md'), 'utf8')).toContain(code)
  })
})

test('both log in and out on Bun, over HTTP', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'latchkey-recipes-'))
  const file = path.join(folder, 'main.mjs')
  writeFileSync(file, await bundled('frameworks/recipes-light/bun.ts', { external: ['os', 'tty', 'util'] }))
  const [command, ...args] = RUNTIMES.bun
  const child = spawn(command, [...args, file], { env: QUIET, stdio: ['ignore', 'pipe', 'inherit'] })
  const names: string[] = []
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [name = '', port] = line.split(' ')
      await story(sendTo(port ?? ''))
      names.push(name)
      if (names.length === 2) break
    }
  } finally {
    const ended = once(child, 'exit')
    child.kill()
    await ended
    rmSync(folder, { recursive: true })
  }
  expect(names).toEqual(['elysia', 'h3'])
})
