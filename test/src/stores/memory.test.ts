import { memoryRecords } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

function store(maxRecords?: number) {
  const clock = testClock()
  const records = memoryRecords({ now: clock.now, ...(maxRecords === undefined ? {} : { maxRecords }) })
  const create = (id: string, lifeMs: number) => {
    const now = clock.now()
    return records.create(id, { data: { id }, createdAt: now, renewedAt: now, expiresAt: now + lifeMs })
  }
  return { clock, records, create }
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

  test('forgets what has expired as writes go on, without anybody reading it', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 1000; i++) create(`old${i}`, 1000)
    clock.advance(1)
    for (let i = 0; i < 400; i++) create(`new${i}`, 1000)
    expect(records.size).toBe(400)
  })

  test('sweeps no living record away', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 100; i++) create(`${i}`, i % 2 === 0 ? 1000 : 60_000)
    clock.advance(1)
    for (let i = 0; i < 200; i++)
      records.update('1', { i }, { renewedAt: clock.now(), expiresAt: clock.now() + 60_000 })
    expect(records.size).toBe(50)
  })

  test('drops all that has expired when told to, and says how many', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 10; i++) create(`${i}`, 1000)
    create('living', 60_000)
    clock.advance(1)
    expect([records.prune(), records.size]).toEqual([10, 1])
  })
})
