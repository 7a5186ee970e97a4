import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { QUIET } from './binaries.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** Runs a command to its end; what it printed. */
export async function run(
  command: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const [name = '', ...args] = command
  const child = spawn(name, args, { cwd, env: { ...QUIET, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      printed[stream] += chunk
    })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return printed.stdout
  throw new Error(`${command.join(' ')}: ${code}\n${printed.stdout}\n${printed.stderr}`)
}

/**
 * Packs latchkey, in a folder of its own: others may be building in the repository's. Without the types, unless asked
 * for: no runtime reads them, and they take longest.
 */
export async function pack(scratch: string, { types = false } = {}): Promise<string> {
  const folder = path.join(scratch, 'package')
  mkdirSync(path.join(folder, 'docs'), { recursive: true })
  for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'docs/sql'])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true })
  const flags = ['--silent', ...(types ? [] : ['--no-dts']), '--out-dir', path.join(folder, 'dist')]
  await run(['npx', 'tsup', ...flags], ROOT)
  const printed = await run(['npm', 'pack', '--json', '--ignore-scripts'], folder)
  const [packed] = JSON.parse(printed) as [{ filename: string }]
  return path.join(folder, packed.filename)
}

/** An empty project with the tarball in it; the command is that of a package manager. */
export async function installInto(folder: string, command: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{"name":"consumer","private":true,"type":"module"}')
  await run(command, folder)
}
