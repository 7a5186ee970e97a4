import { handler } from './app.ts'

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 3000) }, (request, info) => handler(request, info))
