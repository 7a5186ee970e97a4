import { memoryLimiter, memoryRecords, sealedSessions, storedSessions } from 'latchkey'
import {
  limiterContract,
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type SessionVisitor,
  sessionStoreContract,
  type TestBrowser,
  type TestClock,
} from 'latchkey/testing'
import { afterAll, describe, test } from 'vitest'
import { testApp } from './app.ts'
import { Cell } from './reference-app/cell.ts'

describe('RecordStore: memory', () => {
  const make = ({ now }: TestClock) => memoryRecords({ now })
  const cases = [recordStoreContract(make), recordIndexContract(make), recordPruneContract(make)]
  for (const { name, run } of cases.flat()) test(name, run)
})

describe('Limiter: memory', () => {
  for (const { name, run } of limiterContract(({ now }) => memoryLimiter({ now }))) test(name, run)
})

describe.each([
  // The sessions of visitors are not listed, whichever list there is.
  ['sealed', () => sealedSessions(), false],
  ['sealed, with a revocation list', () => sealedSessions({ revocation: memoryRecords() }), false],
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

/** Elsewhere than in Node fewer of them. */
const ADAPTERS = process.env.LATCHKEY_ADAPTERS?.split(',') ?? ['fetch', 'hono', 'node']

const CELLS = ADAPTERS.flatMap((adapter) =>
  ['sealed', 'memory'].flatMap((sessions) =>
    ['http://127.0.0.1:9001', 'https://app.test'].map((origin) => [adapter, sessions, origin] as const),
  ),
)

describe.each(CELLS)('the login story: %s, %s, at %s', (adapter, sessions, origin) => {
  const cell = new Cell({ adapter, sessions, origin, port: 9001, canEndCopies: sessions === 'memory' })
  afterAll(() => cell.close())
  for (const { name, run } of cell.cases()) test(name, run)
})
