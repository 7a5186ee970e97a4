import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config'

const here = (path: string): string => new URL(path, import.meta.url).pathname

/** Vitest leaves one core to itself. Files wait for servers and browsers half of their time. */
const SIDE_BY_SIDE = Math.max(2, availableParallelism() - 1)

/** Take all cores themselves, or say how long an answer may take. */
const ALONE: Record<string, string[]> = {
  engines: ['test/engines/faults.test.ts', 'test/engines/processes.test.ts'],
  runtimes: ['test/runtimes/suite.test.ts'],
}

/** A layer is a folder, or several. What it needs is installed before its first test: docs/contributing.md. */
function layer(name: string, include: string[], needsInstall = true): TestProjectConfiguration[] {
  const globalSetup = needsInstall ? ['test/engines/install.mjs'] : []
  const alone = ALONE[name]
  const test = {
    name,
    include,
    exclude: [...configDefaults.exclude, ...(alone ?? [])],
    globalSetup,
    maxWorkers: SIDE_BY_SIDE,
    sequence: { groupOrder: 0 },
  }
  if (!alone) return [{ extends: true, test }]
  const own = { name: `${name} alone`, include: alone, globalSetup, maxWorkers: 1 }
  return [
    { extends: true, test },
    { extends: true, test: { ...own, sequence: { groupOrder: 1 } } },
  ]
}

export default defineConfig({
  resolve: {
    alias: [
      // Next's own, for the reference app, whose adapter is not part of the built app.
      { find: /^next\/headers\.js$/, replacement: here('test/frameworks/next/node_modules/next/headers.js') },
      { find: /^latchkey$/, replacement: here('src/index.ts') },
      { find: /^latchkey\/adapter$/, replacement: here('src/adapter.ts') },
      { find: /^latchkey\/password$/, replacement: here('src/password/index.ts') },
      { find: /^latchkey\/([\w-]+)$/, replacement: `${here('adapters/')}$1/index.ts` },
    ],
  },
  test: {
    maxConcurrency: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: { include: ['src/**', 'adapters/**'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      ...layer('unit', ['test/{src,adapters,attacks,package,vectors}/**/*.test.ts', 'test/*.test.ts'], false),
      ...layer('packed', ['test/packed/**/*.test.ts'], false),
      ...['engines', 'recipes', 'frameworks', 'browser', 'runtimes'].flatMap((name) =>
        layer(name, [`test/${name}/**/*.test.ts`]),
      ),
    ],
  },
})
