import type { Readable } from 'node:stream'
import { Miniflare, type MiniflareOptions } from 'miniflare'

export interface WorkerOptions {
  /** The worker, as one module. */
  readonly script: string
  /** A port of 127.0.0.1. Default: any. */
  readonly port?: number
  readonly bindings?: Record<string, unknown>
  /** The class of a Durable Object that the worker exports, bound as `SESSIONS`. */
  readonly objectClass?: string
  /** Default `nodejs_compat`. */
  readonly flags?: readonly string[]
}

/** A worker in workerd, with a D1 database `DB` and a KV namespace `KV`. */
export async function startWorker(worker: WorkerOptions): Promise<Miniflare> {
  const { script, port = 0, bindings = {}, objectClass, flags = ['nodejs_compat'] } = worker
  const options: MiniflareOptions = {
    host: '127.0.0.1',
    port,
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: script }],
    bindings: bindings as Record<string, never>,
    compatibilityDate: '2026-07-30',
    compatibilityFlags: [...flags],
    d1Databases: ['DB'],
    kvNamespaces: ['KV'],
    durableObjects: objectClass ? { SESSIONS: { className: objectClass, useSQLite: true } } : {},
    // Our standard output belongs to whoever started us.
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      stdout.pipe(process.stderr, { end: false })
      stderr.pipe(process.stderr, { end: false })
    },
  }
  const miniflare = new Miniflare(options)
  await miniflare.ready
  return miniflare
}
