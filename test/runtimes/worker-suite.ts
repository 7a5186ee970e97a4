import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '../..')
const inWorker = (name: string): string => path.join(import.meta.dirname, 'worker', name)

/**
 * Files of tests, with our package as it is installed in a folder, as one worker: bundled as wrangler does it for
 * the app of a user.
 */
export async function suiteScript(files: readonly string[], installedIn: string): Promise<string> {
  const installed = createRequire(path.join(installedIn, 'index.js'))
  const loaders = files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(`./${file}`)})`)
  const contents = `import { suiteWorker } from './test/runtimes/worker/suite.ts'
export default suiteWorker({ ${loaders.join(',\n')} })`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    write: false,
    external: ['node:*', './node.ts'],
    // As bcryptjs calls it.
    alias: { crypto: 'node:crypto' },
    plugins: [
      {
        name: 'installed',
        setup({ onResolve }) {
          onResolve({ filter: /^latchkey(\/|$)/ }, ({ path }) => ({ path: installed.resolve(path) }))
          onResolve({ filter: /^vitest$/ }, () => ({ path: inWorker('vitest.ts') }))
          onResolve({ filter: /reference-app\/cell\.ts$/ }, () => ({ path: inWorker('cell.ts') }))
        },
      },
    ],
  })
  return outputFiles[0]?.text ?? ''
}
