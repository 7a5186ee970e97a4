import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { deniedResponse } from 'latchkey/adapter'
import { type AuthVariables, latchkey } from 'latchkey/hono'
import { referenceApp } from '../app.ts'
import type { User } from '../users.ts'
import type { Devices, Mount } from './mount.ts'

export const mount: Mount = (world, authOf) => {
  const app = new Hono<{
    Variables: AuthVariables<User, Devices>
    Bindings: { address: string | undefined }
  }>()
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : deniedResponse(c.req.raw, 500, codeOf(error)),
  )
  app.use(latchkey(authOf, { address: (c) => c.env.address, onError: () => undefined }))
  app.all('*', (c) => referenceApp({ world, request: c.req.raw, url: new URL(c.req.url), auth: c.var.auth }))
  return (request, address) => app.fetch(request, { address })
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
}
