import { argon2id } from 'latchkey/password'
import { argon2Derive } from '../../../src/password/argon2id.ts'
import { fixedSalt } from '../fixed-salt.ts'
import type { Opened, Socket } from '../socket-route.ts'
import { serve } from './serve.ts'

/** What is used of Bun here. */
declare const Bun: {
  serve(options: {
    port: number
    hostname: string
    idleTimeout: number
    development: boolean
    fetch(request: Request, server: BunServer): Promise<Response>
    websocket: { [event in 'open' | 'message' | 'close']: (socket: BunSocket) => void }
    error(error: unknown): Response
  }): unknown
}

interface BunServer {
  requestIP(request: Request): { readonly address: string } | null
  upgrade(request: Request, options: { data: Listeners & { opened: Opened } }): boolean
}

type Listeners = { message?: () => void; close?: () => void }

interface BunSocket extends Pick<Socket, 'send' | 'close'> {
  readonly data: Listeners & { opened: Opened }
}

// Bun has the argon2 of Node 24.
const verifiers = (derive: ReturnType<typeof argon2Derive>) => ({
  passwords: argon2id({ derive }),
  cheap: argon2id({ memoryKiB: 7168, passes: 5, derive }),
})
const passwords = { ...verifiers(argon2Derive()), seeding: verifiers(fixedSalt(argon2Derive())) }

await serve(passwords, (port, server) => {
  Bun.serve({
    port,
    hostname: '127.0.0.1',
    // Longer than the slowest route.
    idleTimeout: 30,
    development: false,
    fetch: (request, bun) =>
      server(request, bun.requestIP(request)?.address, (opened) => {
        bun.upgrade(request, { data: { opened } })
        return new Response()
      }),
    websocket: {
      open: (socket) =>
        socket.data.opened({
          send: (data) => socket.send(data),
          close: (code) => socket.close(code),
          addEventListener: (type, listener) => {
            socket.data[type] = listener
          },
        }),
      message: ({ data }) => data.message?.(),
      close: ({ data }) => data.close?.(),
    },
    error: () => new Response('internal error', { status: 500 }),
  })
})
