import { holds, same } from './contract.ts'
import { markAt, type RecordCase, recordAt, timesAt } from './record-case.ts'

/** The contract of `RecordStore` about calls at the same time. */
export const PARALLEL_CASES: readonly RecordCase[] = [
  [
    'creates an id once, however many ask at the same time',
    async ({ store, clock }) => {
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.create('id', recordAt(clock, { i }))),
      )
      same(made.filter(Boolean).length, 1, 'creations')
    },
    'atomic',
  ],
  [
    'loses no key of 50 parallel updates',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, {}))
      const keys = Array.from({ length: 50 }, (_, i) => `k${i}`)
      await Promise.all(keys.map((key) => store.update('id', { [key]: 1 }, timesAt(clock))))
      same(Object.keys((await store.read('id'))?.data ?? {}).length, 50, 'keys')
    },
    'atomic',
  ],
  [
    'loses no update that was answered true when it supersedes at the same time',
    async ({ store, clock }) => {
      for (let round = 0; round < 10; round++) {
        const id = `round ${round}`
        await store.create(id, recordAt(clock, { a: 1 }))
        const update = async (key: string): Promise<readonly string[]> =>
          (await store.update(id, { [key]: 1 }, timesAt(clock))) ? [key] : []
        const first = ['b', 'c', 'd', 'e', 'f', 'g'].map(update)
        const superseded = store.supersede(id, markAt(clock), clock.now() + 5000)
        const others = ['h', 'i', 'j', 'k', 'l', 'm'].map(update)
        const updated = (await Promise.all([...first, ...others])).flat()
        const expected = Object.fromEntries(['a', ...updated].map((key) => [key, 1]))
        same((await superseded)?.data, expected, `data of what was superseded, ${id}`)
        same((await store.read(id))?.data, {}, `data that is left, ${id}`)
      }
    },
    'atomic',
  ],
  [
    'lets a record be superseded once, however many ask at the same time',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const next = ['a', 'b', 'c', 'd', 'e']
      const given = await Promise.all(
        next.map((by) => store.supersede('id', markAt(clock, by), clock.now() + 5000)),
      )
      same(given.filter((record) => record !== null).length, 1, 'callers who got it')
      const winner = given.findIndex((record) => record !== null)
      same(given[winner]?.data, { a: 1 }, 'data')
      same((await store.read('id'))?.mark, markAt(clock, next[winner]), 'mark')
    },
    'atomic',
  ],
  [
    'shows the mark to a delete at the same time as the supersede that got the record',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const [superseded, deleted] = await Promise.all([
        store.supersede('id', markAt(clock), clock.now() + 5000),
        store.delete('id'),
      ])
      holds(deleted !== null, 'the delete returned null')
      if (superseded !== null) same(deleted?.mark, markAt(clock), 'what the delete saw')
      same(await store.read('id'), null, 'read')
    },
    'atomic',
  ],
  [
    'gives a deleted record to one caller only',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const given = await Promise.all(Array.from({ length: 10 }, () => store.delete('id')))
      same(given.filter((record) => record !== null).length, 1, 'callers who got it')
    },
    'atomic',
  ],
  [
    'keeps nothing of a deletion amid parallel updates',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const update = (i: number) => store.update('id', { [`k${i}`]: 1 }, timesAt(clock))
      await Promise.all([update(1), update(2), store.delete('id'), update(3), update(4)])
      same(await store.read('id'), null, 'read')
    },
    'atomic',
  ],
]
