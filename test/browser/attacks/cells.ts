import { spawnSync } from 'node:child_process'
import { describeWhere } from '../../engines/reach.ts'
import { isLeftOut } from '../chromium.ts'

/** The adapters and kinds of session that are attacked. */
const CELLS = [
  ['fetch', 'sealed'],
  ['hono', 'memory'],
] as const

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const obstacle = isLeftOut ? 'no Chromium' : hasOpenssl ? null : 'no openssl to make a certificate with'

/** A suite for each of them; left out where there is no browser, or no certificate. */
export function describeCells(name: string, suite: (adapter: string, sessions: string) => void): void {
  for (const [adapter, sessions] of CELLS)
    describeWhere(obstacle, `${name}, in Chromium: ${adapter}, ${sessions}`, () => suite(adapter, sessions))
}
