import { memoryRecords } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

function store(maxRecords?: number) {
  const clock = testClock()
  const records = memoryRecords({ now: clock.now, ...(maxRecords === undefined ? {} : { maxRecords }) })
  const times = (keptMs: number) => {
    const now = clock.now()
    return { renewedAt: now, expiresAt: now + keptMs / 2, keptUntil: now + keptMs }
  }
  const create = (id: string, keptMs: number) =>
    records.create(id, { data: { id }, createdAt: clock.now(), ...times(keptMs) })
  return { clock, records, create, times }
}

describe('the store in memory', () => {
  test('never holds more than it may: the oldest makes room', () => {
    const { records, create } = store(3)
    for (const id of ['a', 'b', 'c', 'd', 'e']) create(id, 1000)
    expect(records.size).toBe(3)
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => records.read(id) !== null)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })

  test('forgets what is no longer kept as writes go on, without anybody reading it', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 1000; i++) create(`old${i}`, 1000)
    clock.advance(1)
    for (let i = 0; i < 400; i++) create(`new${i}`, 1000)
    expect(records.size).toBe(400)
  })

  test('sweeps no living record away', () => {
    const { clock, records, create, times } = store()
    for (let i = 0; i < 100; i++) create(`${i}`, i % 2 === 0 ? 1000 : 60_000)
    clock.advance(1)
    for (let i = 0; i < 200; i++) records.update('1', { i }, times(60_000))
    expect(records.size).toBe(50)
  })

  test('drops all that is no longer kept when told to, and says how many', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 10; i++) create(`${i}`, 1000)
    create('living', 60_000)
    clock.advance(1)
    expect([records.prune(), records.size]).toEqual([10, 1])
  })

  test('spends no property on a mark that a record does not have', () => {
    const { clock, records, create, times } = store()
    create('id', 1000)
    expect(records.read('id')).not.toHaveProperty('mark')
    records.update('id', { a: 1 }, times(1000))
    expect(records.read('id')).not.toHaveProperty('mark')
    const mark = { kind: 'login', readableUntil: 0, next: null } as const
    expect(records.supersede('id', mark, clock.now() + 1)).not.toHaveProperty('mark')
    expect(records.read('id')).toHaveProperty('mark', mark)
  })
})
