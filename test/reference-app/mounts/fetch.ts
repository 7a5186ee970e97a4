import { withAuth } from 'latchkey/fetch'
import { type Nest, referenceApp } from '../app.ts'
import type { User } from '../users.ts'
import type { Devices, Mount } from './mount.ts'

export const mount: Mount = (world, authOf) => {
  const options = { address: (_: Request, address: string | undefined) => address, onError: () => undefined }
  return withAuth<User, string | undefined, Devices>(
    authOf,
    (request, { auth, env }) => {
      const nest: Nest = (handle) =>
        withAuth<User, string | undefined, Devices>(
          authOf,
          (_, inner) => handle(inner.auth),
          options,
        )(request, env)
      return referenceApp({ world, request, url: new URL(request.url), auth, nest })
    },
    options,
  )
}
