import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../bundle.ts'
import { RUNTIMES, type RuntimeName } from './binaries.ts'
import type { Made } from './hashes.ts'
import { run } from './packed.ts'
import { startWorker } from './workerd.ts'

const PASSWORD = 'correct horse battery staple'
const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-hashes-'))
const program = path.join(scratch, 'hashes.mjs')
const workers = new Map<string, Miniflare>()

/** Makes hashes of the password, or gives back those of the given that it refuses. */
type Ask = (hashes: readonly string[]) => Promise<unknown>

const inProcess =
  (runtime: RuntimeName): Ask =>
  async (hashes) =>
    JSON.parse(await run([...RUNTIMES[runtime], program, PASSWORD, ...hashes], scratch))

const inWorker =
  (name: string): Ask =>
  async (hashes) => {
    const init = { method: 'POST', body: JSON.stringify([PASSWORD, ...hashes]) }
    const answer = await workers.get(name)?.dispatchFetch('http://localhost/', init)
    return answer?.json()
  }

/** Each runtime, and what of it derives in native code; what is not named, @noble/hashes does. */
const ALL: readonly (readonly [name: string, ask: Ask, native: readonly string[]])[] = [
  ['node 20', inProcess('node 20'), ['deriveBits', 'scrypt']],
  ['node 22', inProcess('node 22'), ['deriveBits', 'scrypt']],
  ['node 24', inProcess('node 24'), ['argon2', 'deriveBits', 'scrypt']],
  ['node 26', inProcess('node 26'), ['argon2', 'deriveBits', 'scrypt']],
  ['bun', inProcess('bun'), ['argon2', 'deriveBits', 'scrypt']],
  ['deno', inProcess('deno'), ['deriveBits', 'scrypt']],
  ['workerd', inWorker('workerd'), ['deriveBits', 'scrypt']],
  ['workerd without nodejs_compat', inWorker('bare'), ['deriveBits']],
]

beforeAll(async () => {
  writeFileSync(program, await bundled('runtimes/hashes-main.ts'))
  const script = await bundled('runtimes/hashes-worker.ts')
  workers.set('workerd', await startWorker({ script }))
  workers.set('bare', await startWorker({ script, flags: [] }))
})
afterAll(async () => {
  for (const worker of workers.values()) await worker.dispose()
  rmSync(scratch, { recursive: true, force: true })
})

describe('a hash made in one runtime', () => {
  const made = new Map<string, readonly string[]>()

  test.each(ALL)(
    '%s: what is native there, derives there',
    { timeout: 60_000 },
    async (name, ask, native) => {
      const { hashes, native: used } = (await ask([])) as Made
      made.set(name, hashes)
      expect(used).toEqual(native)
      expect(hashes.map((hashed) => hashed.split('$')[1])).toEqual(['argon2id', 'scrypt', 'pbkdf2-sha256'])
    },
  )

  test.each(ALL)('%s: verifies those of every other', { timeout: 120_000 }, async (name, ask) => {
    const others = [...made].filter(([other]) => other !== name).flatMap(([, hashes]) => hashes)
    expect(others).toHaveLength(3 * (ALL.length - 1))
    expect(await ask(others)).toEqual([])
  })

  test('is refused when it is of another password', async () => {
    const [argon2id = ''] = made.get('node 24') ?? []
    const changed = argon2id.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
    expect(await inProcess('bun')([argon2id, changed])).toEqual([changed])
  })

  test('is one that Bun.password reads, and the other way round', async () => {
    const [argon2id = ''] = made.get('node 20') ?? []
    const code = `const [password, hashed] = process.argv.slice(1)
      console.log(await Bun.password.verify(password, hashed), await Bun.password.hash(password))`
    const printed = await run([RUNTIMES.bun[0], '-e', code, PASSWORD, argon2id], scratch)
    const [verified, own = ''] = printed.trim().split(' ')
    expect(verified).toBe('true')
    expect(await inProcess('node 22')([own])).toEqual([])
  })
})

test('more PBKDF2 than Cloudflare allows is an error that names the way out, and no hang', async () => {
  const worker = await startWorker({ script: await bundled('runtimes/capped-worker.ts') })
  workers.set('capped', worker)
  await worker.dispatchFetch('http://localhost/', { method: 'POST' })
  const answer = await worker.dispatchFetch('http://localhost/', { method: 'POST' })
  const complaint =
    /^invalid_configuration: PBKDF2 with 600000 iterations is more .*Cloudflare Workers: 100,000.*scrypt/
  expect(await answer.json()).toEqual({
    withinTheCap: true,
    hashing: expect.stringMatching(complaint),
    verifying: expect.stringMatching(complaint),
    login: [500, expect.stringContaining('invalid_configuration')],
    // One environment, however many requests.
    asked: 1,
  })
})
