// Loads one server: by wrk where it is on PATH, since it leaves the server more of a small machine, else by autocannon.
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import autocannon from 'autocannon'

const run = promisify(execFile)
const hasWrk = spawnSync('wrk', ['-v']).error === undefined
export const CLIENT = hasWrk ? 'wrk' : 'autocannon'

/** Requests per second. Throws where an answer was no success: it would be a wrong one, answered fast. */
export async function load({ name, url, headers, connections, seconds }) {
  const { rps, failed } = await (hasWrk ? byWrk : byAutocannon)({ url, headers, connections, seconds })
  if (failed > 0) throw new Error(`${name}: ${failed} answers were no success`)
  return rps
}

async function byWrk({ url, headers, connections, seconds }) {
  const given = Object.entries(headers).flatMap(([key, value]) => ['-H', `${key}: ${value}`])
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, ...given, url])
  return {
    rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  }
}

async function byAutocannon({ url, headers, connections, seconds }) {
  const { requests, non2xx } = await autocannon({ url, headers, connections, duration: seconds })
  return { rps: requests.average, failed: non2xx }
}
