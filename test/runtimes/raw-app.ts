import { Hono } from 'hono'
import { createAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { latchkey } from 'latchkey/hono'
import { plain, SECRET, Users } from '../app.ts'

type Handle = (request: Request) => Response | Promise<Response>

/** What is used of the two runtimes here. */
declare const Deno: { serve(options: object, handle: Handle): { addr: { port: number } } }
declare const Bun: { serve(options: object): { port: number } }

/** A handler behind each adapter that takes what the runtime's own server makes of a request. */
const auth = createAuth({ secret: SECRET, users: new Users().provider, passwords: plain })
const app = new Hono().use(latchkey(auth)).all('*', async (c) => c.text(`reached ${c.req.url}`))
const handles: Handle[] = [
  withAuth(auth, (request) => new Response(`reached ${request.url}`)),
  (request) => app.fetch(request),
]

const ports = handles.map((handle) => {
  const options = { port: 0, hostname: '127.0.0.1', onListen: () => undefined }
  return 'Deno' in globalThis
    ? Deno.serve(options, handle).addr.port
    : Bun.serve({ ...options, fetch: handle, development: false }).port
})
console.log(`ready ${ports.join(' ')}`)
