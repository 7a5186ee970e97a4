// Clients and runtimes that only tests need are heavy, and kept out of the root's install: this brings them once.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

export function setup() {
  if (existsSync(`${here}node_modules/.package-lock.json`)) return
  console.error('installing what the engine tests need (once)')
  // Its output goes to stderr: stdout belongs to whoever asked.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error('test/engines: npm ci failed.')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
