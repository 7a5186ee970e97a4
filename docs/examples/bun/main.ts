import { handler } from './app.ts'

Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  fetch: (request, server) => handler(request, server),
})
