import { createServer } from 'node:http'
import { type Arguments, readArguments } from './arguments.ts'
import { ENGINES } from './engines/index.ts'
import { MOUNTS, NODE_MOUNTS } from './mounts/index.ts'
import { endBySignal, worldOrExit } from './process.ts'
import { ADAPTERS_ELSEWHERE, launch } from './runtimes/launch.ts'
import { referenceOnNode } from './server.ts'

const sessions = ['sealed', ...Object.keys(ENGINES)]
const adaptersHere = Object.keys({ ...MOUNTS, ...NODE_MOUNTS }).map((adapter) => [adapter, sessions] as const)

const args = readArguments({ ...Object.fromEntries(adaptersHere), ...ADAPTERS_ELSEWHERE })
await (args.adapter in ADAPTERS_ELSEWHERE ? launch(args) : serve(args))

async function serve({ port }: Arguments): Promise<void> {
  const world = await worldOrExit(args)
  const { listener, upgrades } = await referenceOnNode(world)
  const server = createServer(listener)
  if (upgrades) server.on('upgrade', upgrades)
  server.listen(port, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${port}`))
  endBySignal(() => {
    server.close()
    return world.close()
  })
}
