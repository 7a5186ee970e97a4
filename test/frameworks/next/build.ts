import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { install } from '../../engines/install.mjs'

const here = import.meta.dirname
const root = path.resolve(here, '../../..')

/**
 * Builds an app of this folder with `next build`, unless it has been built from just these sources already.
 * Prints to stderr alone.
 */
export async function buildApp(name: string, sources: readonly string[]): Promise<string> {
  install('frameworks/next')
  const dir = path.join(here, name)
  const made = fingerprint([dir, ...sources.map((source) => path.join(root, source))])
  const stamp = path.join(dir, '.next/made-from')
  const isBuilt = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === made
  if (isBuilt()) return dir
  // Next refuses to build one app twice at the same time.
  await alone(path.join(dir, '.next.lock'), async () => {
    if (isBuilt()) return
    console.error(`building test/frameworks/next/${name} (once)`)
    rmSync(path.join(dir, '.next'), { recursive: true, force: true })
    const child = spawn(
      process.execPath,
      [path.join(here, 'node_modules/next/dist/bin/next'), 'build', dir],
      {
        stdio: ['ignore', 2, 2],
        env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      },
    )
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`next build ${name} failed.`)
    writeFileSync(stamp, made)
  })
  return dir
}

function fingerprint(folders: readonly string[]): string {
  const hash = createHash('sha256').update(readFileSync(path.join(here, 'package-lock.json')))
  for (const folder of folders) {
    const files = readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !/\.next|next-env/.test(path.relative(folder, file)))
    for (const file of files.toSorted()) hash.update(path.relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** One process at a time; a lock that a dead one has left is taken over. */
async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  while (!taken(lock)) await setTimeout(100)
  try {
    await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function taken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch {
    return false
  }
}
