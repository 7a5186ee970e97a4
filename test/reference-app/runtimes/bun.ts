import { argon2id } from 'latchkey/password'
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
const passwords = { passwords: argon2id(), cheap: argon2id({ memoryKiB: 7168, passes: 5 }) }

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
