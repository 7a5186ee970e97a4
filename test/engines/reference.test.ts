import { afterAll, describe, test } from 'vitest'
import { Cell } from '../reference-app/cell.ts'
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
      const port = 20_000 + (process.pid % 10_000) * 2 + (adapter === 'hono' ? 1 : 0)
      const cell = new Cell({ adapter, sessions, origin: 'https://app.test', port, canEndCopies })
      afterAll(() => cell.close())
      for (const { name, run } of cell.cases()) test(name, run)
    })
  })
}
