import { afterAll, describe, test } from 'vitest'
import { Cell } from '../reference-app/cell.ts'

const CELLS = ['sealed', 'memory'].flatMap((sessions) =>
  ['http://127.0.0.1:9001', 'https://app.test'].map((origin) => [sessions, origin] as const),
)

describe.each(CELLS)('the login story: next, %s, at %s', (sessions, origin) => {
  const cell = new Cell({
    adapter: 'next',
    sessions,
    origin,
    port: 9001,
    canEndCopies: sessions === 'memory',
  })
  afterAll(() => cell.close())
  for (const { name, run } of cell.cases()) test(name, run)
})
