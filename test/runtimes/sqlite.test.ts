import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { SqliteLike } from 'latchkey/sql'
import LibsqlDatabase from 'libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../bundle.ts'
import { RUNTIMES } from './binaries.ts'
import { sqliteCases } from './sqlite-contract.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-sqlite-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const file = path.join(scratch, 'main.mjs')
beforeAll(async () => writeFileSync(file, await bundled('runtimes/sqlite-main.ts')))

describe.each(['node 22', 'bun'] as const)(
  'sqlRecords on the SQLite that is built into a newer %s',
  (runtime) => {
    const results = new Map<string, string | null>()

    beforeAll(() => {
      const [binary, ...flags] = RUNTIMES[runtime]
      const printed = execFileSync(binary, [...flags, file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      for (const line of printed.trim().split('\n')) {
        const [name, message] = JSON.parse(line) as [string, string | null]
        results.set(name, message)
      }
    })

    const names = sqliteCases(() => ({}) as SqliteLike).map(({ name }) => name)
    test.each(names)('%s', (name) => expect(results.get(name)).toBeNull())
  },
)

describe('sqlRecords on a driver with the interface of better-sqlite3', () => {
  for (const { name, run } of sqliteCases(() => new LibsqlDatabase(':memory:') as SqliteLike)) test(name, run)
})
