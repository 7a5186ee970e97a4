import { createCsrfMiddleware, createMiddleware, createStart } from '@tanstack/react-start'
import { getRequestIP } from '@tanstack/react-start/server'
import { handleRequest } from 'latchkey'
import { auth } from './auth.ts'

const login = createMiddleware().server<{ auth: ReturnType<typeof auth.begin> }>(({ request, next }) =>
  handleRequest(auth, request, async (current) => (await next({ context: { auth: current } })).response, {
    address: getRequestIP(),
  }),
)

/** Start answers 200 for a server function that throws: nothing but a logout may be kept all the same. */
const failure = createMiddleware({ type: 'function' })
  .middleware([login])
  .server(async ({ next, context }) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof Error) await context.auth.commit({ failed: true })
      throw error
    }
  })

/** Start's own check, which a `start.ts` switches off: it guards server functions that are asked by GET as well. */
const sameOrigin = createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === 'serverFn' })

export const startInstance = createStart(() => ({
  requestMiddleware: [sameOrigin, login],
  functionMiddleware: [failure],
}))
