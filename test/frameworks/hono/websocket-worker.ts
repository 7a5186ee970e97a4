import { upgradeWebSocket } from 'hono/cloudflare-workers'
import { websocketApp } from './websocket-app.ts'

const app = websocketApp(upgradeWebSocket)

export default { fetch: (request: Request, env: object): unknown => app.fetch(request, env) }
