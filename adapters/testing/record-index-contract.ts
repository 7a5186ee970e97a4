import type { IndexedRecordStore, PrunableRecordStore, RecordEntry, SessionRecord } from 'latchkey'
import { type TestClock, testClock } from './clock.ts'
import { type ContractCase, holds, same } from './contract.ts'
import { markAt, recordAt, timesAt } from './record-case.ts'

const HOUR = 3_600_000
const DAY_SECONDS = 86_400

/**
 * The contract of `IndexedRecordStore`, in addition to {@link recordStoreContract}: one case per requirement.
 *
 * @param make Returns a new, empty store for each case, which reads the time from this clock.
 */
export function recordIndexContract(
  make: (clock: TestClock) => IndexedRecordStore | Promise<IndexedRecordStore>,
): readonly ContractCase[] {
  return INDEX_CASES.map(([name, check]) => ({
    name,
    async run() {
      const clock = testClock()
      await check(await make(clock), clock)
    },
  }))
}

/**
 * The contract of `PrunableRecordStore`: one case per requirement.
 *
 * @param make As for {@link recordIndexContract}.
 */
export function recordPruneContract(
  make: (clock: TestClock) => PrunableRecordStore | Promise<PrunableRecordStore>,
): readonly ContractCase[] {
  return PRUNE_CASES.map(([name, check]) => ({
    name,
    async run() {
      const clock = testClock()
      await check(await make(clock), clock)
    },
  }))
}

type Case<Store> = readonly [name: string, check: (store: Store, clock: TestClock) => Promise<void>]

function recordOf(owner: string | undefined, clock: TestClock, keptMs?: number): SessionRecord {
  const record = recordAt(clock, { a: 1 }, keptMs)
  return owner === undefined ? record : { ...record, owner }
}

const idsOf = (records: readonly RecordEntry[]): string[] => records.map(({ id }) => id).sort()

const INDEX_CASES: readonly Case<IndexedRecordStore>[] = [
  [
    'lists nothing for an owner without records',
    async (store) => same(await store.listByOwner('alice'), [], 'list'),
  ],
  [
    'lists the complete records of one owner, and of no other',
    async (store, clock) => {
      const record = recordOf('alice', clock)
      await store.create('one', record)
      await store.create('two', record)
      await store.create('of bob', recordOf('bob', clock))
      await store.create('of nobody', recordOf(undefined, clock))
      const list = await store.listByOwner('alice')
      same(idsOf(list), ['one', 'two'], 'ids')
      same(list[0]?.record, record, 'record')
    },
  ],
  [
    'tells owners apart by case',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      same(await store.listByOwner('ALICE'), [], 'list')
    },
  ],
  [
    'lists a record as it is after a change',
    async (store, clock) => {
      const record = recordOf('alice', clock)
      await store.create('one', record)
      clock.advance(60)
      const times = timesAt(clock, 2 * HOUR)
      await store.update('one', { b: 2 }, times)
      const [listed] = await store.listByOwner('alice')
      same(listed?.record, { ...record, ...times, data: { a: 1, b: 2 } }, 'record')
    },
  ],
  [
    'lists no record that was deleted',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.create('two', recordOf('alice', clock))
      await store.delete('one')
      same(idsOf(await store.listByOwner('alice')), ['two'], 'ids')
    },
  ],
  [
    'lists no record that is no longer kept, and goes on listing the others',
    async (store, clock) => {
      await store.create('short', recordOf('alice', clock, 1000))
      await store.create('long', recordOf('alice', clock))
      clock.advance(1)
      same(idsOf(await store.listByOwner('alice')), ['long'], 'ids')
      await store.create('new', recordOf('alice', clock))
      same(idsOf(await store.listByOwner('alice')), ['long', 'new'], 'ids after a new one')
    },
  ],
  [
    'lists a record for as long as renewals keep it alive',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      for (let day = 0; day < 30; day++) {
        const times = timesAt(clock, 25 * HOUR)
        same(await store.update('one', {}, times), true, `update on day ${day}`)
        clock.advance(DAY_SECONDS)
        await store.create(`short ${day}`, recordOf('alice', clock, 1000))
        holds(idsOf(await store.listByOwner('alice')).includes('one'), `missing on day ${day}`)
      }
    },
  ],
  [
    'lists a record that has expired for as long as it is kept',
    async (store, clock) => {
      await store.create('one', { ...recordOf('alice', clock), expiresAt: clock.now() - 1 })
      same(idsOf(await store.listByOwner('alice')), ['one'], 'ids')
    },
  ],
  [
    'lists what is superseded, with its mark and without data, for as long as it is kept',
    async (store, clock) => {
      const record = recordOf('alice', clock)
      await store.create('one', record)
      const [mark, keptUntil] = [markAt(clock), clock.now() + 5000]
      await store.supersede('one', mark, keptUntil)
      same(
        await store.listByOwner('alice'),
        [{ id: 'one', record: { ...record, data: {}, keptUntil, mark } }],
        'list',
      )
      clock.advance(5)
      same(await store.listByOwner('alice'), [], 'list afterwards')
    },
  ],
  [
    'lists what is superseded also if it is kept much longer than it would have been',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      const before = await store.supersede('one', markAt(clock), clock.now() + 30 * DAY_SECONDS * 1000)
      same(before?.data, { a: 1 }, 'data of what was superseded')
      clock.advance(29 * DAY_SECONDS)
      await store.create('two', recordOf('alice', clock))
      same(idsOf(await store.listByOwner('alice')), ['one', 'two'], 'ids')
    },
  ],
  [
    'lists a record that is created with a mark',
    async (store, clock) => {
      await store.create('one', { ...recordOf('alice', clock), data: {}, mark: markAt(clock) })
      same((await store.listByOwner('alice'))[0]?.record.mark, markAt(clock), 'mark')
    },
  ],
  [
    'lists 100 records of one owner',
    async (store, clock) => {
      const ids = Array.from({ length: 100 }, (_, i) => `id ${i}`).sort()
      await Promise.all(ids.map((id) => store.create(id, recordOf('alice', clock))))
      same(idsOf(await store.listByOwner('alice')), ids, 'ids')
    },
  ],
  [
    'deletes the records of one owner, gives them back, and touches no other',
    async (store, clock) => {
      const record = recordOf('alice', clock)
      await store.create('one', record)
      await store.create('two', record)
      await store.create('of bob', recordOf('bob', clock))
      const ended = await store.deleteByOwner('alice')
      same(idsOf(ended), ['one', 'two'], 'given back')
      same(ended[0]?.record, record, 'record')
      same(await store.read('one'), null, 'read')
      same(await store.listByOwner('alice'), [], 'list')
      holds((await store.read('of bob')) !== null, 'the record of another owner is gone')
    },
  ],
  [
    'deletes what is superseded too, and gives it back with its mark',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.supersede('one', markAt(clock), clock.now() + 5000)
      const [deleted] = await store.deleteByOwner('alice')
      same(deleted?.record.mark, markAt(clock), 'mark')
      same(deleted?.record.data, {}, 'data')
      same(await store.read('one'), null, 'read')
    },
  ],
  [
    'deletes nothing for an owner without records',
    async (store) => same(await store.deleteByOwner('alice'), [], 'given back'),
  ],
  [
    'gives each record to one caller only, however many delete at the same time',
    async (store, clock) => {
      const ids = Array.from({ length: 10 }, (_, i) => `id ${i}`).sort()
      for (const id of ids) await store.create(id, recordOf('alice', clock))
      const given = await Promise.all([
        store.deleteByOwner('alice'),
        store.deleteByOwner('alice'),
        store.deleteByOwner('alice'),
      ])
      same(idsOf(given.flat()), ids, 'given back in all')
    },
  ],
  [
    'leaves nothing behind that an update could revive',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.deleteByOwner('alice')
      same(await store.update('one', { b: 2 }, timesAt(clock)), false, 'update')
      same(await store.listByOwner('alice'), [], 'list')
    },
  ],
  [
    'finds a record under its new owner alone when an id that is no longer kept is created anew',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock, 1000))
      clock.advance(1)
      await store.create('one', recordOf('bob', clock))
      same(await store.listByOwner('alice'), [], 'list of the first')
      same(idsOf(await store.listByOwner('bob')), ['one'], 'list of the second')
    },
  ],
]

const PRUNE_CASES: readonly Case<PrunableRecordStore>[] = [
  ['prunes nothing from an empty store', async (store) => same(await store.prune(), 0, 'pruned')],
  [
    'prunes what is no longer kept, says how many, and leaves the others',
    async (store, clock) => {
      for (let i = 0; i < 25; i++) await store.create(`short ${i}`, recordOf('alice', clock, 1000))
      for (let i = 0; i < 5; i++) await store.create(`long ${i}`, recordOf('alice', clock))
      clock.advance(1)
      same(await store.prune(), 25, 'pruned')
      same(await store.prune(), 0, 'pruned again')
      for (let i = 0; i < 5; i++) holds((await store.read(`long ${i}`)) !== null, `long ${i} is gone`)
    },
  ],
  [
    'prunes by the time that it is given',
    async (store, clock) => {
      await store.create('one', recordOf(undefined, clock, 1000))
      same(await store.prune(clock.now() + 999), 0, 'while it is kept')
      same(await store.prune(clock.now() + 1000), 1, 'from then on')
    },
  ],
  [
    'prunes marks too',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.supersede('one', markAt(clock), clock.now() + 5000)
      same(await store.prune(clock.now() + 4999), 0, 'while it is kept')
      clock.advance(5)
      same(await store.prune(), 1, 'pruned')
    },
  ],
]
