// "Who is this request" and "log in", every contender in one run, in rounds, as multiples of the floor.
import { measure } from 'mitata'
import { list } from './contenders/latchkey.mjs'
import { dataOf, peers } from './peers.mjs'

const OTHERS = 'theme=dark; _ga=GA1.1.1234567890.1700000000'
const SESSIONS = 500
export const FLOOR = 'floor: cookie pkg + Map'

const webRequest = (cookie, method = 'GET') =>
  new Request('http://localhost:3000/me', { method, headers: cookie ? { cookie } : {} })

const pairsOf = (setCookies) => setCookies.map((line) => line.slice(0, line.indexOf(';'))).join('; ')

const TABLES = {
  't1: who is this request': (subject, cookies) => {
    let i = 0
    return {
      input: () => subject.make(`${OTHERS}; ${cookies[i++ % cookies.length]}`),
      work: (request) => subject.contender.authenticate(request),
    }
  },
  't2: log in': (subject) => {
    let i = 0
    return {
      input: () => ({ request: subject.make(OTHERS, 'POST'), data: subject.datas[i++ % SESSIONS] }),
      work: ({ request, data }) => subject.contender.login(request, data),
    }
  },
}

/** A fresh request for each iteration, made outside of what is timed. */
function timed({ input, work }) {
  return function* benchmark() {
    yield { 0: input, bench: async (made) => await work(made) }
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

export async function measureTables({ rounds, minCpuTime }) {
  const datas = Array.from({ length: SESSIONS }, (_, i) => dataOf(i))
  const subjects = []
  for (const { meta, create } of [...peers, ...list.filter(({ meta }) => !meta.tables)]) {
    const contender = await create({})
    const make = contender.makeRequest ?? webRequest
    const cookies = []
    for (const data of datas)
      cookies.push(pairsOf((await contender.login(make(OTHERS, 'POST'), data)).setCookies))
    const who = await contender.authenticate(make(`${OTHERS}; ${cookies[1]}`))
    if (who !== datas[1].userId) throw new Error(`${meta.id} does not do the work: ${who}`)
    subjects.push({ id: meta.id, contender, make, cookies, datas })
  }
  const results = {}
  for (const [table, of] of Object.entries(TABLES)) {
    const times = new Map(subjects.map(({ id }) => [id, []]))
    for (let round = 0; round < rounds; round++) {
      for (const subject of subjects) {
        const options = { min_cpu_time: minCpuTime, inner_gc: false, batch_samples: 64 }
        const stats = await measure(timed(of(subject, subject.cookies)), options)
        times.get(subject.id).push(stats.p50 / 1000)
      }
    }
    results[table] = subjects
      .map(({ id }) => {
        const own = times.get(id)
        const ratios = own.map((time, round) => time / times.get(FLOOR)[round])
        return { id, microseconds: median(own), ratio: median(ratios) }
      })
      .toSorted((a, b) => a.ratio - b.ratio)
  }
  return results
}
