import { memoryRecords, type SessionRecord } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

function store(maxRecords?: number) {
  const clock = testClock()
  const records = memoryRecords({ now: clock.now, ...(maxRecords === undefined ? {} : { maxRecords }) })
  const times = (keptMs: number) => {
    const now = clock.now()
    return { renewedAt: now, expiresAt: now + keptMs / 2, keptUntil: now + keptMs }
  }
  const create = (id: string, keptMs: number, extra: Partial<SessionRecord> = {}) =>
    records.create(id, { data: { id }, createdAt: clock.now(), ...times(keptMs), ...extra })
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

describe('over `maxRecords`', () => {
  const mark = { kind: 'ended', readableUntil: 0, next: null } as const

  /** A store of three, and what it holds after these creates. `u…` is a user's record, `m…` a mark, `v…` a visitor's. */
  function filled(ids: readonly string[]) {
    const { records, create } = store(3)
    for (const id of ids) {
      const extra = id.startsWith('u') ? { owner: `owner of ${id}` } : id.startsWith('m') ? { mark } : {}
      expect(create(id, 1000, extra)).toBe(true)
    }
    return { records, held: [...new Set(ids)].filter((id) => records.read(id) !== null) }
  }

  test.each([
    ['the oldest visitor goes first', ['v1', 'v2', 'v3', 'v4', 'v5'], ['v3', 'v4', 'v5']],
    ['a visitor goes before an older user', ['u1', 'v1', 'u2', 'v2', 'v3'], ['u1', 'u2', 'v3']],
    [
      'a flood of visitors ends no user',
      ['u1', 'u2', ...Array.from({ length: 99 }, (_, i) => `v${i}`)],
      ['u1', 'u2', 'v98'],
    ],
    ['a user displaces the last visitor', ['u1', 'u2', 'v1', 'u3'], ['u1', 'u2', 'u3']],
    ['a visitor displaces no user', ['u1', 'u2', 'u3', 'v1', 'v2'], ['u1', 'u2', 'u3']],
    [
      'a user displaces the oldest user where there is no visitor',
      ['u1', 'u2', 'u3', 'u4'],
      ['u2', 'u3', 'u4'],
    ],
    [
      'a mark without an owner, such as a revocation, counts as a user',
      ['m1', 'v1', 'v2', 'v3', 'v4'],
      ['m1', 'v3', 'v4'],
    ],
    ['a mark displaces a visitor', ['v1', 'u1', 'u2', 'm1'], ['u1', 'u2', 'm1']],
  ])('%s', (_, ids, expected) => {
    const { records, held } = filled(ids)
    expect(held).toEqual(expected)
    expect(records.size).toBe(3)
  })

  test('a displaced user is out of the index too', () => {
    const { records } = filled(['u1', 'u2', 'u3', 'u4'])
    expect(records.listByOwner('owner of u1')).toEqual([])
    expect(records.listByOwner('owner of u4')).toHaveLength(1)
  })

  test('the mark of a visitor who has logged in outlives visitors', () => {
    const { records, create, clock } = store(3)
    create('v1', 60_000)
    records.supersede(
      'v1',
      { kind: 'login', readableUntil: clock.now() + 1000, next: null },
      clock.now() + 1000,
    )
    for (let i = 2; i < 9; i++) create(`v${i}`, 60_000)
    expect(records.read('v1')?.mark?.kind).toBe('login')
    expect(records.size).toBe(3)
    clock.advance(1)
    expect(records.prune()).toBe(1)
  })

  test('expired visitors are forgotten while only users write', () => {
    const { clock, records, create } = store()
    for (let i = 0; i < 20; i++) create(`v${i}`, 1000)
    clock.advance(1)
    for (let i = 0; i < 100; i++) create(`u${i}`, 60_000, { owner: 'o' })
    expect(records.size).toBe(100)
  })
})
