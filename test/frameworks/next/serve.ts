import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { buildApp } from './build.ts'

/** What is used of `next(…)`. */
interface NextServer {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

/** A built app behind Next's own server, in this process. */
export async function serveApp(name: string, sources: readonly string[] = []): Promise<RequestListener> {
  const dir = await buildApp(name, sources)
  process.env.NEXT_TELEMETRY_DISABLED = '1'
  const next: (options: { dev: false; dir: string }) => NextServer = createRequire(import.meta.url)('next')
  const server = next({ dev: false, dir })
  const { log } = console
  // Stdout belongs to whoever asked, and Next tells there how long it took.
  console.log = console.error
  try {
    await server.prepare()
  } finally {
    console.log = log
  }
  return server.getRequestHandler()
}
