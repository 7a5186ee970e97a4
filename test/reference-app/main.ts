import { serve } from '@hono/node-server'
import { LatchkeyError } from 'latchkey'
import { readArguments } from './arguments.ts'
import { MOUNTS } from './mounts.ts'
import { referenceServer } from './server.ts'
import { World } from './world.ts'

const args = readArguments(Object.keys(MOUNTS), ['sealed', 'memory'])
const world = await World.make(args).catch((error: unknown) => {
  if (!(error instanceof LatchkeyError)) throw error
  console.error(error.message)
  process.exit(3)
})
const handle = referenceServer(world)
const server = serve({ fetch: handle, port: args.port, hostname: '127.0.0.1' }, () => {
  console.log(`ready http://127.0.0.1:${args.port}`)
})
process.on('SIGTERM', () => {
  server.close()
  process.exit(0)
})
