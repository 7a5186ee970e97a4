import type { SessionRecord } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { chain, endChain } from '../../../src/session/chain.ts'

const recordTo = (next: string | null | undefined): SessionRecord => ({
  data: {},
  createdAt: 0,
  renewedAt: 0,
  expiresAt: 1,
  keptUntil: 1,
  ...(next === undefined ? {} : { mark: { kind: 'rotation', readableUntil: 1, next } }),
})

/** Records by what they lead to; `undefined` for one without a mark. */
const following = (links: Readonly<Record<string, string | null | undefined>>) => {
  const seen: string[] = []
  const step = async (id: string): Promise<SessionRecord | null> => {
    seen.push(id)
    return id in links ? recordTo(links[id]) : null
  }
  return { seen, step }
}

describe('following a session through its rotations', () => {
  test.each<[sentence: string, links: Record<string, string | null | undefined>, end: string | null]>([
    ['a session that was not rotated is its own end', { a: undefined }, 'a'],
    ['one that was leads to the last', { a: 'b', b: 'c', c: undefined }, 'c'],
    ['a mark that leads nowhere is an end', { a: 'b', b: null }, 'b'],
    ['one that is gone is none', {}, null],
    ['what is gone on the way is none', { a: 'b' }, null],
    ['a circle is none', { a: 'b', b: 'a' }, null],
  ])('%s', async (_, links, end) => {
    const { step } = following(links)
    expect((await chain('a', step))?.id ?? null).toBe(end)
  })

  test('stops after a hundred records', async () => {
    const { step, seen } = following({ a: 'a' })
    await chain('a', step)
    expect(seen).toHaveLength(100)
  })

  test('ends every record on the way', async () => {
    const { step, seen } = following({ a: 'b', b: 'c', c: undefined })
    await endChain({ delete: step }, 'a')
    expect(seen).toEqual(['a', 'b', 'c'])
  })
})
