import type { SessionStore } from 'latchkey'
import { type ContractCase, holds, same } from './contract.ts'

/** A visitor to the session store under test, who keeps their cookie from request to request. */
export interface SessionVisitor {
  /** Makes one request: runs `use` on its session, saves the session, and resolves to what `use` returned. */
  request<T>(use: (session: SessionStore) => T | Promise<T>): Promise<T>
  /** Returns a second visitor who holds a copy of this one's current cookie. */
  copy(): SessionVisitor
}

/**
 * The contract of `SessionStore`: one case per requirement. Run them against your own:
 *
 *     for (const { name, run } of sessionStoreContract(() => new MyVisitor())) test(name, run)
 *
 * @param make Returns a visitor without a cookie.
 * @param canEndCopies Whether ending a session revokes copies of its cookie. Default `true`; `false` for
 * sessions that are stored in the cookie alone.
 */
export function sessionStoreContract(
  make: () => SessionVisitor | Promise<SessionVisitor>,
  { canEndCopies = true }: { readonly canEndCopies?: boolean } = {},
): readonly ContractCase[] {
  const cases = canEndCopies ? [...CASES, ...COPY_CASES] : CASES
  return cases.map(([name, check]) => ({ name, run: async () => check(await make()) }))
}

type Case = readonly [name: string, check: (visitor: SessionVisitor) => Promise<void>]

const VALUES: Readonly<Record<string, unknown>> = {
  'a string': 'x',
  'an integer': 42,
  'a string of digits': '42',
  zero: 0,
  false: false,
  null: null,
  'an empty string': '',
  'nested data': { a: [1, { b: null }] },
  'text beyond ASCII': 'Ünï 👋; a=b, "c"',
}

const CASES: readonly Case[] = [
  [
    'reads undefined for a key that was never set',
    async (visitor) => same(await read(visitor, 'a'), undefined, 'a'),
  ],
  ...Object.entries(VALUES).map(
    ([name, value]): Case => [
      `keeps ${name} as it is`,
      async (visitor) => {
        await write(visitor, { a: value })
        const kept = await read(visitor, 'a')
        same(kept, value, 'a')
        same(typeof kept, typeof value, 'its type')
      },
    ],
  ),
  [
    'reads its own writes before they are saved',
    async (visitor) =>
      visitor.request(async (session) => {
        await session.set('a', 1)
        same(await session.get('a'), 1, 'a')
        await session.set('a', undefined)
        same(await session.get('a'), undefined, 'a once removed')
      }),
  ],
  [
    'removes a key that is set to undefined',
    async (visitor) => {
      await write(visitor, { a: 1, b: 2 })
      await write(visitor, { a: undefined })
      same(await read(visitor, 'a'), undefined, 'a')
      same(await read(visitor, 'b'), 2, 'b')
    },
  ],
  [
    'keeps other keys when one is written',
    async (visitor) => {
      await write(visitor, { a: 1 })
      await write(visitor, { b: 2 })
      same(await read(visitor, 'a'), 1, 'a')
    },
  ],
  [
    'gives values that are the reader’s own',
    async (visitor) => {
      await write(visitor, { a: { list: [1] } })
      await visitor.request(async (session) => {
        const value = (await session.get('a')) as { list: number[] }
        value.list.push(2)
        same(await session.get('a'), { list: [1] }, 'a, read again')
      })
      same(await read(visitor, 'a'), { list: [1] }, 'a at the next request')
    },
  ],
  [
    'is not changed through what it was handed',
    async (visitor) => {
      const value = { list: [1] }
      await visitor.request(async (session) => {
        await session.set('a', value)
        value.list.push(2)
      })
      same(await read(visitor, 'a'), { list: [1] }, 'a')
    },
  ],
  [
    'forgets everything when it is cleared',
    async (visitor) => {
      await write(visitor, { a: 1, b: 2 })
      await visitor.request(async (session) => {
        await session.clear()
        same(await session.get('a'), undefined, 'a in the same request')
      })
      same(await read(visitor, 'a'), undefined, 'a at the next request')
      same(await read(visitor, 'b'), undefined, 'b at the next request')
    },
  ],
  [
    'keeps what is set after clearing',
    async (visitor) => {
      await write(visitor, { a: 1 })
      await visitor.request(async (session) => {
        await session.clear()
        await session.set('b', 2)
      })
      same(await read(visitor, 'a'), undefined, 'a')
      same(await read(visitor, 'b'), 2, 'b')
    },
  ],
  [
    'keeps its data when the id is regenerated',
    async (visitor) => {
      await write(visitor, { a: 1 })
      await visitor.request(async (session) => {
        await session.regenerateId()
        await session.set('b', 2)
      })
      same(await read(visitor, 'a'), 1, 'a')
      same(await read(visitor, 'b'), 2, 'b')
    },
  ],
  [
    'can be cleared, regenerated and read when there is none',
    async (visitor) => {
      await visitor.request(async (session) => {
        await session.clear()
        await session.regenerateId()
      })
      same(await read(visitor, 'a'), undefined, 'a')
    },
  ],
  [
    'keeps two visitors apart',
    async (visitor) => {
      await write(visitor, { a: 1 })
      const copy = visitor.copy()
      await visitor.request(async (session) => {
        await session.clear()
        await session.set('a', 2)
      })
      same(await read(visitor, 'a'), 2, 'a of the first')
      holds(
        (await read(copy, 'a')) !== 2,
        'the copy of an old cookie reads what was written under the new one',
      )
    },
  ],
]

const COPY_CASES: readonly Case[] = [
  [
    'leaves nothing to a copy of the cookie once cleared',
    async (visitor) => {
      await write(visitor, { a: 1 })
      const copy = visitor.copy()
      await visitor.request((session) => session.clear())
      same(await read(copy, 'a'), undefined, 'a of the copy')
    },
  ],
  [
    'leaves nothing to a copy of the old cookie once regenerated',
    async (visitor) => {
      await write(visitor, { a: 1 })
      const copy = visitor.copy()
      await visitor.request((session) => session.regenerateId())
      same(await read(copy, 'a'), undefined, 'a of the copy')
      same(await read(visitor, 'a'), 1, 'a of the visitor')
    },
  ],
  [
    'leaves nothing to a copy of the first cookie when regenerated twice in one request',
    async (visitor) => {
      await write(visitor, { a: 1 })
      const copy = visitor.copy()
      await visitor.request(async (session) => {
        await session.regenerateId()
        await session.regenerateId()
      })
      same(await read(copy, 'a'), undefined, 'a of the copy')
      same(await read(visitor, 'a'), 1, 'a of the visitor')
    },
  ],
  [
    'is not revived by a request that was under way when it was cleared',
    async (visitor) => {
      await write(visitor, { a: 1 })
      const slow = visitor.copy()
      await slow.request(async (session) => {
        await session.get('a')
        await visitor.request((other) => other.clear())
        await session.set('b', 2)
      })
      same(await read(visitor, 'b'), undefined, 'b')
      same(await read(slow, 'a'), undefined, 'a of the slow one')
    },
  ],
]

function read(visitor: SessionVisitor, key: string): Promise<unknown> {
  return visitor.request((session) => session.get(key))
}

function write(visitor: SessionVisitor, values: Record<string, unknown>): Promise<void> {
  return visitor.request(async (session) => {
    for (const [key, value] of Object.entries(values)) await session.set(key, value)
  })
}
