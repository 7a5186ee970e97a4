import { createCsrfMiddleware, createMiddleware, createStart } from '@tanstack/react-start'
import { getRequestIP } from '@tanstack/react-start/server'
import { type ErrorHandler, handleRequest, type RequestAuth } from 'latchkey'
import { errorResponse } from 'latchkey/adapter'
import { auth, type User } from './auth.ts'

interface Context {
  auth: RequestAuth<User>
  outcome: { failed: boolean }
}

const login = createMiddleware().server<Context>(({ request, next }) => {
  const outcome = { failed: false }
  const respond = async (current: RequestAuth<User>) => {
    const { response } = await next({ context: { auth: current, outcome } })
    if (outcome.failed) throw new Failed(response)
    return response
  }
  return handleRequest(auth, request, respond, { address: getRequestIP(), onError })
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

/** Start answers 200 for a server function that throws. Thrown, so that only a logout is kept. */
class Failed extends Error {
  readonly response: Response
  constructor(response: Response) {
    super()
    this.response = response
  }
}

const onError: ErrorHandler = (error, request) =>
  error instanceof Failed ? error.response : errorResponse(error, request)

/** Start's own check, which a `start.ts` switches off: it guards server functions that are asked by GET as well. */
const sameOrigin = createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === 'serverFn' })

export const startInstance = createStart(() => ({
  requestMiddleware: [sameOrigin, login],
  functionMiddleware: [failure],
}))
