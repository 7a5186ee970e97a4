import { Miniflare } from 'miniflare'
import { bundled } from '../bundle.ts'

/** workerd with a D1 database, a KV namespace and Durable Objects, and this worker in it. */
export async function startWorkerd(worker: string): Promise<Miniflare> {
  const miniflare = new Miniflare({
    modules: true,
    script: await bundled(worker),
    compatibilityDate: '2025-07-01',
    d1Databases: ['DB'],
    kvNamespaces: ['KV'],
    durableObjects: { SESSIONS: { className: 'SessionObject', useSQLite: true } },
  })
  await miniflare.ready
  return miniflare
}
