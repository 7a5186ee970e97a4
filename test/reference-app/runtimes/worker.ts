import { LatchkeyError } from 'latchkey'
import { SessionObject } from 'latchkey/cloudflare'
import { scrypt } from 'latchkey/password'
import { d1 } from 'latchkey/sql'
import type { Arguments } from '../arguments.ts'
import { type KvForTests, openNamespace, openObjects } from '../engines/bindings.ts'
import type { OpenEngine } from '../engines/engine.ts'
import { openMemory } from '../engines/memory.ts'
import { openSql } from '../engines/sql-table.ts'
import { type FetchServer, fetchServer } from '../fetch-server.ts'
import type { Opened, Socket } from '../socket-route.ts'
import { World } from '../world.ts'
import { mountOf } from './mounts.ts'

export { SessionObject }

interface Env {
  readonly ARGUMENTS: Arguments
  readonly DB: Parameters<typeof d1>[0]
  readonly KV: KvForTests
  readonly SESSIONS: Parameters<typeof openObjects>[0]
}

const nothing = async (): Promise<void> => {}

const enginesOf = ({ DB, KV, SESSIONS }: Env): Record<string, OpenEngine> => ({
  memory: async (init) => openMemory(init),
  d1: (init) => openSql(d1(DB), init, nothing),
  kv: async (init) => openNamespace(KV, init, nothing),
  'durable-object': async (init) => openObjects(SESSIONS, init, nothing),
})

// By `nodejs_compat` in native code, and 16 MiB: a Worker has 128 MiB for all requests that it answers at once.
const passwords = { passwords: scrypt({ N: 2 ** 14, p: 5 }), cheap: scrypt({ N: 2 ** 14, p: 4 }) }

let server: FetchServer | undefined

/** At the first request: neither `env` nor randomness is there before. */
async function start(env: Env): Promise<FetchServer> {
  const { adapter } = env.ARGUMENTS
  const world = await World.make(env.ARGUMENTS, { ...passwords, engines: enginesOf(env) })
  return fetchServer(world, mountOf(adapter))
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      server ??= await start(env)
    } catch (error) {
      // For the launcher, whose request is the first.
      const exitCode = error instanceof LatchkeyError ? 3 : 1
      return Response.json({ exitCode, message: (error as Error).message }, { status: 500 })
    }
    // Whoever reaches a socket on 127.0.0.1 is at 127.0.0.1. Only Cloudflare's own proxy makes
    // `cf-connecting-ip` more than a word of the client's.
    return server(request, '127.0.0.1', upgrade)
  },
}

/** What is used of a Worker's sockets here. */
declare const WebSocketPair: new () => [Socket, Socket & { accept(): void }]

function upgrade(opened: Opened): Response {
  const [browsers, ours] = new WebSocketPair()
  ours.accept()
  opened(ours)
  return new Response(null, { status: 101, webSocket: browsers } as ResponseInit)
}
