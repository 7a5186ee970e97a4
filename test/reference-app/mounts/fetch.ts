import { withAuth } from 'latchkey/fetch'
import { type Nest, referenceApp } from '../app.ts'
import type { Upgrade } from '../socket-route.ts'
import type { User } from '../users.ts'
import type { Devices, Mount } from './mount.ts'

interface Env {
  readonly address: string | undefined
  readonly upgrade: Upgrade | undefined
}

export const mount: Mount = (world, authOf) => {
  const options = { address: (_: Request, { address }: Env) => address, onError: () => undefined }
  const handle = withAuth<User, Env, Devices>(
    authOf,
    (request, { auth, env }) => {
      const nest: Nest = (handle) =>
        withAuth<User, Env, Devices>(authOf, (_, inner) => handle(inner.auth), options)(request, env)
      const { upgrade } = env
      return referenceApp({ world, request, url: new URL(request.url), auth, nest, upgrade })
    },
    options,
  )
  return (request, address, upgrade) => handle(request, { address, upgrade })
}
