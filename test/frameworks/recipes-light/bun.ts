import { handler as elysia } from './elysia.ts'
import { handler as h3 } from './h3.ts'

declare const Bun: {
  serve(options: object): { readonly port: number }
}

for (const [name, handler] of Object.entries({ elysia, h3 })) {
  const { port } = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request: Request) => handler(request),
  })
  console.log(`${name} ${port}`)
}
