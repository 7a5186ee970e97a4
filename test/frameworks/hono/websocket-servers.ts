import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { serve, upgradeWebSocket } from '@hono/node-server'
import { WebSocketServer } from 'ws'
import { bundled } from '../../bundle.ts'
import { QUIET, RUNTIMES } from '../../runtimes/binaries.ts'
import { startWorker } from '../../runtimes/workerd.ts'
import { websocketApp } from './websocket-app.ts'

export interface RunningServer {
  /** Where it listens; what it believes its origin to be is `ORIGIN`. */
  readonly url: string
  stop(): Promise<void>
}

/** The same app, in each runtime that Hono upgrades in. */
export const SERVERS: Record<string, () => Promise<RunningServer>> = {
  node: () => startNode(),
  bun: () => startProcess('bun'),
  deno: () => startProcess('deno'),
  workerd: startWorkerd,
}

/** @param origin What the app believes its origin to be; empty: what the request says. */
export async function startNode(origin?: string): Promise<RunningServer> {
  const { fetch } = websocketApp(upgradeWebSocket, origin)
  const sockets = new WebSocketServer({ noServer: true })
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1', websocket: { server: sockets } })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

async function startProcess(runtime: 'bun' | 'deno'): Promise<RunningServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'latchkey-websocket-'))
  const file = path.join(folder, 'main.mjs')
  writeFileSync(file, await bundled(`frameworks/hono/websocket-${runtime}.ts`))
  const [command, ...args] = RUNTIMES[runtime]
  const child = spawn(command, [...args, file], { env: QUIET, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (.+)$/.exec(line)?.[1]
    if (!url) continue
    return {
      url,
      async stop() {
        const ended = once(child, 'exit')
        child.kill()
        await ended
        rmSync(folder, { recursive: true })
      },
    }
  }
  throw new Error(`${runtime} ended at once`)
}

async function startWorkerd(): Promise<RunningServer> {
  const worker = await startWorker({
    script: await bundled('frameworks/hono/websocket-worker.ts'),
    flags: [],
  })
  const { origin } = await worker.ready
  return { url: origin, stop: () => worker.dispose() }
}
