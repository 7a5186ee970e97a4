import { LatchkeyError } from 'latchkey'
import { deniedResponse } from 'latchkey/adapter'
import { latchkey } from 'latchkey/react-router'
import { builtApp } from '../../frameworks/react-router/server.ts'
import { type Nest, referenceApp } from '../app.ts'
import type { Mount } from './mount.ts'

/** A resource route for every path, in an app that `react-router build` has built. */
export const mount: Mount = async (world, authOf) => {
  const app = await builtApp()
  const options = {
    address: ({ context }: Parameters<ReturnType<typeof latchkey>>[0]) => context.get(app.mounted).address,
    onError: () => undefined,
  }
  const auth = latchkey(authOf, options)
  const second = latchkey(authOf, options)
  return (request, address) =>
    app.handle(request, {
      middleware: auth,
      address,
      async resource({ request, url, context }) {
        const nest: Nest = (handle) => second({ request, url, context }, () => handle(second.of(context)))
        try {
          return await referenceApp({ world, request, url, auth: auth.of(context), nest })
        } catch (error) {
          // What a loader throws, React Router answers 500.
          if (error instanceof LatchkeyError) return deniedResponse(request, error.status, error.code)
          throw error
        }
      },
    })
}
