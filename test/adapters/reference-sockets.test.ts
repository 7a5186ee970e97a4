import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { referenceOnNode } from '../reference-app/server.ts'
import { socketContract } from '../reference-app/socket-contract.ts'
import { World } from '../reference-app/world.ts'

const ORIGIN = 'http://127.0.0.1:9100'

describe.each([
  ['fetch', 'sealed'],
  ['hono', 'memory'],
  ['node', 'sealed'],
  ['node', 'memory'],
])('sockets of the reference app: %s, %s', (adapter, sessions) => {
  let world: World
  let server: Server
  beforeAll(async () => {
    world = await World.make({
      adapter,
      sessions,
      origin: ORIGIN,
      port: 1,
      isManualClock: false,
      options: {},
    })
    const { listener, upgrades } = await referenceOnNode(world, () => {})
    server = createServer(listener)
    if (upgrades) server.on('upgrade', upgrades)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await world.close()
  })
  const subject = () => ({ port: (server.address() as AddressInfo).port, origin: ORIGIN })
  for (const { name, run } of socketContract(subject)) test(name, run)
})
