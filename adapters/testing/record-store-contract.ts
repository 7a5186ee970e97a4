import type { EventualRecordStore, RecordStore, SessionRecord } from 'latchkey'
import { patched, ReadModifyWrite } from 'latchkey/adapter'
import { type TestClock, testClock } from './clock.ts'
import { type ContractCase, holds, same } from './contract.ts'

interface Subject {
  readonly store: RecordStore
  readonly clock: TestClock
}

const HOUR = 3_600_000

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
  cases: readonly Case[],
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

type Case = readonly [name: string, check: (subject: Subject) => Promise<void>, needs?: 'atomic']

function recordAt({ now }: TestClock, data: Record<string, unknown>, lifeMs = HOUR): SessionRecord {
  return { data, createdAt: now(), renewedAt: now(), expiresAt: now() + lifeMs }
}

function timesAt({ now }: TestClock, lifeMs = HOUR): { renewedAt: number; expiresAt: number } {
  return { renewedAt: now(), expiresAt: now() + lifeMs }
}

/** A seeded random number generator: each number is at least 0 and less than `below`. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** JSON values that some stores have been seen to alter. */
const VALUES: Readonly<Record<string, unknown>> = {
  'a string': 'x',
  'an empty string': '',
  'a string of digits': '42',
  'an integer': 42,
  zero: 0,
  'a negative number': -1,
  'a fraction': 0.1,
  'the largest safe integer': Number.MAX_SAFE_INTEGER,
  true: true,
  false: false,
  null: null,
  'an empty array': [],
  'an empty object': {},
  'nested data': { a: [1, { b: [null, 'c'] }] },
  'an array of arrays': [[1], [2, [3]]],
  'an astral character': '𝒳 and 👩‍👩‍👧',
  'a quote and a backslash': `"'\\`,
  'a newline and a tab': 'a\n\tb',
  NUL: 'a\0b',
  'a number beyond all integers': 1e300,
  'a very small number': 1e-7,
  'data as deep as a session may be': JSON.parse('['.repeat(32) + ']'.repeat(32)) as unknown,
  'text that looks like JSON': '{"a":1}',
  'text that looks like SQL': "'; DROP TABLE sessions; --",
  '10 kB of text': 'x'.repeat(10_000),
}

const KEYS = [
  'a',
  'with space',
  'with.dot',
  'with"quote',
  "with'quote",
  'with\\backslash',
  '$.path',
  'ünï',
  'constructor',
  '0',
  'a-b',
  '🔑',
  '%',
  '*',
  '{a}',
  ' ',
  'x'.repeat(256),
  '_auth_user_id',
]

const CASES: readonly Case[] = [
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
  ...Object.entries(VALUES).map(
    ([name, value]): Case => [
      `keeps ${name} as it is, created and patched`,
      async ({ store, clock }) => {
        await store.create('id', recordAt(clock, { created: value, other: 1 }))
        await store.update('id', { patched: value }, timesAt(clock))
        same((await store.read('id'))?.data, { created: value, other: 1, patched: value }, 'data')
      },
    ],
  ),
  ...KEYS.map(
    (key): Case => [
      `keeps, replaces and removes the key ${JSON.stringify(key)}`,
      async ({ store, clock }) => {
        await store.create('id', recordAt(clock, { [key]: 1, other: 0 }))
        await store.update('id', { [key]: 2 }, timesAt(clock))
        same((await store.read('id'))?.data, { [key]: 2, other: 0 }, 'replaced')
        await store.update('id', { [key]: undefined }, timesAt(clock))
        same(Object.keys((await store.read('id'))?.data ?? {}), ['other'], 'keys after removal')
      },
    ],
  ),
  [
    'tells keys apart by case, accent and blank',
    async ({ store, clock }) => {
      const data = { a: 1, A: 2, á: 3, 'a ': 4, ' a': 5 }
      await store.create('id', recordAt(clock, data))
      same((await store.read('id'))?.data, data, 'created')
      await store.update('id', { A: 20, 'a ': undefined }, timesAt(clock))
      same((await store.read('id'))?.data, { a: 1, A: 20, á: 3, ' a': 5 }, 'updated')
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
    'creates anew where the record has expired',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(2)
      same(await store.create('id', recordAt(clock, { b: 2 })), true, 'create')
      same((await store.read('id'))?.data, { b: 2 }, 'data')
    },
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
    'updates key by key: others stay',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1, b: 2 }))
      same(await store.update('id', { b: 3, c: 4 }, timesAt(clock)), true, 'update')
      same((await store.read('id'))?.data, { a: 1, b: 3, c: 4 }, 'data')
    },
  ],
  [
    'replaces a value as a whole: objects are not merged',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: { x: 1 } }))
      await store.update('id', { a: { y: 2 } }, timesAt(clock))
      same((await store.read('id'))?.data.a, { y: 2 }, 'a')
    },
  ],
  [
    'moves the times with an update, and keeps createdAt',
    async ({ store, clock }) => {
      const record = recordAt(clock, { a: 1 })
      await store.create('id', record)
      clock.advance(60)
      await store.update('id', {}, timesAt(clock))
      same(await store.read('id'), { ...record, ...timesAt(clock) }, 'record')
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
    'never revives by update what has expired',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(1)
      same(await store.update('id', { b: 2 }, timesAt(clock)), false, 'update')
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'counts a record as missing from the very moment of its end',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 2000))
      clock.advance(1.999)
      holds((await store.read('id')) !== null, 'it was gone before its end')
      clock.advance(0.001)
      same(await store.read('id'), null, 'read at its end')
    },
  ],
  [
    'lives longer when it was renewed',
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
    'ends earlier when it was shortened',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.update('id', {}, timesAt(clock, 1000))
      clock.advance(2)
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'gives a record back with its mark when it is superseded, and shows by what',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), owner: 'somebody' }
      await store.create('id', record)
      const marked = { ...record, expiresAt: clock.now() + 5000, replacedBy: 'next' }
      same(await store.supersede('id', 'next', clock.now() + 5000), marked, 'supersede')
      same(await store.read('id'), marked, 'read')
      same((await store.delete('id'))?.replacedBy, 'next', 'replacedBy of what was deleted')
    },
  ],
  [
    'keeps whose a record is, also when it changes',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, { a: 1 }), owner: 'somebody' }
      await store.create('id', record)
      same(await store.read('id'), record, 'created')
      await store.update('id', { b: 2 }, timesAt(clock))
      same((await store.read('id'))?.owner, 'somebody', 'updated')
      same((await store.delete('id'))?.owner, 'somebody', 'deleted')
    },
  ],
  [
    'creates anew, whole, where a superseded record has expired',
    async ({ store, clock }) => {
      await store.create('id', { ...recordAt(clock, { a: 1 }), owner: 'somebody' })
      await store.supersede('id', 'next', clock.now() + 5000)
      clock.advance(5)
      const record = recordAt(clock, { b: 2 })
      same(await store.create('id', record), true, 'create')
      same(await store.read('id'), record, 'read')
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
    'keeps 100 keys',
    async ({ store, clock }) => {
      const data = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))
      await store.create('id', recordAt(clock, data))
      await store.update('id', { k0: undefined, k99: 'x' }, timesAt(clock))
      const { k0: _, ...rest } = data
      same((await store.read('id'))?.data, { ...rest, k99: 'x' }, 'data')
    },
  ],
  [
    'deletes with ifEmpty what was superseded, marked as it is, only if it is empty',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, {}))
      await store.supersede('id', 'next', clock.now() + 5000)
      same((await store.delete('id', { ifEmpty: true }))?.replacedBy, 'next', 'replacedBy')
    },
  ],
  [
    'shows the mark to a delete at the same time as the supersede that got the record',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const [marked, deleted] = await Promise.all([
        store.supersede('id', 'next', clock.now() + 5000),
        store.delete('id'),
      ])
      holds(deleted !== null, 'the delete returned null')
      if (marked !== null) same(deleted?.replacedBy, 'next', 'what the delete saw')
      same(await store.read('id'), null, 'read')
    },
    'atomic',
  ],
  [
    'keeps the mark that a record was created with',
    async ({ store, clock }) => {
      const record = { ...recordAt(clock, {}), replacedBy: 'next' }
      await store.create('id', record)
      same(await store.read('id'), record, 'read')
      same(await store.update('id', { a: 1 }, timesAt(clock)), false, 'update')
      same((await store.delete('id'))?.replacedBy, 'next', 'deleted')
    },
  ],
  [
    'ends with the right data after 300 patches of every kind',
    async ({ store, clock }) => {
      let expected: Record<string, unknown> = { a: 1, b: 1, c: 1 }
      await store.create('id', recordAt(clock, expected))
      const random = numbersFrom(7)
      for (let i = 0; i < 300; i++) {
        const patch: Record<string, unknown> = {}
        for (let n = random(4); n > 0; n--) patch['abcdef'[random(6)] as string] = random(2) ? i : undefined
        expected = patched(expected, patch)
        same(await store.update('id', patch, timesAt(clock)), true, `update ${i}`)
        const { data } = (await store.read('id')) ?? {}
        same(data, expected, `data after patch ${i}, ${Object.keys(patch).join()}`)
      }
    },
  ],
  [
    'lets a record be superseded once, however many ask at the same time',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      const next = ['a', 'b', 'c', 'd', 'e']
      const given = await Promise.all(next.map((by) => store.supersede('id', by, clock.now() + 5000)))
      same(given.filter((record) => record !== null).length, 1, 'callers who got it')
      const winner = next[given.findIndex((record) => record !== null)]
      same((await store.read('id'))?.replacedBy, winner, 'replacedBy')
    },
    'atomic',
  ],
  [
    'refuses to update what was superseded',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.supersede('id', 'next', clock.now() + 5000)
      same(await store.update('id', { b: 2 }, timesAt(clock)), false, 'update')
    },
  ],
  [
    'drops what was superseded at the time that was said',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.supersede('id', 'next', clock.now() + 5000)
      clock.advance(5)
      same(await store.read('id'), null, 'read')
    },
  ],
  [
    'supersedes nothing that is not there',
    async ({ store, clock }) => {
      same(await store.supersede('none', 'next', clock.now() + 5000), null, 'supersede')
      same(await store.read('none'), null, 'read')
    },
  ],
  [
    'gives a record back when it deletes it, as it was last',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }))
      await store.update('id', { b: 2 }, timesAt(clock))
      same((await store.delete('id'))?.data, { a: 1, b: 2 }, 'deleted')
      same(await store.read('id'), null, 'read')
    },
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
    'deletes what is not there without complaint',
    async ({ store }) => same(await store.delete('none'), null, 'delete'),
  ],
  [
    'gives back null for a record that had expired',
    async ({ store, clock }) => {
      await store.create('id', recordAt(clock, { a: 1 }, 1000))
      clock.advance(1)
      same(await store.delete('id'), null, 'delete')
    },
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
