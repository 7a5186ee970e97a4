// One engine at one size, alone in its process: node --expose-gc measure.mjs <engine> <size> <rounds> <share of the work>
import { engines } from './engines.mjs'
import { operationsOf } from './operations.mjs'

/** In memory an operation takes less than the clock costs. */
const TOGETHER = 32

const sorted = (values) => values.toSorted((a, b) => a - b)
const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))]
const median = (values) => quantile(values, 0.5)

/** Microseconds of each of `times` runs, one at a time. */
async function timesOf({ input, prepare, run, check, after }, times, together) {
  const taken = []
  while (taken.length < times) {
    const inputs = []
    for (let i = 0; i < together; i++) {
      const made = await input()
      inputs.push(prepare ? prepare(made) : made)
    }
    const results = []
    const begun = performance.now()
    for (const made of inputs) {
      const result = run(made)
      results.push(typeof result?.then === 'function' ? await result : result)
    }
    taken.push(((performance.now() - begun) * 1000) / together)
    for (const [i, result] of results.entries()) {
      if (!check(result, inputs[i])) throw new Error(`it did not do its work: ${JSON.stringify(result)}`)
      await after?.(result, inputs[i])
    }
  }
  return taken
}

async function measure(engine, size, rounds, share) {
  const { operations, meetActive } = operationsOf(engine, size)
  await meetActive()
  const all = new Map(operations.map(({ name }) => [name, []]))
  const medians = new Map(operations.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (let k = 0; k < operations.length; k++) {
      // Each round begins with another one, so that none has the same neighbour's leftovers before it every time.
      const operation = operations[(k + Math.max(0, round)) % operations.length]
      const times = Math.max(3, Math.round(operation.times * share))
      const taken = await timesOf(operation, times, operation.isTiny ? engine.together : 1)
      if (round < 0) continue
      all.get(operation.name).push(...taken)
      medians.get(operation.name).push(median(taken))
    }
  }
  return operations.map(({ name, floor }) => ({
    name,
    us: median(medians.get(name)),
    p99: quantile(all.get(name), 0.99),
    ratio: median(medians.get(name).map((us, round) => us / medians.get(floor)[round])),
  }))
}

const [name, size, rounds, share] = process.argv.slice(2)
const opened = await engines[name].open()
const engine = { together: name === 'memory' ? TOGETHER : 1, ...opened }
try {
  const before = await engine.bytes()
  const begun = performance.now()
  await engine.fill(Number(size))
  const fillSeconds = (performance.now() - begun) / 1000
  await engine.settle?.()
  const bytes = ((await engine.bytes()) - before) / Number(size)
  await engine.afterFill?.(Number(size))
  const rows = await measure(engine, Number(size), Number(rounds), Number(share))
  process.send({ bytes, fillSeconds, rows })
} finally {
  await engine.close()
}
process.disconnect()
