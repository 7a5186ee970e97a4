import { memoryRecords, sealedSessions, storedSessions } from 'latchkey'
import {
  adapterContract,
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type SessionVisitor,
  sessionStoreContract,
  type TestBrowser,
  type TestClock,
} from 'latchkey/testing'
import { describe, test } from 'vitest'
import { testApp } from './app.ts'
import { referenceServer } from './reference-app/server.ts'
import { World } from './reference-app/world.ts'

describe('RecordStore: memory', () => {
  const make = ({ now }: TestClock) => memoryRecords({ now })
  const cases = [recordStoreContract(make), recordIndexContract(make), recordPruneContract(make)]
  for (const { name, run } of cases.flat()) test(name, run)
})

describe.each([
  ['sealed', () => sealedSessions(), false],
  ['sealed, with a revocation list', () => sealedSessions({ revocation: memoryRecords() }), true],
  ['stored in memory', () => storedSessions(memoryRecords()), true],
] as const)('SessionStore: %s', (_, sessions, canEndCopies) => {
  const make = (): SessionVisitor => {
    const app = testApp({ sessions: sessions(), now: Date.now })
    const visitor = (browser: TestBrowser): SessionVisitor => ({
      request: (use) => app.during(browser, ({ session }) => use(session)),
      copy: () => visitor(browser.copy()),
    })
    return visitor(app.browser())
  }
  for (const { name, run } of sessionStoreContract(make, { canEndCopies })) test(name, run)
})

const CELLS = ['fetch', 'hono'].flatMap((adapter) =>
  ['sealed', 'memory'].flatMap((sessions) =>
    ['http://127.0.0.1:9001', 'https://app.test'].map((origin) => [adapter, sessions, origin] as const),
  ),
)

describe.each(CELLS)('the login story: %s, %s, at %s', (adapter, sessions, origin) => {
  let world: World | undefined
  const make = async () => {
    world ??= await World.make({ adapter, sessions, origin, port: 9001, isManualClock: false, options: {} })
    await world.reset()
    return { send: referenceServer(world, () => {}), origin, canEndCopies: sessions === 'memory' }
  }
  for (const { name, run } of adapterContract(make)) test(name, run)
})
