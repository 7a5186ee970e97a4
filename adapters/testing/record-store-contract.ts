import type { EventualRecordStore, RecordStore } from 'latchkey'
import { ReadModifyWrite } from 'latchkey/adapter'
import { type TestClock, testClock } from './clock.ts'
import type { ContractCase } from './contract.ts'
import type { RecordCase } from './record-case.ts'
import { KEY_CASES } from './record-keys-contract.ts'
import { LIFECYCLE_CASES } from './record-lifecycle-contract.ts'
import { MARK_CASES } from './record-marks-contract.ts'
import { PARALLEL_CASES } from './record-parallel-contract.ts'
import { TIME_CASES } from './record-times-contract.ts'
import { VALUE_CASES } from './record-values-contract.ts'

const CASES: readonly RecordCase[] = [
  ...LIFECYCLE_CASES,
  ...VALUE_CASES,
  ...KEY_CASES,
  ...TIME_CASES,
  ...MARK_CASES,
  ...PARALLEL_CASES,
]

/**
 * The contract of `RecordStore`: one case per requirement. Run them against your own store:
 *
 *     for (const { name, run } of recordStoreContract((clock) => myStore({ now: clock.now }))) test(name, run)
 *
 * @param make Returns a new, empty store for each case, which reads the time from this clock.
 */
export function recordStoreContract(
  make: (clock: TestClock) => RecordStore | Promise<RecordStore>,
): readonly ContractCase[] {
  return casesOf(CASES, make)
}

/**
 * The contract of `EventualRecordStore`: the requirements of `RecordStore` that hold without atomic calls,
 * tested with one call after the other.
 *
 * @param make As for {@link recordStoreContract}.
 */
export function eventualRecordStoreContract(
  make: (clock: TestClock) => EventualRecordStore | Promise<EventualRecordStore>,
): readonly ContractCase[] {
  const calm = CASES.filter(([, , needs]) => needs === undefined)
  return casesOf(calm, async (clock) => new ReadModifyWrite(await make(clock)))
}

function casesOf(
  cases: readonly RecordCase[],
  make: (clock: TestClock) => RecordStore | Promise<RecordStore>,
): readonly ContractCase[] {
  return cases.map(([name, check]) => ({
    name,
    async run() {
      const clock = testClock()
      await check({ store: await make(clock), clock })
    },
  }))
}
