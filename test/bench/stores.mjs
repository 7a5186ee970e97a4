// npm run bench -- stores [--quick]: what each engine's record store costs, as multiples of the engine's own round trip.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { measureHttp, REDIS_NAMES } from './http.mjs'
import { CLIENT } from './load.mjs'
import { connectRedis, emptyRedis, engines } from './stores/engines.mjs'
import { PAUSE_CASES } from './stores/pauses.mjs'

const FULL = {
  sizes: [1000, 100_000, 1_000_000],
  rounds: 10,
  share: 1,
  pauses: { size: 1_000_000, writes: 500_000 },
  http: { rounds: 12, seconds: 3 },
}
const QUICK = {
  sizes: [1000],
  rounds: 2,
  share: 0.1,
  pauses: { size: 20_000, writes: 10_000 },
  http: { rounds: 1, seconds: 1 },
}

/** Runs one file in a process of its own and gives what it sends. */
async function inChild(file, args) {
  const child = fork(fileURLToPath(new URL(`stores/${file}`, import.meta.url)), args.map(String), {
    execArgv: ['--expose-gc', '--max-old-space-size=4096'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let answer
  child.on('message', (message) => {
    answer = message
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0 || answer === undefined) throw new Error(`${file} ${args.join(' ')} ended with ${code}`)
  return answer
}

/** The engines that answer; why each of the others does not is printed. */
async function enginesHere() {
  const here = []
  for (const [name, { title, open }] of Object.entries(engines)) {
    try {
      await (await open(0)).close()
      here.push(name)
    } catch (error) {
      console.log(`\n${title} is left out: ${error.code ?? error.message}`)
    }
  }
  return here
}

const count = (n) => n.toLocaleString('en-US')
const precise = (n) => (n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : count(Math.round(n)))

function printTable(title, head, rows) {
  console.log(`\n**${title}**\n\n| ${head.join(' | ')} |\n|---|${'---:|'.repeat(head.length - 1)}`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

function printOperations(title, sizes, rows) {
  const isGrowing = sizes.length > 1
  const columns = sizes.flatMap((size) => [`${count(size)}: µs`, 'p99', '× floor'])
  const head = ['operation', ...columns, ...(isGrowing ? ['growth'] : [])]
  const cellsOf = ({ us, p99, ratio }) => [precise(us), precise(p99), ratio.toFixed(1)]
  printTable(
    title,
    head,
    rows.map(({ name, sizes, growth }) => [
      name,
      ...sizes.flatMap(cellsOf),
      ...(isGrowing ? [growth.toFixed(1)] : []),
    ]),
  )
}

async function measureEngines({ sizes, rounds, share }) {
  const weighed = []
  for (const name of await enginesHere()) {
    const { title, floor } = engines[name]
    process.stderr.write(`${title}\n`)
    const { rows, weights } = await inChild('measure.mjs', [name, sizes, rounds, share])
    printOperations(`${title}; the floor is ${floor}`, sizes, rows)
    const bytes = weights.map((weight) => count(Math.round(weight.bytes)))
    weighed.push([title, ...bytes, weights.at(-1).fillSeconds.toFixed(0)])
  }
  const head = ['bytes a session', ...sizes.map((size) => `${count(size)} sessions`), 'last one filled in s']
  printTable('What a session weighs', head, weighed)
}

async function measurePauses({ size, writes }) {
  const rows = []
  for (const name of PAUSE_CASES) {
    process.stderr.write(`pauses: ${name}\n`)
    for (const { kind, median, longest, own, over } of await inChild('pauses.mjs', [name, size, writes])) {
      const worst = own.map(({ ms, write }) => `${ms.toFixed(1)} (no. ${count(write)})`).join(', ')
      rows.push([name, kind, (median * 1000).toFixed(1), longest.toFixed(1), worst, over])
    }
  }
  printTable(
    `The memory store's longest calls, ms: ${count(writes)} creates and as many updates over ${count(size)} sessions`,
    [
      'sessions',
      'call',
      'median µs',
      'longest',
      'longest without collector and other processes (at which write)',
      'of these over 1 ms',
    ],
    rows,
  )
}

async function measureRedisHttp(options) {
  let client
  try {
    client = await connectRedis()
  } catch {
    return
  }
  const rows = await measureHttp({ ...options, names: REDIS_NAMES })
  await emptyRedis(client)
  await client.close()
  printTable(
    `Over HTTP, on Hono with Redis, 32 connections by ${CLIENT}`,
    ['server', 'req/s', 'share of the floor'],
    rows.map(({ id, rps, share }) => [id, count(Math.round(rps)), `${(share * 100).toFixed(0)} %`]),
  )
}

export async function measureStores({ isQuick }) {
  const plan = isQuick ? QUICK : FULL
  const begun = performance.now()
  await measureEngines(plan)
  await measurePauses(plan.pauses)
  await measureRedisHttp(plan.http)
  const seconds = Math.round((performance.now() - begun) / 1000)
  const meaning = isQuick ? 'quick: figures mean nothing' : 'medians over rounds'
  console.log(`\nNode ${process.version}, ${meaning}, ${seconds} s in all.`)
}
