import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type Auth, type DeviceList, refusal } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { type AuthVariables, latchkey } from 'latchkey/hono'
import { referenceApp } from './app.ts'
import type { User } from './users.ts'
import type { World } from './world.ts'

/** The app behind one adapter, for one auth. */
export type Mounted = (request: Request, address: string | undefined) => Response | Promise<Response>
type Devices = DeviceList | undefined
type Mount = (world: World, authOf: () => Auth<User, Devices>) => Mounted

/** The same app through each adapter, mounted as its users would. */
export const MOUNTS: Record<string, Mount> = {
  fetch: (world, authOf) => {
    const handler = withAuth<User, string | undefined, Devices>(
      authOf,
      (request, { auth }) => referenceApp({ world, request, url: new URL(request.url), auth }),
      { address: (_, address) => address, onError: () => undefined },
    )
    return handler
  },

  hono: (world, authOf) => {
    const app = new Hono<{
      Variables: AuthVariables<User, Devices>
      Bindings: { address: string | undefined }
    }>()
    app.onError((error, c) =>
      error instanceof HTTPException ? error.getResponse() : refusal(c.req.raw, 500, codeOf(error)),
    )
    app.use(latchkey(authOf, { address: (c) => c.env.address, onError: () => undefined }))
    app.all('*', (c) =>
      referenceApp({ world, request: c.req.raw, url: new URL(c.req.url), auth: c.var.auth }),
    )
    return (request, address) => app.fetch(request, { address })
  },
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
}
