import fc from 'fast-check'
import { cachedRecords, type IndexedRecordStore, memoryRecords, type RecordStore } from 'latchkey'
import { recordIndexContract, recordStoreContract, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'

const overMemory = ({ now }: { readonly now: () => number }) =>
  cachedRecords(memoryRecords({ now }), { seconds: 5, now })

describe('the contract holds for one process', () => {
  for (const { name, run } of [...recordStoreContract(overMemory), ...recordIndexContract(overMemory)]) {
    test(name, run)
  }
})

/** A store behind two processes, of which `here` has a cache; and how often the store was read. */
function fleet() {
  const clock = testClock()
  const there = memoryRecords({ now: clock.now })
  let reads = 0
  const counted: IndexedRecordStore = {
    read(id) {
      reads++
      return there.read(id)
    },
    create: (...call) => there.create(...call),
    update: (...call) => there.update(...call),
    supersede: (...call) => there.supersede(...call),
    delete: (...call) => there.delete(...call),
    listByOwner: (...call) => there.listByOwner(...call),
    deleteByOwner: (...call) => there.deleteByOwner(...call),
  }
  const here = cachedRecords(counted, { seconds: 5, now: clock.now })
  const times = () => {
    const now = clock.now()
    return { renewedAt: now, expiresAt: now + 1_800_000, keptUntil: now + 3_600_000 }
  }
  const record = () => ({ data: { a: 1 }, createdAt: clock.now(), ...times(), owner: 'alice' })
  return { clock, here, there, times, record, reads: () => reads }
}

describe('a cache of records', () => {
  test('asks the store once in its seconds', async () => {
    const { clock, here, record, reads } = fleet()
    await here.create('id', record())
    for (let i = 0; i < 5; i++) expect((await here.read('id'))?.data).toEqual({ a: 1 })
    expect(reads()).toBe(1)
    clock.advance(5)
    await here.read('id')
    expect(reads()).toBe(2)
  })

  test('is no older than it says, whatever another process does', async () => {
    const { clock, here, there, record } = fleet()
    there.create('id', record())
    await here.read('id')
    there.delete('id')
    clock.advance(4.999)
    expect(await here.read('id')).not.toBeNull()
    clock.advance(0.001)
    expect(await here.read('id')).toBeNull()
  })

  test('does not remember that something is missing', async () => {
    const { here, there, record } = fleet()
    expect(await here.read('id')).toBeNull()
    there.create('id', record())
    expect(await here.read('id')).not.toBeNull()
  })

  test('shows no record that is no longer kept', async () => {
    const { clock, here, there, record } = fleet()
    there.create('id', { ...record(), keptUntil: clock.now() + 2000 })
    await here.read('id')
    clock.advance(2)
    expect(await here.read('id')).toBeNull()
  })

  test('shows a record that has expired for as long as it is kept', async () => {
    const { clock, here, there, record } = fleet()
    there.create('id', { ...record(), expiresAt: clock.now() + 2000 })
    await here.read('id')
    clock.advance(2)
    expect(await here.read('id')).not.toBeNull()
  })

  test('sees what this process has superseded at once', async () => {
    const { clock, here, record } = fleet()
    await here.create('id', record())
    await here.read('id')
    const mark = { kind: 'ended', readableUntil: clock.now(), next: null } as const
    expect((await here.supersede('id', mark, clock.now() + 2000))?.data).toEqual({ a: 1 })
    expect(await here.read('id')).toMatchObject({ data: {}, mark, keptUntil: clock.now() + 2000 })
  })

  test.each([
    ['a deletion', (here: IndexedRecordStore) => here.delete('id')],
    ['logging out everywhere', (here: IndexedRecordStore) => here.deleteByOwner('alice')],
  ])('sees %s by this process at once', async (_, end) => {
    const { here, record } = fleet()
    await here.create('id', record())
    await here.read('id')
    await end(here)
    expect(await here.read('id')).toBeNull()
  })

  test('forgets all when nobody knows what a failing engine has deleted', async () => {
    const clock = testClock()
    const inner = memoryRecords({ now: clock.now })
    const broken: IndexedRecordStore = Object.assign(Object.create(inner) as IndexedRecordStore, {
      read: (id: string) => inner.read(id),
      deleteByOwner(owner: string) {
        inner.deleteByOwner(owner)
        throw new Error('reset by peer')
      },
    })
    const here = cachedRecords(broken, { seconds: 5, now: clock.now })
    const now = clock.now()
    const times = { renewedAt: now, expiresAt: now + 1000, keptUntil: now + 1000 }
    inner.create('id', { data: {}, createdAt: now, ...times, owner: 'alice' })
    await here.read('id')
    await expect(here.deleteByOwner('alice')).rejects.toThrow('reset by peer')
    expect(await here.read('id')).toBeNull()
  })

  test('never keeps what a write of this process has overtaken, in any order', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const clock = testClock()
        const inner = memoryRecords({ now: clock.now })
        const at = async <T>(name: string, call: () => T): Promise<T> => {
          await scheduler.schedule(Promise.resolve(), `before ${name}`)
          const answer = call()
          await scheduler.schedule(Promise.resolve(), `after ${name}`)
          return answer
        }
        const slow: RecordStore = {
          read: (id) => at('read', () => inner.read(id)),
          create: (id, record) => inner.create(id, record),
          update: (id, patch, times) => at('update', () => inner.update(id, patch, times)),
          supersede: (id, mark, keptUntil) => at('supersede', () => inner.supersede(id, mark, keptUntil)),
          delete: (id) => at('delete', () => inner.delete(id)),
        }
        const here = cachedRecords(slow, { seconds: 5, now: clock.now })
        const now = clock.now()
        const times = { renewedAt: now, expiresAt: now + 3_600_000, keptUntil: now + 3_600_000 }
        inner.create('id', { data: { a: 1 }, createdAt: now, ...times })
        const all = Promise.all([
          here.read('id'),
          here.update('id', { a: 2 }, times),
          here.read('id'),
          here.delete('id'),
          here.read('id'),
        ])
        await scheduler.waitFor(all)
        const after = here.read('id') as Promise<unknown>
        expect(await scheduler.waitFor(Promise.resolve(after))).toBeNull()
      }),
      { numRuns: 300 },
    ))

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s seconds', (seconds) => {
    expect(() => cachedRecords(memoryRecords(), { seconds })).toThrow('`seconds`')
  })
})
