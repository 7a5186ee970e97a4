import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { startTests, type VitestRunner } from '@vitest/runner'
import type { expect as VitestExpect } from 'vitest'

/*
 * vitest where it cannot be: its own runner and its own `expect`, put together as vitest itself does.
 */

export { afterAll, beforeAll, describe, onTestFinished, test } from '@vitest/runner'

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)

const bare = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
)
export const expect = bare as unknown as typeof VitestExpect
const { extend } = chai.expect as unknown as { extend(expect: object, matchers: object): void }
Object.assign(expect, {
  getState: () => getState(expect),
  setState: (state: object) => setState(state, expect),
  extend: (matchers: object) => extend.call(chai.expect, expect, matchers),
})
setState({ assertionCalls: 0 }, expect)
Reflect.set(globalThis, GLOBAL_EXPECT, expect)
expect.extend(customMatchers)

/** Checked by the compiler, and nothing at run time. */
export const expectTypeOf = (): unknown => anything

const anything: unknown = new Proxy(() => anything, { get: () => anything })

/** What came of one test. */
export interface TestReport {
  readonly name: string
  readonly state: string
  readonly message: string | undefined
}

/** Runs the tests of one file. */
export async function runFile(file: string, load: () => Promise<unknown>): Promise<TestReport[]> {
  const reports: TestReport[] = []
  const runner: VitestRunner = {
    importFile: load,
    onAfterRunTask({ fullTestName, result }) {
      reports.push({
        name: fullTestName,
        state: result?.state ?? 'skip',
        message: result?.errors?.[0]?.stack ?? result?.errors?.[0]?.message,
      })
    },
    config: {
      root: '/',
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 30_000,
      hookTimeout: 30_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
  }
  const [ran] = await startTests([`/${file}`], runner)
  for (const { message } of ran?.result?.errors ?? []) reports.push({ name: file, state: 'fail', message })
  return reports
}
