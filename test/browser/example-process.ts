import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { RUNTIMES } from '../runtimes/binaries.ts'
import { freePort } from './demo-process.ts'

const EXAMPLES = path.resolve(import.meta.dirname, '../../docs/examples')
/** The slowest of them builds first. */
const READY_WITHIN_MS = 180_000

type Environment = Record<string, string | undefined>

interface Manifest {
  readonly scripts?: { readonly start?: string }
  readonly engines?: { readonly node?: string }
  readonly dependencies: Record<string, string>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest

/** The examples that one copies and starts with one command. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES)
  .filter((name) => existsSync(path.join(EXAMPLES, name, 'package.json')))
  .filter((name) => manifestOf(path.join(EXAMPLES, name)).scripts?.start)

export interface RunningExample {
  readonly origin: string
  stop(): Promise<void>
}

/** An example as somebody has it who copied its folder, and took latchkey from a registry. */
export class Example {
  readonly name: string
  readonly #folder: string
  readonly #env: Environment

  constructor(name: string, scratch: string, tarball: string) {
    this.name = name
    this.#folder = path.join(scratch, name)
    const isOurs = (file: string) =>
      !/\/(node_modules|build|dist|\.[^/]+)(\/|$)/.test(file.slice(EXAMPLES.length))
    cpSync(path.join(EXAMPLES, name), this.#folder, { recursive: true, filter: isOurs })
    const manifest = manifestOf(this.#folder)
    const dependencies = { ...manifest.dependencies, latchkey: `file:${tarball}` }
    writeFileSync(path.join(this.#folder, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
    this.#env = environment(path.join(scratch, 'bin'), manifest)
  }

  async install(): Promise<void> {
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund']
    const { child, printed } = this.#run(args)
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`${this.name}: npm ${args.join(' ')}: ${code}\n${printed()}`)
  }

  /** Runs the one command, and waits until the app answers. */
  async start(): Promise<RunningExample> {
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const { child, printed } = this.#run(['start'], { PORT: String(port) })
    const stop = () => end(child)
    const deadline = Date.now() + READY_WITHIN_MS
    while (!(await answers(`${origin}/login`))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await stop()
        throw new Error(`${this.name} does not answer:\n${printed()}`)
      }
      await setTimeout(100)
    }
    return { origin, stop }
  }

  #run(args: readonly string[], env: Environment = {}): { child: ChildProcess; printed: () => string } {
    let output = ''
    const child = spawn('npm', args, {
      cwd: this.#folder,
      // Types of Next's say that there always is a NODE_ENV; a person's shell has none.
      env: { ...this.#env, ...env } as NodeJS.ProcessEnv,
      // A group of its own: npm starts a shell that starts the app, and all of it has to end.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
      })
    return { child, printed: () => output }
  }
}

/** What a person's shell has: nothing of the test runner's, nor of an npm that started it; and the runtimes. */
function environment(bin: string, { engines }: Manifest): Environment {
  mkdirSync(bin, { recursive: true })
  for (const name of ['bun', 'deno'] as const)
    if (!existsSync(path.join(bin, name))) symlinkSync(RUNTIMES[name][0], path.join(bin, name))
  const isOurs = (name: string) =>
    !/^(npm_|vite|latchkey_|(node_(env|options|path)|test|dev|prod|mode|ssr|base_url)$)/i.test(name)
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => isOurs(name) || /^NPM_CONFIG_/.test(name)),
  )
  const [major = '0'] = /\d+/.exec(engines?.node ?? '') ?? []
  const isTooOld = Number(process.versions.node.split('.')[0]) < Number(major)
  const newer = isTooOld ? [path.dirname(RUNTIMES['node 22'][0])] : []
  return {
    ...own,
    PATH: [...newer, process.env.PATH, bin].join(path.delimiter),
    NO_COLOR: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    WRANGLER_SEND_METRICS: 'false',
    DENO_NO_UPDATE_CHECK: '1',
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { redirect: 'manual' })).status === 200
  } catch {
    return false
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close')
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      // The whole group. It is alive for as long as any of it is.
      process.kill(-(child.pid ?? 0), signal)
    } catch {
      return
    }
    await Promise.race([ended, setTimeout(3000)])
  }
}
