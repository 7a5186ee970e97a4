import path from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

const root = path.resolve(import.meta.dirname, '../..')

/** workerd with a D1 database, a KV namespace and Durable Objects, and this worker in it. */
export async function startWorkerd(worker: string): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, worker)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    write: false,
    alias: {
      latchkey: path.join(root, 'src/index.ts'),
      'latchkey/testing': path.join(root, 'src/testing/index.ts'),
      'latchkey/cloudflare': path.join(root, 'adapters/cloudflare/index.ts'),
      'latchkey/sql': path.join(root, 'adapters/sql/index.ts'),
    },
  })
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2025-07-01',
    d1Databases: ['DB'],
    kvNamespaces: ['KV'],
    durableObjects: { SESSIONS: { className: 'SessionObject', useSQLite: true } },
  })
  await miniflare.ready
  return miniflare
}
