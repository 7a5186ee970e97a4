import { serve } from '@hono/node-server'
import { LatchkeyError } from 'latchkey'
import { readArguments } from './arguments.ts'
import { ENGINES } from './engines/index.ts'
import { MOUNTS } from './mounts.ts'
import { referenceServer } from './server.ts'
import { World } from './world.ts'

const args = readArguments(Object.keys(MOUNTS), ['sealed', ...Object.keys(ENGINES)])
const world = await World.make(args).catch((error: unknown) => {
  console.error(`reference: ${(error as Error).message}`)
  process.exit(error instanceof LatchkeyError ? 3 : 1)
})
const handle = referenceServer(world)
const server = serve({ fetch: handle, port: args.port, hostname: '127.0.0.1' }, () => {
  console.log(`ready http://127.0.0.1:${args.port}`)
})
process.on('SIGTERM', () => {
  server.close()
  const end = () => process.exit(0)
  // An engine that hangs does not keep us.
  setTimeout(end, 2000)
  world.engine.close().then(end, end)
})
