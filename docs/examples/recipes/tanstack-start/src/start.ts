import { createCsrfMiddleware, createMiddleware, createStart } from '@tanstack/react-start'
import { getRequestIP } from '@tanstack/react-start/server'
import { handleRequest, type RequestAuth } from 'latchkey'
import { auth, type User } from './auth.ts'

interface Context {
  auth: RequestAuth<User>
  outcome: { failed: boolean }
}

const login = createMiddleware().server<Context>(({ request, next }) => {
  const outcome = { failed: false }
  const respond = async (current: RequestAuth<User>) =>
    (await next({ context: { auth: current, outcome } })).response
  // Start answers 200 for a server function that throws.
  const isFailed = ({ status }: Response) => status >= 500 || outcome.failed
  return handleRequest(auth, request, respond, { address: getRequestIP(), isFailed })
})

const failure = createMiddleware({ type: 'function' })
  .middleware([login])
  .server(async ({ next, context: { outcome } }) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof Error) outcome.failed = true
      throw error
    }
  })

/** Start's own check, which a `start.ts` switches off: it guards server functions that are asked by GET as well. */
const sameOrigin = createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === 'serverFn' })

export const startInstance = createStart(() => ({
  requestMiddleware: [sameOrigin, login],
  functionMiddleware: [failure],
}))
