import { argon2id } from 'latchkey/password'
import { argon2Derive } from '../../../src/password/argon2id.ts'
import { fixedSalt } from '../fixed-salt.ts'
import { serve } from './serve.ts'

/** What is used of Bun here. */
declare const Bun: {
  serve(options: {
    port: number
    hostname: string
    idleTimeout: number
    development: boolean
    fetch(request: Request, server: BunServer): Promise<Response>
    error(error: unknown): Response
  }): unknown
}

interface BunServer {
  requestIP(request: Request): { readonly address: string } | null
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
    fetch: (request, bun) => server(request, bun.requestIP(request)?.address),
    error: () => new Response('internal error', { status: 500 }),
  })
})
