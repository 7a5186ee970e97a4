import { holds, same } from './contract.ts'
import { type RecordCase, recordAt, timesAt } from './record-case.ts'

/** The contract of `RecordStore` about the times of a record: only `keptUntil` means anything to a store. */
export const TIME_CASES: readonly RecordCase[] = [
  [
    'keeps each time by itself',
    async ({ store, clock }) => {
      const now = clock.now()
      const record = {
        data: {},
        createdAt: now - 4,
        renewedAt: now - 3,
        expiresAt: now + 2,
        keptUntil: now + 9,
      }
      await store.create('id', record)
      same(await store.read('id'), record, 'read')
    },
  ],
  [
    'moves the times with an update, and keeps createdAt',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1 })
      await store.create('id', record)
      clock.advance(60)
      const times = timesAt(clock, 7_000_000)
      await store.update('id', {}, times)
      same(await store.read('id'), { ...record, ...times }, 'record')
    },
  ],
  [
    'counts a record as missing from the very moment until which it is kept',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 2000))
      clock.advance(1.999)
      holds((await store.read('id')) !== null, 'it was gone before')
      clock.advance(0.001)
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'goes on with a record that has expired for as long as it is kept',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), expiresAt: clock.now() - 1 }
      await store.create('id', record)
      same(await store.read('id'), record, 'read')
      const times = { ...timesAt(clock), expiresAt: clock.now() - 2 }
      same(await store.update('id', {}, times), true, 'update')
      same(await store.delete('id'), { ...record, ...times }, 'delete')
    },
  ],
  [
    'refuses to create the id of a record that has expired for as long as it is kept',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), expiresAt: clock.now() - 1 }
      await store.create('id', record)
      same(await store.create('id', recordAt(clock, { b: 2 })), false, 'create')
      same(await store.read('id'), record, 'read')
    },
    'atomic',
  ],
  [
    'shows no record that is no longer kept, whenever it expires',
    async ({ store, clock }) => {
      const expiresAt = clock.now() + 3_600_000
      await store.create('created', { ...recordAt(clock, { a: 1 }, 1000), expiresAt })
      await store.create('updated', recordAt(clock, { a: 1 }))
      await store.update('updated', {}, { ...timesAt(clock, 1000), expiresAt })
      clock.advance(1)
      same(await store.read('created'), null, 'read of what was created')
      same(await store.read('updated'), null, 'read of what was updated')
    },
  ],
  [
    'never revives by update what is no longer kept',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(1)
      same(await store.update('id', { b: 2 }, timesAt(clock)), false, 'update')
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'gives back null when it deletes what is no longer kept',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(1)
      same(await store.delete('id'), null, 'delete')
    },
  ],
  [
    'creates anew where the record is no longer kept',
    async ({ store, clock }) => {
      await store.create('id', { ...recordAt(clock, { a: 1 }, 1000), owner: 'alice' })
      clock.advance(2)
      const record = recordAt(clock, { b: 2 })
      same(await store.create('id', record), true, 'create')
      same(await store.read('id'), record, 'read')
    },
  ],
  [
    'keeps a record longer when an update says so',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 2000))
      clock.advance(1)
      await store.update('id', {}, timesAt(clock, 5000))
      clock.advance(4)
      holds((await store.read('id')) !== null, 'the renewal was lost')
      clock.advance(2)
      same(await store.read('id'), null, 'read after the renewed end')
    },
  ],
  [
    'keeps a record shorter when an update says so',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.update('id', {}, timesAt(clock, 1000))
      clock.advance(2)
      same(await store.read('id'), null, 'read')
    },
  ],
]
