import { LatchkeyError } from 'latchkey'
import type { Arguments } from './arguments.ts'
import type { Surroundings } from './surroundings.ts'
import { World } from './world.ts'

/** The world that was asked for. Ends the process where there is none: 3 for options that are refused. */
export function worldOrExit(args: Arguments, surroundings?: Surroundings): Promise<World> {
  return World.make(args, surroundings).catch((error: unknown) => {
    console.error(`reference: ${(error as Error).message}`)
    process.exit(error instanceof LatchkeyError ? 3 : 1)
  })
}

/** SIGTERM ends the process well. */
export function endBySignal(end: () => void | Promise<void>): void {
  process.on('SIGTERM', async () => {
    const exit = () => process.exit(0)
    // An engine that hangs does not keep us.
    setTimeout(exit, 2000)
    await Promise.resolve(end()).catch(() => {})
    exit()
  })
}
