import * as nodeRs from '@node-rs/argon2'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import { fixedSalt } from '../fixed-salt.ts'
import type { Socket } from '../socket-route.ts'
import { serve } from './serve.ts'

/** What is used of Deno here. */
declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen(): void; onError(error: unknown): Response },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response>,
  ): unknown
  upgradeWebSocket(request: Request): { socket: Socket; response: Response }
}

// Deno has no argon2 of its own, and takes Node's add-ons.
const derive = nodeRsArgon2(nodeRs)
const verifiers = (by: typeof derive) => ({
  passwords: argon2id({ derive: by }),
  cheap: argon2id({ memoryKiB: 7168, passes: 5, derive: by }),
})
const passwords = { ...verifiers(derive), seeding: verifiers(fixedSalt(derive)) }

await serve(
  passwords,
  (port, server) =>
    new Promise((resolve) => {
      Deno.serve(
        {
          port,
          hostname: '127.0.0.1',
          onListen: resolve,
          onError: () => new Response('internal error', { status: 500 }),
        },
        (request, { remoteAddr }) =>
          server(request, remoteAddr.hostname, (opened) => {
            const { socket, response } = Deno.upgradeWebSocket(request)
            opened(socket)
            return response
          }),
      )
    }),
)
