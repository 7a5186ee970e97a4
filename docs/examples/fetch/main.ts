import { serve } from '@hono/node-server'
import { handler } from './app.ts'

serve({ fetch: (request) => handler(request), port: Number(process.env.PORT ?? 3000) })
