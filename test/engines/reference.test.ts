import { adapterContract } from 'latchkey/testing'
import { afterAll, describe, test } from 'vitest'
import { referenceServer } from '../reference-app/server.ts'
import { World } from '../reference-app/world.ts'
import { describeWith, type ServerName } from './reach.ts'

const ENGINES: readonly (readonly [sessions: string, needs: readonly ServerName[], canEndCopies: boolean])[] =
  [
    ['redis', ['redis'], true],
    ['postgres', ['postgres'], true],
    ['mysql', ['mysql'], true],
    ['sqlite', [], true],
    ['d1', [], true],
    ['durable-object', [], true],
    ['kv', [], true],
  ]

for (const [sessions, needs, canEndCopies] of ENGINES) {
  describeWith(needs, `the login story: ${sessions}`, () => {
    describe.each(['fetch', 'hono'])('%s', (adapter) => {
      const origin = 'https://app.test'
      // The port names what is kept: another one than any server that runs.
      const port = 20_000 + (process.pid % 10_000) * 2 + (adapter === 'hono' ? 1 : 0)
      let world: World | undefined
      const make = async () => {
        world ??= await World.make({ adapter, sessions, origin, port, isManualClock: false, options: {} })
        await world.reset()
        return { send: referenceServer(world, () => {}), origin, canEndCopies }
      }
      afterAll(() => world?.engine.close())
      for (const { name, run } of adapterContract(make)) test(name, run)
    })
  })
}
