import type { SessionMark } from 'latchkey'
import { holds, same } from './contract.ts'
import { markAt, type RecordCase, recordAt, timesAt } from './record-case.ts'

const READABLE_UNTIL = 1_767_225_610_123

const MARKS: readonly SessionMark[] = [
  { kind: 'login', readableUntil: READABLE_UNTIL, next: 'next' },
  { kind: 'login', readableUntil: 0, next: null },
  { kind: 'rotation', readableUntil: READABLE_UNTIL, next: 'x'.repeat(64) },
  { kind: 'ended', reason: 'revoked', readableUntil: READABLE_UNTIL, next: null },
  { kind: 'ended', reason: `"quoted' and é \\ 🔑`, readableUntil: READABLE_UNTIL, next: 'next' },
  { kind: 'ended', readableUntil: READABLE_UNTIL, next: null },
]

/** The contract of `RecordStore` about `supersede` and what it leaves behind. */
export const MARK_CASES: readonly RecordCase[] = [
  ...MARKS.map(
    (mark): RecordCase => [
      `keeps the mark ${JSON.stringify(mark)} exactly`,
      async ({ store, clock }) => {
        await store.create('superseded', recordAt(clock, { a: 1 }))
        await store.supersede('superseded', mark, clock.now() + 5000)
        same((await store.read('superseded'))?.mark, mark, 'read')
        same((await store.delete('superseded'))?.mark, mark, 'deleted')
        await store.create('created', { ...recordAt(clock, {}), mark })
        same((await store.read('created'))?.mark, mark, 'read of what was created with it')
      },
    ],
  ),
  [
    'gives a record back as it was before it is superseded',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1, b: 2 }), owner: 'alice' }
      await store.create('id', record)
      const times = timesAt(clock, 7_000_000)
      await store.update('id', { b: undefined, c: 3 }, times)
      const before = await store.supersede('id', markAt(clock), clock.now() + 5000)
      same(before, { ...record, ...times, data: { a: 1, c: 3 } }, 'supersede')
      holds(before !== null && !('mark' in before), 'it has a mark')
    },
  ],
  [
    'empties the data of what is superseded, and keeps its owner and its other times',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), owner: 'alice' }
      await store.create('id', record)
      await store.update('id', { b: 2 }, timesAt(clock))
      clock.advance(60)
      const mark = markAt(clock)
      const keptUntil = clock.now() + 5000
      await store.supersede('id', mark, keptUntil)
      const marked = { ...record, data: {}, keptUntil, mark }
      same(await store.read('id'), marked, 'read')
      same(await store.delete('id'), marked, 'deleted')
      same(await store.read('id'), null, 'read after the deletion')
    },
  ],
  [
    'keeps what is superseded until the time that is given, shorter or longer than before',
    async ({ store, clock }) => {
      await store.create('shorter', recordAt(clock, { a: 1 }))
      await store.create('longer', recordAt(clock, { a: 1 }, 1000))
      for (const id of ['shorter', 'longer']) await store.supersede(id, markAt(clock), clock.now() + 5000)
      clock.advance(4.999)
      for (const id of ['shorter', 'longer'])
        holds((await store.read(id)) !== null, `${id}: it was gone before`)
      clock.advance(0.001)
      for (const id of ['shorter', 'longer']) same(await store.read(id), null, id)
    },
  ],
  [
    'supersedes an empty record like any other',
    async ({ store, clock }) => {
      const record = recordAt(clock, {})
      await store.create('id', record)
      same(await store.supersede('id', markAt(clock), clock.now() + 5000), record, 'supersede')
      same((await store.read('id'))?.mark, markAt(clock), 'mark')
    },
  ],
  [
    'supersedes nothing that is not there, or no longer kept',
    async ({ store, clock }) => {
      same(await store.supersede('none', markAt(clock), clock.now() + 5000), null, 'supersede')
      same(await store.read('none'), null, 'read')
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(1)
      same(await store.supersede('id', markAt(clock), clock.now() + 5000), null, 'supersede of an old one')
      same(await store.read('id'), null, 'read of an old one')
    },
  ],
  [
    'supersedes once, and leaves the first mark as it is',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.supersede('id', markAt(clock, 'first'), clock.now() + 5000)
      const marked = await store.read('id')
      same(await store.supersede('id', markAt(clock, 'second'), clock.now() + 9000), null, 'second supersede')
      same(await store.read('id'), marked, 'read')
    },
  ],
  [
    'refuses to update what is superseded',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.supersede('id', markAt(clock), clock.now() + 5000)
      const marked = await store.read('id')
      same(await store.update('id', { b: 2, a: undefined }, timesAt(clock, 9000)), false, 'update')
      same(await store.update('id', {}, timesAt(clock, 9000)), false, 'update of the times')
      same(await store.read('id'), marked, 'read')
    },
  ],
  [
    'leaves what is superseded to a delete without ifEmpty',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, {}))
      await store.supersede('id', markAt(clock), clock.now() + 5000)
      same(await store.delete('id', { ifEmpty: true }), null, 'delete with ifEmpty')
      same((await store.read('id'))?.mark, markAt(clock), 'mark')
      same((await store.delete('id'))?.mark, markAt(clock), 'mark of what was deleted')
    },
  ],
  [
    'treats a record that is created with a mark as a superseded one',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, {}), owner: 'alice', mark: markAt(clock) }
      same(await store.create('id', record), true, 'create')
      same(await store.read('id'), record, 'read')
      same(await store.update('id', { a: 1 }, timesAt(clock)), false, 'update')
      same(await store.supersede('id', markAt(clock, 'other'), clock.now() + 5000), null, 'supersede')
      same(await store.delete('id', { ifEmpty: true }), null, 'delete with ifEmpty')
      same(await store.delete('id'), record, 'deleted')
    },
  ],
  [
    'refuses to create an id that is superseded',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.supersede('id', markAt(clock), clock.now() + 5000)
      same(await store.create('id', recordAt(clock, { b: 2 })), false, 'create')
      same((await store.read('id'))?.mark, markAt(clock), 'mark')
    },
    'atomic',
  ],
  [
    'creates anew, whole, where what was superseded is no longer kept',
    async ({ store, clock }) => {
      await store.create('id', { ...recordAt(clock, { a: 1 }), owner: 'alice' })
      await store.supersede('id', markAt(clock), clock.now() + 5000)
      clock.advance(5)
      const record = recordAt(clock, { b: 2 })
      same(await store.create('id', record), true, 'create')
      same(await store.read('id'), record, 'read')
    },
  ],
  [
    'does not change its marks through what it was handed',
    async ({ store, clock }) => {
      const mark: { -readonly [Key in keyof SessionMark]: SessionMark[Key] } = markAt(clock)
      await store.create('superseded', recordAt(clock, { a: 1 }))
      await store.supersede('superseded', mark, clock.now() + 5000)
      await store.create('created', { ...recordAt(clock, {}), mark })
      mark.next = 'other'
      same((await store.read('superseded'))?.mark?.next, 'next', 'superseded')
      same((await store.read('created'))?.mark?.next, 'next', 'created')
    },
  ],
  [
    'does not change the record that was read before it is superseded',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1 })
      await store.create('id', record)
      const before = await store.read('id')
      await store.supersede('id', markAt(clock), clock.now() + 5000)
      same(before, record, 'the record that was read before')
    },
  ],
]
