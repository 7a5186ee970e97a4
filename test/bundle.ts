import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')

/** A test's file and all that it imports, as one module for a runtime that cannot resolve our names by itself. */
export async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'test', file)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    write: false,
    external: ['node:*', 'bun:*'],
    alias: {
      latchkey: path.join(root, 'src/index.ts'),
      'latchkey/testing': path.join(root, 'src/testing/index.ts'),
      'latchkey/cloudflare': path.join(root, 'adapters/cloudflare/index.ts'),
      'latchkey/sql': path.join(root, 'adapters/sql/index.ts'),
    },
  })
  return outputFiles[0]?.text ?? ''
}
