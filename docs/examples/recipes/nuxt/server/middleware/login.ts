import { auth } from '../auth.ts'

const middleware = fromNodeMiddleware(auth)

export default defineEventHandler(async (event) => {
  if ('__unenv__' in event.node.req) return
  event.context.visitor = event.node.req
  await middleware(event)
})
