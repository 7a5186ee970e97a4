import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RUNTIMES, type RuntimeName } from './binaries.ts'
import { installInto, pack, run } from './packed.ts'
import type { TestReport } from './worker/vitest.ts'
import { suiteScript } from './worker-suite.ts'
import { startWorker } from './workerd.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs')

const LEFT_OUT_OFF_NODE: Record<string, string> = {
  'test/attacks/header-memory.test.ts': 'measures the heap of Node',
}
const LEFT_OUT_IN_A_WORKER: Record<string, string> = {
  ...LEFT_OUT_OFF_NODE,
  'test/src/password/node-rs.test.ts': 'an add-on for Node',
  'test/attacks/header-work.test.ts': 'asks adapters that do not run there (Next, Node)',
  'test/attacks/navigations.test.ts': 'asks adapters that do not run there (Next, Node)',
  'test/attacks/denied-responses.test.ts': 'asks adapters that do not run there (Next, Node)',
  'test/src/password/predecessors.test.ts': 'uses an add-on for Node',
  'test/attacks/regular-expressions.test.ts': 'reads the sources with TypeScript',
}

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => name.endsWith('.test.ts'))
const files = ['test/contracts.test.ts', ...filesOf('test/src'), ...filesOf('test/attacks')].toSorted()

interface Counts {
  readonly passed: number
  readonly skipped: number
  /** The names of those that failed. */
  readonly failed: readonly string[]
}

function report(runtime: string, { passed, skipped, failed }: Counts, since: number): void {
  const seconds = Math.round((performance.now() - since) / 1000)
  console.log(`${runtime}: ${passed} passed, ${failed.length} failed, ${skipped} skipped, ${seconds} s`)
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-runtimes-'))
const inNode = path.join(scratch, 'node')
const inBun = path.join(scratch, 'bun')
const folderOf = (runtime: RuntimeName): string => (runtime === 'bun' ? inBun : inNode)

beforeAll(async () => {
  for (const [name, reason] of Object.entries(LEFT_OUT_OFF_NODE))
    console.log(`left out in Bun and Deno: ${name}: ${reason}`)
  for (const [name, reason] of Object.entries(LEFT_OUT_IN_A_WORKER))
    console.log(`left out in workerd: ${name}: ${reason}`)
  const tarball = await pack(scratch)
  await installInto(inNode, ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball])
  await installInto(inBun, [RUNTIMES.bun[0], 'add', tarball])
}, 240_000)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const names = Object.keys(RUNTIMES) as RuntimeName[]

describe('the packed tarball, installed', () => {
  test.each(names)('%s: logs in and out', async (runtime) => {
    const file = path.join(folderOf(runtime), 'main.mjs')
    writeFileSync(file, readFileSync(path.join(import.meta.dirname, 'login.mjs')))
    const printed = await run([...RUNTIMES[runtime], file], folderOf(runtime))
    expect(printed.trim()).toBe('7 null')
  })

  // Two at a time (`maxConcurrency`): each keeps one core busy.
  test.concurrent.each(names)('%s: the core’s tests', { timeout: 900_000 }, async (runtime) => {
    const since = performance.now()
    const output = path.join(scratch, `${runtime}.json`)
    const config = ['--config', path.join(import.meta.dirname, 'vitest.config.ts')]
    const reporter = ['--reporter', 'json', '--outputFile', output]
    const env = { LATCHKEY_FROM: folderOf(runtime), LATCHKEY_ADAPTERS: 'fetch,hono,node' }
    // It ends with 1 where a test failed; which one is in its report.
    const chosen = runtime.startsWith('node')
      ? files
      : files.filter((name) => !Object.hasOwn(LEFT_OUT_OFF_NODE, name))
    try {
      await run([...RUNTIMES[runtime], VITEST, 'run', ...config, ...reporter, ...chosen], ROOT, env)
    } catch (error) {
      if (!readdirSync(scratch).includes(path.basename(output))) throw error
    }
    const counts = countsOf(JSON.parse(readFileSync(output, 'utf8')) as VitestReport)
    report(runtime, counts, since)
    expect(counts).toMatchObject({ failed: [], skipped: 0 })
    expect(counts.passed).toBeGreaterThan(1000)
  })

  test('workerd: the core’s tests', { timeout: 600_000 }, async () => {
    const since = performance.now()
    const inWorker = files.filter((name) => !(name in LEFT_OUT_IN_A_WORKER))
    const worker = await startWorker({
      script: await suiteScript(inWorker, inNode),
      bindings: { LATCHKEY_ADAPTERS: 'fetch,hono' },
    })
    const all: TestReport[] = []
    try {
      for (const file of inWorker) {
        const answer = await worker.dispatchFetch(`http://localhost/?${new URLSearchParams({ file })}`)
        if (!answer.ok) throw new Error(`${file}: ${answer.status} ${await answer.text()}`)
        all.push(...((await answer.json()) as TestReport[]))
      }
    } finally {
      await worker.dispose()
    }
    const failed = all
      .filter(({ state }) => state === 'fail')
      .map(({ name, message }) => `${name}: ${message}`)
    const passed = all.filter(({ state }) => state === 'pass').length
    const counts = { passed, failed, skipped: all.length - passed - failed.length }
    report('workerd', counts, since)
    expect(counts).toMatchObject({ failed: [], skipped: 0 })
    expect(counts.passed).toBeGreaterThan(1000)
  })
})

interface VitestReport {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[] | null
    }[]
  }[]
}

function countsOf({ numPassedTests, numPendingTests, numTodoTests, testResults }: VitestReport): Counts {
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (status === 'failed' && tests.length === 0) return [`${name}: ${message}`]
    return tests.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages?.[0]}`)
  })
  return { passed: numPassedTests, skipped: numPendingTests + numTodoTests, failed }
}
