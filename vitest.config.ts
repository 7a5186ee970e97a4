import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

const here = (path: string): string => new URL(path, import.meta.url).pathname

/** Take all cores themselves, or say how long an answer may take. */
const ALONE = ['test/runtimes/suite.test.ts', 'test/engines/faults.test.ts', 'test/engines/processes.test.ts']

export default defineConfig({
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: here('src/index.ts') },
      { find: /^latchkey\/(password|testing)$/, replacement: `${here('src/')}$1/index.ts` },
      { find: /^latchkey\/([\w-]+)$/, replacement: `${here('adapters/')}$1/index.ts` },
    ],
  },
  test: {
    globalSetup: ['test/engines/install.mjs'],
    maxConcurrency: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: { include: ['src/**', 'adapters/**'], reporter: ['text', 'json-summary'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
          // Vitest leaves one core to itself. Files wait for servers and browsers half of their time.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
