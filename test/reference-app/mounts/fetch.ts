import { withAuth } from 'latchkey/fetch'
import { referenceApp } from '../app.ts'
import type { User } from '../users.ts'
import type { Devices, Mount } from './mount.ts'

export const mount: Mount = (world, authOf) =>
  withAuth<User, string | undefined, Devices>(
    authOf,
    (request, { auth }) => referenceApp({ world, request, url: new URL(request.url), auth }),
    { address: (_, address) => address, onError: () => undefined },
  )
