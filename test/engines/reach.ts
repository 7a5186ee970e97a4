import { connect } from 'node:net'
import { describe } from 'vitest'
import { type ServerName, URLS } from './urls.ts'

export { type ServerName, URLS } from './urls.ts'

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })
}

const names = Object.keys(URLS) as ServerName[]
const found = await Promise.all(names.map((name) => answers(URLS[name])))
const missing = new Set(names.filter((_, i) => !found[i]))

/** A suite that needs servers; left out where one is missing. */
export function describeWith(needed: readonly ServerName[], name: string, suite: () => void): void {
  const absent = needed.filter((server) => missing.has(server))
  const where = absent.map((server) => URLS[server]).join(', ')
  describeWhere(absent.length === 0 ? null : `no ${absent.join(', ')} at ${where}`, name, suite)
}

/** A suite that an obstacle keeps from running: it is left out, which is printed; not in CI, where nothing may be. */
export function describeWhere(obstacle: string | null, name: string, suite: () => void): void {
  if (obstacle === null) return void describe(name, suite)
  if (process.env.CI) throw new Error(`${name}: ${obstacle}`)
  console.log(`left out: ${name}: ${obstacle}`)
  describe.skip(`${name} (${obstacle})`, suite)
}

/** A name that no other run uses, fit for a table or a key prefix. */
export function freshName(what: string): string {
  return `latchkey_${what}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
}
