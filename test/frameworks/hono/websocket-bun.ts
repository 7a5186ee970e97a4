import { upgradeWebSocket, websocket } from 'hono/bun'
import { websocketApp } from './websocket-app.ts'

declare const Bun: { serve(options: object): { readonly port: number } }

const app = websocketApp(upgradeWebSocket)
const { port } = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request: Request, server: object) => app.fetch(request, { server }),
  websocket,
})
console.log(`ready http://127.0.0.1:${port}`)
