import { handle } from './environments.ts'

type Handle = (request: Request, env: unknown) => Response | Promise<Response>

/** What is used of the two runtimes here. */
declare const Deno: { serve(options: object, handle: Handle): { addr: { port: number } } }
declare const Bun: { serve(options: object): { port: number } }

const options = { port: 0, hostname: '127.0.0.1', onListen: () => undefined }
const ready = (port: number): void => console.log(`ready ${port}`)

if ('Deno' in globalThis) ready(Deno.serve(options, handle).addr.port)
else if ('Bun' in globalThis) ready(Bun.serve({ ...options, fetch: handle, development: false }).port)
else {
  const { serve } = await import('@hono/node-server')
  serve({ ...options, fetch: handle as never }, ({ port }) => ready(port))
}
