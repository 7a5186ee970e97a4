import type { IndexedRecordStore, PrunableRecordStore, RecordEntry, SessionRecord } from 'latchkey'
import { type TestClock, testClock } from './clock.ts'
import { type ContractCase, holds, same } from './contract.ts'

const HOUR = 3_600_000

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

function recordOf(owner: string | undefined, { now }: TestClock, lifeMs = HOUR): SessionRecord {
  const record = { data: { a: 1 }, createdAt: now(), renewedAt: now(), expiresAt: now() + lifeMs }
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
      await store.create('one', recordOf('alice', clock))
      clock.advance(60)
      const times = { renewedAt: clock.now(), expiresAt: clock.now() + 2 * HOUR }
      await store.update('one', { b: 2 }, times)
      const [listed] = await store.listByOwner('alice')
      same(listed?.record.data, { a: 1, b: 2 }, 'data')
      same(listed?.record.renewedAt, times.renewedAt, 'renewedAt')
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
    'lists no record that has expired, and goes on listing the others',
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
        const times = { renewedAt: clock.now(), expiresAt: clock.now() + 25 * HOUR }
        same(await store.update('one', {}, times), true, `update on day ${day}`)
        clock.advance(24 * 3600)
        await store.create(`short ${day}`, recordOf('alice', clock, 1000))
        holds(idsOf(await store.listByOwner('alice')).includes('one'), `missing on day ${day}`)
      }
    },
  ],
  [
    'lists what was superseded, with its mark, for as long as it is kept',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.supersede('one', 'two', clock.now() + 5000)
      same((await store.listByOwner('alice'))[0]?.record.replacedBy, 'two', 'replacedBy')
      clock.advance(5)
      same(await store.listByOwner('alice'), [], 'list')
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
    'gives marks back when it deletes what was superseded',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.supersede('one', 'two', clock.now() + 5000)
      same((await store.deleteByOwner('alice'))[0]?.record.replacedBy, 'two', 'replacedBy')
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
      const times = { renewedAt: clock.now(), expiresAt: clock.now() + HOUR }
      same(await store.update('one', { b: 2 }, times), false, 'update')
      same(await store.listByOwner('alice'), [], 'list')
    },
  ],
  [
    'finds a record under its new owner alone when an expired id is created anew',
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
    'prunes what has expired, says how many, and leaves what lives',
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
      same(await store.prune(clock.now() + 999), 0, 'before its end')
      same(await store.prune(clock.now() + 1000), 1, 'at its end')
    },
  ],
  [
    'prunes marks too',
    async (store, clock) => {
      await store.create('one', recordOf('alice', clock))
      await store.supersede('one', 'two', clock.now() + 5000)
      clock.advance(5)
      same(await store.prune(), 1, 'pruned')
    },
  ],
]
