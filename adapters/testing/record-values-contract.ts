import { patched } from 'latchkey/adapter'
import { same } from './contract.ts'
import { type RecordCase, recordAt, timesAt } from './record-case.ts'

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

/** A seeded random number generator: each number is at least 0 and less than `below`. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** The contract of `RecordStore` about the data of a record. */
export const VALUE_CASES: readonly RecordCase[] = [
  ...Object.entries(VALUES).map(
    ([name, value]): RecordCase => [
      `keeps ${name} as it is, created and patched`,
      async ({ store, clock }) => {
        await store.create('id', recordAt(clock, { created: value, other: 1 }))
        await store.update('id', { patched: value }, timesAt(clock))
        same((await store.read('id'))?.data, { created: value, other: 1, patched: value }, 'data')
      },
    ],
  ),
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
]
