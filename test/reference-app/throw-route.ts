import { LatchkeyError } from 'latchkey'
import type { Visit } from './app.ts'
import { json, seeOther } from './http.ts'

/** Does something to the session, writes, and then leaves in an unusual way. */
export async function throwRoute({ world, url, auth }: Visit): Promise<Response> {
  const key = url.searchParams.get('key')
  const write = (): void => {
    if (key) auth.session.set(key, 1)
  }
  switch (url.searchParams.get('do')) {
    case 'logout':
      await auth.logout()
      break
    case 'clear':
      await auth.session.clear()
      break
    case 'login': {
      const bob = world.users.byUsername('bob')
      if (bob) await auth.loginUser(structuredClone(bob))
    }
  }
  const as = url.searchParams.get('as')
  if (as === 'late') return streamed(async () => write())
  write()
  if (as === 'error') throw new Error('the handler broke')
  if (as === 'redirect') throw seeOther('/login')
  if (as === 'stream') return streamed(async () => {})
  if (as === 'immutable') return Response.redirect(new URL('/login', url), 303)
  return json({ ok: false, code: 'bad_request' }, 400)
}

/** A stream whose first bytes leave before `late` runs; the last line is the code of what it threw, or `ok`. */
function streamed(late: () => Promise<void>): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(encoder.encode('first\n'))
      await new Promise((resolve) => setTimeout(resolve, 50))
      const complaint = await late().then(
        () => 'ok',
        (error: unknown) => (error instanceof LatchkeyError ? error.code : 'unknown'),
      )
      controller.enqueue(encoder.encode(`${complaint}\n`))
      controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/plain' } })
}
