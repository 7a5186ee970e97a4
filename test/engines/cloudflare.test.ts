import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Env, suitesOf } from './cloudflare-worker.ts'
import { startWorkerd } from './miniflare.ts'

let workerd: Miniflare
beforeAll(async () => {
  workerd = await startWorkerd('engines/cloudflare-worker.ts')
})
afterAll(() => workerd.dispose())

// Here for the names alone: the cases themselves run inside of workerd.
describe.each(Object.entries(suitesOf({} as Env)))('in workerd: %s', (suite, cases) => {
  test.each(cases.map(({ name }, i) => [name, i] as const))('%s', async (_, i) => {
    const query = new URLSearchParams({ suite, case: String(i) })
    const answer = await workerd.dispatchFetch(`http://localhost/?${query}`, { method: 'POST' })
    expect(await answer.json()).toEqual({ ok: true })
  })
})
