const middleware = fromNodeMiddleware(login)

export default defineEventHandler(async (event) => {
  if ('__unenv__' in event.node.req) return
  event.context.visitor = event.node.req
  await middleware(event)
})
