import type { SqliteLike } from 'latchkey/sql'
import { sqliteCases } from './sqlite-contract.ts'

/** What this runtime has: found by name, so that one file runs in both. */
async function builtIn(): Promise<() => SqliteLike> {
  const isBun = 'Bun' in globalThis
  const module = (await import(isBun ? 'bun:sqlite' : 'node:sqlite')) as Record<
    string,
    new (
      file: string,
    ) => SqliteLike
  >
  const Database = module[isBun ? 'Database' : 'DatabaseSync']
  if (!Database) throw new Error('no SQLite in here')
  return () => new Database(':memory:')
}

for (const { name, run } of sqliteCases(await builtIn())) {
  const message = await run().then(
    () => null,
    (error: unknown) => String(error),
  )
  console.log(JSON.stringify([name, message]))
}
