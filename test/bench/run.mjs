// npm run bench [-- stores] [--quick]: installs the peers once, builds, measures, prints the tables as Markdown.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const isQuick = process.argv.includes('--quick')

function prepare(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const { dependencies } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'))
const isInstalled = Object.keys(dependencies).every((name) => existsSync(`${here}node_modules/${name}`))
if (!isInstalled) prepare('npm', ['ci', '--no-audit', '--no-fund'], here)
prepare('npx', ['tsup', '--silent'], root)

if (process.argv.includes('stores')) {
  const { measureStores } = await import('./stores.mjs')
  await measureStores({ isQuick })
  process.exit(0)
}

const { measureTables } = await import('./tables.mjs')
const { measureHttp } = await import('./http.mjs')

const tables = await measureTables(
  isQuick ? { rounds: 1, minCpuTime: 20e6 } : { rounds: 7, minCpuTime: 200e6 },
)
for (const [title, rows] of Object.entries(tables)) {
  console.log(`\n**${title}**\n\n| contender | µs | × floor |\n|---|---:|---:|`)
  for (const { id, microseconds, ratio } of rows)
    console.log(`| ${id} | ${microseconds.toFixed(2)} | ${ratio.toFixed(1)} |`)
}
const rows = await measureHttp(isQuick ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 3 })
console.log(
  '\n**t3: requests per second over HTTP, on Hono**\n\n| server | req/s | share of the floor |\n|---|---:|---:|',
)
for (const { id, rps, share } of rows)
  console.log(`| ${id} | ${Math.round(rps)} | ${(share * 100).toFixed(0)} % |`)
console.log(
  `\nNode ${process.version}, ${isQuick ? 'quick: figures mean nothing' : 'medians over rounds, all in one run'}.`,
)
process.exit(0)
