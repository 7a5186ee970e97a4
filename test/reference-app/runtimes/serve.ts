import type { Arguments } from '../arguments.ts'
import { openMemory } from '../engines/memory.ts'
import { openRedis } from '../engines/redis.ts'
import { type FetchServer, fetchServer } from '../fetch-server.ts'
import { endBySignal, worldOrExit } from '../process.ts'
import type { Surroundings } from '../surroundings.ts'
import { mountOf } from './mounts.ts'

const engines: Surroundings['engines'] = { memory: async (init) => openMemory(init), redis: openRedis }

/** The reference app in a runtime whose processes speak Request and Response by themselves. */
export async function serve(
  passwords: Pick<Surroundings, 'passwords' | 'cheap' | 'seeding'>,
  listen: (port: number, server: FetchServer) => void | Promise<void>,
): Promise<void> {
  const args = JSON.parse(process.argv[2] ?? '') as Arguments
  const world = await worldOrExit(args, { ...passwords, engines })
  await listen(args.port, await fetchServer(world, mountOf(args.adapter)))
  console.log(`ready http://127.0.0.1:${args.port}`)
  endBySignal(() => world.close())
  // A launcher that was killed cannot tell us, but its end of the pipe closes.
  process.stdin.on('end', () => process.exit(0)).resume()
}
