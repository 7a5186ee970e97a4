import { connect } from 'node:net'
import { describe } from 'vitest'

/** Where the engines are: their usual environment variables, or their standard local ports. */
export const URLS = {
  redis: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  postgres: process.env.POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test',
  mysql: process.env.MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/test',
} as const

export type ServerName = keyof typeof URLS

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

/**
 * A suite that needs servers. Where one is missing it is left out, which is printed; not in CI, where nothing may be.
 */
export function describeWith(needed: readonly ServerName[], name: string, suite: () => void): void {
  const absent = needed.filter((server) => missing.has(server))
  if (absent.length === 0) return void describe(name, suite)
  const reason = `no ${absent.join(', ')} at ${absent.map((server) => URLS[server]).join(', ')}`
  if (process.env.CI) throw new Error(`${name}: ${reason}`)
  console.log(`left out: ${name}: ${reason}`)
  describe.skip(`${name} (${reason})`, suite)
}

/** A name that no other run uses, fit for a table or a key prefix. */
export function freshName(what: string): string {
  return `latchkey_${what}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
}
