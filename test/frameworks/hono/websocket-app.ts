import { Hono, type MiddlewareHandler } from 'hono'
import type { WSContext, WSEvents } from 'hono/ws'
import { createAuth, memoryRecords, storedSessions } from 'latchkey'
import { type AuthVariables, latchkey, requireUser } from 'latchkey/hono'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../../app.ts'

/** `upgradeWebSocket` of a runtime, as far as it is used here. */
type Upgrade = (events: (c: { get(key: 'auth'): unknown }) => WSEvents) => MiddlewareHandler

/** An app with a socket for users, whatever runtime upgrades it. */
export function websocketApp(
  upgradeWebSocket: Upgrade,
  origin: string | undefined = ORIGIN,
): Hono<{ Variables: AuthVariables<TestUser> }> {
  const auth = createAuth({
    secret: SECRET,
    ...(origin ? { origin } : {}),
    trustedOrigins: ['https://partner.test'],
    users: new Users().provider,
    passwords: plain,
    sessions: storedSessions(memoryRecords()),
  })
  const app = new Hono<{ Variables: AuthVariables<TestUser> }>()
  /** How often a socket was asked for in earnest. */
  let upgrades = 0
  app.use(latchkey(auth))
  app.post('/login', async (c) => c.json(await c.var.auth.login('alice', 'wonderland')))
  app.post('/logout', async (c) => {
    await c.var.auth.logout()
    return c.body(null, 204)
  })
  app.get('/upgrades', (c) => c.json(upgrades))
  app.get(
    '/socket',
    requireUser(),
    upgradeWebSocket((c) => {
      upgrades++
      const { id } = (c.get('auth') as { user: TestUser }).user
      return {
        onMessage(event: { data: unknown }, socket: WSContext) {
          socket.send(`${id}: ${event.data}`)
        },
      }
    }),
  )
  return app
}
