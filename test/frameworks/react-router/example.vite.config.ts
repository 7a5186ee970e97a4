import { defineConfig, mergeConfig } from 'vite'
// The example's own, beside a copy of this file.
import own from './vite.own.config.ts'

const from = (path: string): string => `${process.env.LATCHKEY}/${path}/index.ts`

export default defineConfig(
  mergeConfig(own, {
    logLevel: 'warn',
    resolve: {
      alias: [
        { find: /^latchkey$/, replacement: from('src') },
        { find: /^latchkey\/adapter$/, replacement: `${process.env.LATCHKEY}/src/adapter.ts` },
        { find: /^latchkey\/password$/, replacement: from('src/password') },
        { find: /^latchkey\/react-router$/, replacement: from('adapters/react-router') },
      ],
    },
  }),
)
