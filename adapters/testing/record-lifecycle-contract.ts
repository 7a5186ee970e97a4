import { same } from './contract.ts'
import { type RecordCase, recordAt, timesAt } from './record-case.ts'

/** The contract of `RecordStore` about creating, reading, updating and deleting. */
export const LIFECYCLE_CASES: readonly RecordCase[] = [
  [
    'reads null for an id that was never created',
    async ({ store }) => same(await store.read('none'), null, 'read'),
  ],
  [
    'reads back what was created, times included',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1, b: 'two' })
      same(await store.create('id', record), true, 'create')
      same(await store.read('id'), record, 'read')
    },
  ],
  [
    'creates a record without data',
    async ({ store, clock }) => {
      same(await store.create('id', recordAt(clock, {})), true, 'create')
      same((await store.read('id'))?.data, {}, 'data')
    },
  ],
  [
    'refuses to create an id that exists, and leaves it as it was',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      same(await store.create('id', recordAt(clock, { b: 2 })), false, 'second create')
      same((await store.read('id'))?.data, { a: 1 }, 'data')
    },
    'atomic',
  ],
  [
    'keeps two ids apart',
    async ({ store, clock }) => {
      await store.create('one', recordAt(clock, { a: 1 }))
      await store.create('two', recordAt(clock, { a: 2 }))
      await store.update('one', { b: 1 }, timesAt(clock))
      await store.delete('one')
      same((await store.read('two'))?.data, { a: 2 }, 'the other')
    },
  ],
  [
    'tells ids apart by case',
    async ({ store, clock }) => {
      await store.create('abc', recordAt(clock, { a: 1 }))
      same(await store.read('ABC'), null, 'read')
    },
  ],
  [
    'keeps whose a record is, also when it changes',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), owner: 'alice' }
      await store.create('id', record)
      same(await store.read('id'), record, 'created')
      await store.update('id', { b: 2 }, timesAt(clock))
      same((await store.read('id'))?.owner, 'alice', 'updated')
      same((await store.delete('id'))?.owner, 'alice', 'deleted')
    },
  ],
  [
    'never creates by update',
    async ({ store, clock }) => {
      same(await store.update('none', { a: 1 }, timesAt(clock)), false, 'update')
      same(await store.read('none'), null, 'read')
    },
  ],
  [
    'never revives by update what was deleted',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.delete('id')
      same(await store.update('id', { b: 2 }, timesAt(clock)), false, 'update')
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'answers an update that changes nothing like any other',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1 })
      await store.create('id', record)
      same(await store.update('id', {}, timesAt(clock)), true, 'the same times')
      same(await store.update('id', { a: 1 }, timesAt(clock)), true, 'the same value')
      same(await store.read('id'), record, 'read')
    },
  ],
  [
    'gives a record back when it deletes it, as it was last',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1 })
      await store.create('id', record)
      await store.update('id', { b: 2 }, timesAt(clock))
      same(await store.delete('id'), { ...record, data: { a: 1, b: 2 } }, 'deleted')
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'deletes what is not there without complaint',
    async ({ store }) => same(await store.delete('none'), null, 'delete'),
  ],
  [
    'deletes with ifEmpty only what is empty',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      same(await store.delete('id', { ifEmpty: true }), null, 'delete of a full one')
      await store.update('id', { a: undefined }, timesAt(clock))
      same((await store.delete('id', { ifEmpty: true }))?.data, {}, 'delete of an empty one')
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'gives records that do not change afterwards',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const before = await store.read('id')
      await store.update('id', { a: 2, b: 3 }, timesAt(clock))
      same(before?.data, { a: 1 }, 'the record that was read before')
    },
  ],
  [
    'is not changed through what it was handed',
    async ({ store, clock }) => {
      const data: Record<string, unknown> = { a: 1 }
      await store.create('id', recordAt(clock, data))
      data.a = 2
      data.b = 3
      same((await store.read('id'))?.data, { a: 1 }, 'data')
    },
  ],
]
