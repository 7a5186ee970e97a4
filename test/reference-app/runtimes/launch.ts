import { spawn } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { bundled } from '../../bundle.ts'
import { install } from '../../engines/install.mjs'
import { QUIET, RUNTIMES } from '../../runtimes/binaries.ts'
import type { Arguments } from '../arguments.ts'
import { endBySignal } from '../process.ts'

type Start = (args: Arguments) => Promise<void>

const ELSEWHERE: Record<string, { sessions: readonly string[]; start: Start }> = {
  bun: { sessions: ['sealed', 'memory', 'redis'], start: (args) => startProcess('bun', args) },
  deno: { sessions: ['sealed', 'memory', 'redis'], start: (args) => startProcess('deno', args) },
  workerd: { sessions: ['sealed', 'memory', 'd1', 'kv', 'durable-object'], start: startWorkerd },
}

/** Adapters on other runtimes than this one (`fetch@bun`), and the sessions that each can have there. */
export const ADAPTERS_ELSEWHERE: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ['fetch', 'hono'].flatMap((adapter) =>
    Object.entries(ELSEWHERE).map(([runtime, { sessions }]) => [`${adapter}@${runtime}`, sessions] as const),
  ),
)

/** Starts the reference app in another runtime, and ends this process with it. */
export async function launch(args: Arguments): Promise<void> {
  install('runtimes')
  await ELSEWHERE[args.adapter.split('@')[1] ?? '']?.start(args)
}

async function startProcess(runtime: 'bun' | 'deno', args: Arguments): Promise<void> {
  // Inside of the repository, so that the runtime finds the packages.
  const folder = path.join(import.meta.dirname, '../../output/runtimes')
  const [file, own] = [`${folder}/${runtime}.mjs`, `${folder}/${runtime}-${process.pid}.mjs`]
  mkdirSync(folder, { recursive: true })
  writeFileSync(own, await bundled(`reference-app/runtimes/${runtime}.ts`, FOR_A_PROCESS))
  renameSync(own, file)
  const [binary, ...flags] = RUNTIMES[runtime]
  const child = spawn(binary, [...flags, file, JSON.stringify(args)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: QUIET,
  })
  process.on('SIGTERM', () => child.kill())
  child.on('exit', (code) => process.exit(code ?? 1))
}

async function startWorkerd(args: Arguments): Promise<void> {
  const { startWorker } = await import('../../runtimes/workerd.ts')
  const script = await bundled('reference-app/runtimes/worker.ts', ON_NODE)
  const { port } = args
  const workerd = await startWorker({
    script,
    port,
    bindings: { ARGUMENTS: args },
    objectClass: 'SessionObject',
  })
  const first = await workerd.dispatchFetch(`http://127.0.0.1:${port}/health`)
  if (!first.ok) {
    const { exitCode, message } = (await first.json()) as { exitCode: number; message: string }
    console.error(`reference: ${message}`)
    await workerd.dispose()
    process.exit(exitCode)
  }
  console.log(`ready http://127.0.0.1:${port}`)
  // Miniflare's own would end us with 143.
  process.removeAllListeners('SIGTERM')
  endBySignal(() => workerd.dispose())
}

/** Node's own surroundings stay outside of what other runtimes run. */
const ON_NODE = { external: ['./node.ts'] }
const FOR_A_PROCESS = { ...ON_NODE, packages: 'external' } as const
