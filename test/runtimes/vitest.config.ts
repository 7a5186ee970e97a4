import { createRequire } from 'node:module'
import path from 'node:path'
import { defineConfig } from 'vitest/config'

const { LATCHKEY_FROM } = process.env
if (!LATCHKEY_FROM) throw new Error('LATCHKEY_FROM is the folder that latchkey is installed in.')
const installed = createRequire(path.join(LATCHKEY_FROM, 'index.js'))

/** The core's tests over the package as it is installed in a folder, in place of the sources. */
export default defineConfig({
  root: path.resolve(import.meta.dirname, '../..'),
  plugins: [
    {
      name: 'latchkey-installed',
      enforce: 'pre',
      resolveId: (id) => (/^latchkey(\/|$)/.test(id) ? installed.resolve(id) : null),
    },
  ],
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
})
