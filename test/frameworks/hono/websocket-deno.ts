import { upgradeWebSocket } from 'hono/deno'
import { websocketApp } from './websocket-app.ts'

declare const Deno: { serve(options: object, handler: (request: Request) => unknown): unknown }

const app = websocketApp(upgradeWebSocket)
const onListen = ({ port }: { port: number }): void => console.log(`ready http://127.0.0.1:${port}`)
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, (request) => app.fetch(request))
