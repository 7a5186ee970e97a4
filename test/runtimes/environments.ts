import { Hono } from 'hono'
import { createAuth, memoryRecords, storedSessions } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { type AuthVariables, latchkey } from 'latchkey/hono'
import { plain, SECRET, type TestUser, Users } from '../app.ts'

/** What the runtime hands over: in Workers with the secret. */
interface Env {
  readonly SECRET?: string
}

/** A function in place of an auth that counts how often it is called, and whose sessions live in the auth. */
function counted() {
  let made = 0
  const source = (env: unknown) => {
    made++
    const secret = (env as Env | undefined)?.SECRET ?? SECRET
    const sessions = storedSessions(memoryRecords())
    return createAuth({ secret, users: new Users().provider, passwords: plain, sessions })
  }
  return { source, made: () => made }
}

const ofFetch = counted()
const ofHono = counted()
const viaFetch = withAuth(ofFetch.source, async (request, { auth }) => {
  if (request.method === 'POST') await auth.login('alice', 'wonderland')
  return Response.json([(await auth.authenticate()).userId, ofFetch.made()])
})
const app = new Hono<{ Variables: AuthVariables<TestUser> }>()
  .use(latchkey(ofHono.source))
  .all('*', async (c) => {
    const { auth } = c.var
    if (c.req.method === 'POST') await auth.login('alice', 'wonderland')
    return c.json([(await auth.authenticate()).userId, ofHono.made()])
  })

/** A handler by each adapter, as a runtime calls it: the second argument is whatever it hands over. */
export function handle(request: Request, env?: unknown, execution?: unknown): Response | Promise<Response> {
  return request.url.endsWith('/hono')
    ? app.fetch(request, env as never, execution as never)
    : viaFetch(request, env as never, execution)
}
