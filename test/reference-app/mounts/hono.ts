import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { deniedResponse } from 'latchkey/adapter'
import { type AuthVariables, latchkey } from 'latchkey/hono'
import { type Nest, referenceApp } from '../app.ts'
import type { Upgrade } from '../socket-route.ts'
import type { User } from '../users.ts'
import type { Devices, Mount } from './mount.ts'

interface Env {
  Variables: AuthVariables<User, Devices>
  Bindings: { address: string | undefined; upgrade: Upgrade | undefined }
}

export const mount: Mount = (world, authOf) => {
  const app = new Hono<Env>()
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : deniedResponse(c.req.raw, 500, codeOf(error)),
  )
  const options = { address: (c: Context<Env>) => c.env.address, onError: () => undefined }
  app.use(latchkey(authOf, options))
  // Mounted twice, as on an app and again on a router of it.
  app.use('/session', latchkey(authOf, options))
  app.all('*', (c) => {
    const nest: Nest = async (handle) => {
      const inner = new Hono<Env>()
      inner.use(latchkey(authOf, options))
      inner.all('*', (own) => handle(own.var.auth))
      return inner.fetch(c.req.raw, c.env)
    }
    const { upgrade } = c.env
    return referenceApp({
      world,
      request: c.req.raw,
      url: new URL(c.req.url),
      auth: c.var.auth,
      nest,
      upgrade,
    })
  })
  return (request, address, upgrade) => app.fetch(request, { address, upgrade })
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
}
