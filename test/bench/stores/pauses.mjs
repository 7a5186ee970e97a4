// The longest pause that one call of the memory store makes: node --expose-gc pauses.mjs <case> <size> <writes>
import { PerformanceObserver } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { memoryRecords } from '../../../dist/index.js'
import { DAY_MS, idOf, recordOf } from './population.mjs'

/** What takes longer, in milliseconds, is looked at: how much of it was the garbage collector's. */
const LONG = 0.1
const SWEPT_PER_WRITE = 4
const WARM_UP = 2000

let now = Date.now()

/** A map that is written to as the store writes to its own, and swept as it sweeps: what of a pause is the map's. */
function bareMap() {
  const map = new Map()
  let cursor = map.entries()
  const sweep = () => {
    for (let i = 0; i < SWEPT_PER_WRITE; i++) {
      const next = cursor.next()
      if (next.done) {
        cursor = map.entries()
        return
      }
      const [id, record] = next.value
      if (now >= record.keptUntil) map.delete(id)
    }
  }
  return {
    create(id, record) {
      sweep()
      map.set(id, { ...record, data: { ...record.data } })
    },
    update(id, patch, times) {
      sweep()
      const record = map.get(id)
      map.set(id, { ...record, ...times, data: { ...record.data, ...patch } })
    },
  }
}

/** How the store is made for `size` records, and whether these have expired before it is written to. */
const CASES = {
  'all have expired': {
    make: (size) => memoryRecords({ maxRecords: size, now: () => now }),
    hasExpired: true,
  },
  'control: none has expired, there is room': {
    make: (size) => memoryRecords({ maxRecords: size * 2, now: () => now }),
  },
  'none has expired, the store is full': {
    make: (size) => memoryRecords({ maxRecords: size, now: () => now }),
  },
  'control: a bare Map, all have expired': { make: bareMap, hasExpired: true },
}
export const PAUSE_CASES = Object.keys(CASES)

const collections = []
new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ['gc'] })
const turn = () => new Promise((resolve) => setTimeout(resolve))

function filled(make, size) {
  const store = make(size)
  for (let i = 0; i < size; i++) store.create(idOf(i), recordOf(i, now))
  return store
}

/** A create and an update of what it made, again and again. */
async function exercise(store, size, writes) {
  const kindOf = () => ({ taken: new Float64Array(writes), long: [] })
  const kinds = { create: kindOf(), update: kindOf() }
  const timed = ({ taken, long }, write, call) => {
    const cpu = process.cpuUsage()
    const begun = performance.now()
    call()
    const ended = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    taken[write] = ended - begun
    if (ended - begun > LONG) long.push({ write, begun, ended, cpu: (user + system) / 1000 })
  }
  for (let i = 0; i < writes; i++) {
    const id = idOf(size + i)
    const record = recordOf(size + i, now)
    const times = { renewedAt: now, expiresAt: now + DAY_MS, keptUntil: now + DAY_MS }
    timed(kinds.create, i, () => store.create(id, record))
    timed(kinds.update, i, () => store.update(id, { locale: 'de' }, times))
    // The collector's entries come between turns.
    if (i % 5000 === 0) await turn()
  }
  await turn()
  return kinds
}

async function measure({ make, hasExpired }, size, writes) {
  // On a small one first: the compiler's own pauses are none of the store's.
  await exercise(filled(make, WARM_UP), WARM_UP, WARM_UP * 10)
  const store = filled(make, size)
  if (hasExpired) now += 2 * DAY_MS
  for (let i = 0; i < 3; i++) globalThis.gc()
  await turn()
  collections.length = 0
  return Object.entries(await exercise(store, size, writes)).map(([kind, { taken, long }]) => {
    const own = long.map((call) => ({ write: call.write, ms: ownTime(call) })).toSorted((a, b) => b.ms - a.ms)
    const sorted = taken.sort()
    return {
      kind,
      median: sorted[Math.floor(writes / 2)],
      longest: sorted.at(-1),
      own: own.slice(0, 3),
      over: own.filter(({ ms }) => ms > 1).length,
    }
  })
}

/** A call without what the collector took of it, and without the time for which another process had the core. */
function ownTime(call) {
  return Math.max(0, Math.min(call.ended - call.begun, call.cpu) - collected(call))
}

/** How much of a call the garbage collector took. */
function collected({ begun, ended }) {
  const overlaps = collections.map(({ startTime, duration }) => [
    Math.max(begun, startTime),
    Math.min(ended, startTime + duration),
  ])
  return overlaps.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, size, writes] = process.argv.slice(2)
  process.send(await measure(CASES[name], Number(size), Number(writes)))
  process.disconnect()
}
