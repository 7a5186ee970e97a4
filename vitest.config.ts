import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => new URL(path, import.meta.url).pathname

export default defineConfig({
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: here('src/index.ts') },
      { find: /^latchkey\/(password|testing)$/, replacement: `${here('src/')}$1/index.ts` },
      { find: /^latchkey\/([\w-]+)$/, replacement: `${here('adapters/')}$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/engines/install.mjs'],
    maxConcurrency: 2,
    // Vitest leaves one core to itself. Files wait for servers and browsers half of their time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: { include: ['src/**', 'adapters/**'], reporter: ['text', 'json-summary'] },
  },
})
