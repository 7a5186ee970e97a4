import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SECRET } from '../app.ts'
import { bundled } from '../bundle.ts'
import { QUIET, RUNTIMES, type RuntimeName } from './binaries.ts'
import { startWorker } from './workerd.ts'

async function serverOf(runtime: RuntimeName): Promise<URL> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-env-'))
  const program = path.join(scratch, 'server.mjs')
  writeFileSync(program, await bundled('runtimes/environments-server.ts'))
  const [command, ...args] = RUNTIMES[runtime]
  const child: ChildProcess = spawn(command, [...args, program], {
    env: QUIET,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill()
    rmSync(scratch, { recursive: true, force: true })
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    return new URL(`http://127.0.0.1:${line.split(' ')[1]}/`)
  throw new Error(`${runtime} did not start.`)
}

async function worker(): Promise<URL> {
  const script = await bundled('runtimes/environments-worker.ts')
  const miniflare = await startWorker({ script, bindings: { SECRET } })
  onTestFinished(() => miniflare.dispose())
  return miniflare.ready
}

const SERVERS: readonly (readonly [name: string, start: () => Promise<URL>])[] = [
  ['@hono/node-server', () => serverOf('node 22')],
  ['Deno.serve', () => serverOf('deno')],
  ['Bun.serve', () => serverOf('bun')],
  ['workerd', worker],
]

describe.each(SERVERS)('a function in place of auth, behind %s', (_, start) => {
  test('is called once, so that sessions in memory and counts of failed logins live on', async () => {
    const address = await start()
    for (const adapter of ['fetch', 'hono']) {
      const browser = new TestBrowser((request) => fetch(request), address.origin)
      const answers = [await browser.post(`/${adapter}`), await browser.get(`/${adapter}`)]
      for (let i = 0; i < 3; i++) answers.push(await browser.get(`/${adapter}`))
      const said = await Promise.all(answers.map((answer) => answer.json()))
      expect(said).toEqual(Array(5).fill(['alice', 1]))
    }
  })
})
