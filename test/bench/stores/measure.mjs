// One engine, alone in its process: node --expose-gc measure.mjs <engine> <size,size,…> <rounds> <share of the work>
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

/** In rounds: an operation at every size before the next operation, so that sizes can be compared too. */
async function measure(populated, rounds, share) {
  const subjects = populated.map(({ engine, size }) => {
    const { operations, meetActive } = operationsOf(engine, size)
    return {
      engine,
      operations,
      meetActive,
      all: operations.map(() => []),
      medians: operations.map(() => []),
    }
  })
  for (const { meetActive } of subjects) await meetActive()
  const { length } = subjects[0].operations
  for (let round = -1; round < rounds; round++) {
    for (let k = 0; k < length; k++) {
      // Each round begins with another one, so that none has the same neighbour's leftovers before it every time.
      const i = (k + Math.max(0, round)) % length
      for (const { engine, operations, all, medians } of subjects) {
        const times = Math.max(3, Math.round(operations[i].times * share))
        const taken = await timesOf(operations[i], times, operations[i].isTiny ? engine.together : 1)
        if (round < 0) continue
        all[i].push(...taken)
        medians[i].push(median(taken))
      }
    }
  }
  return subjects[0].operations.map(({ name, floor }, i) => {
    const floorAt = subjects[0].operations.findIndex((operation) => operation.name === floor)
    const sizes = subjects.map(({ all, medians }) => ({
      us: median(medians[i]),
      p99: quantile(all[i], 0.99),
      ratio: median(medians[i].map((us, round) => us / medians[floorAt][round])),
    }))
    const last = subjects.at(-1).medians[i]
    return { name, sizes, growth: median(last.map((us, round) => us / subjects[0].medians[i][round])) }
  })
}

async function populate(name, size) {
  const engine = { together: name === 'memory' ? TOGETHER : 1, ...(await engines[name].open(size)) }
  const before = await engine.bytes()
  const begun = performance.now()
  await engine.fill(size)
  const fillSeconds = (performance.now() - begun) / 1000
  await engine.settle?.()
  return { engine, size, fillSeconds, bytes: ((await engine.bytes()) - before) / size }
}

const [name, sizes, rounds, share] = process.argv.slice(2)
const populated = []
try {
  for (const size of sizes.split(',')) populated.push(await populate(name, Number(size)))
  for (const { engine, size } of populated) await engine.afterFill?.(size)
  const rows = await measure(populated, Number(rounds), Number(share))
  const weights = populated.map(({ bytes, fillSeconds }) => ({ bytes, fillSeconds }))
  process.send({ rows, weights })
} finally {
  for (const { engine } of populated) await engine.close()
}
process.disconnect()
