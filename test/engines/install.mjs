// Clients and runtimes that only tests need are heavy, and kept out of the root's install: this brings them once.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folderOf = (name) => fileURLToPath(new URL(`../${name}/`, import.meta.url))

/** Its output goes to stderr: stdout belongs to whoever asked. */
function run(cwd, command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`)
}

/** @param {string} name A folder of `test` with a package.json of its own: `engines`, `frameworks/next`. */
export function install(name) {
  const folder = folderOf(name)
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return
  console.error(`installing test/${name} (once)`)
  run(folder, 'npm', ['ci', '--no-audit', '--no-fund'])
}

const frameworks = () =>
  readdirSync(folderOf('frameworks'))
    .filter((name) => existsSync(`${folderOf('frameworks')}${name}/package.json`))
    .map((name) => `frameworks/${name}`)

/** What a layer of tests needs beyond the root's install, where that is not all of it. */
const NEEDS = { engines: ['engines'], recipes: ['engines', 'recipes'] }

/** For vitest, before a layer's tests; without a layer, all of them. */
export function setup({ name = '' } = {}) {
  const needed = NEEDS[name.split(' ')[0]] ?? ['engines', 'runtimes', 'recipes', ...frameworks()]
  for (const folder of needed) install(folder)
  // Prisma generates its client; the engine that it would download has no part in that.
  if (needed.includes('recipes') && !existsSync(`${folderOf('recipes')}generated`))
    run(folderOf('recipes'), 'npx', ['prisma', 'generate', '--schema', 'schema.prisma'], {
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
