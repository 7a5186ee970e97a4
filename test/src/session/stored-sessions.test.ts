import {
  type LifetimeOptions,
  memoryRecords,
  type RecordStore,
  type SessionPatch,
  type SessionRecord,
  storedSessions,
} from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { Keyring } from '../../../src/crypto/keys.ts'
import { Lifetime } from '../../../src/session/lifetime.ts'
import { SessionHash } from '../../../src/session/session-hash.ts'
import type { Beginning, KeptSession, LoadResult, SessionKind } from '../../../src/session/session-kind.ts'
import { SECRET, testApp } from '../../app.ts'

const USER = { _auth_user_id: 'alice' }
const BOB = { _auth_user_id: 'bob' }
const TIMES = ['createdAt', 'renewedAt', 'expiresAt'] as const

/** A session kind, asked as a request does that knows of no end. */
interface Sessions extends Pick<SessionKind, 'endIfEmpty'> {
  update(session: KeptSession, patch: SessionPatch): ReturnType<SessionKind['update']>
  end(values: readonly string[]): ReturnType<SessionKind['end']>
  load(values: readonly string[]): ReturnType<SessionKind['load']>
  create(data: SessionPatch): ReturnType<SessionKind['create']>
  rotate(session: KeptSession, patch: SessionPatch): ReturnType<SessionKind['rotate']>
  isRenewalDue(session: KeptSession): boolean
}

/**
 * Sessions over the records in memory, without their index. A test may put calls of its own in place of the store's,
 * and do something before one.
 */
function start({
  over = {},
  lifetime = {},
}: {
  over?: Partial<RecordStore>
  lifetime?: LifetimeOptions
} = {}) {
  const clock = testClock()
  const records = memoryRecords({ now: clock.now })
  const calls: string[] = []
  const before = new Map<string, () => unknown>()
  const called = <Name extends keyof RecordStore>(name: Name): RecordStore[Name] =>
    (async (...args: unknown[]) => {
      calls.push(name)
      const first = before.get(name)
      before.delete(name)
      await first?.()
      return ((over[name] ?? records[name]) as (...args: unknown[]) => unknown).apply(records, args)
    }) as RecordStore[Name]
  const store: RecordStore = {
    read: called('read'),
    create: called('create'),
    update: called('update'),
    supersede: called('supersede'),
    delete: called('delete'),
  }
  /** As another process of the app has them, or another app. */
  const sessions = (
    options: LifetimeOptions = lifetime,
    cookieName = 'session',
    namespace = '',
  ): Sessions => {
    const keyring = new Keyring(SECRET, namespace)
    const kind = storedSessions(store)({
      keyring,
      namespace,
      cookieName,
      // What is left of ended sessions is tested in end-reasons.test.ts.
      lifetime: new Lifetime({ reasonSeconds: 0, ...options }),
      now: clock.now,
      timeLimitSeconds: 1,
      users: { findById: () => null },
      sessionHash: new SessionHash(keyring),
      emit() {},
    })
    // Data that name a user are those of a login.
    const begin = ({ _auth_user_id: id }: SessionPatch): Beginning => ({
      loginOf: typeof id === 'string' || typeof id === 'number' ? id : undefined,
      notBefore: 0,
      renews: true,
      check() {},
    })
    return {
      load: (values) => kind.load(values, 0),
      create: (data) => kind.create(data, begin(data)),
      update: (session, patch) => kind.update(session, patch, true),
      rotate: (session, patch) => kind.rotate(session, patch, begin(patch)),
      end: (values) => kind.end(values, 'logged_out'),
      endIfEmpty: (session) => kind.endIfEmpty(session),
      isRenewalDue: ({ ends }) => clock.now() > ends.renewAfter,
    }
  }
  const kind = sessions()
  return {
    clock,
    records,
    calls,
    before,
    sessions,
    kind,
    create: async (data: Record<string, unknown>) => kind.create(data),
    /** The session that a cookie value opens. */
    open: async (...values: string[]): Promise<KeptSession> => {
      const loaded = await kind.load(values)
      if (typeof loaded === 'string') throw new Error(`no session: ${loaded}`)
      return loaded
    },
    load: async (...values: string[]): Promise<LoadResult> => kind.load(values),
  }
}

/** What was not waited for has happened. */
const later = () => new Promise((resolve) => setTimeout(resolve))

/** The data that a loaded session shows, or the reason why there is none. */
const shown = (loaded: LoadResult): unknown => (typeof loaded === 'string' ? loaded : loaded.record.data)

describe('a new session', () => {
  test('has 256 random bits, which the store never sees', async () => {
    const { create, records } = start()
    const { id, value } = await create({ cart: 1 })
    expect(value).toMatch(/^1\.[\w-]{43}$/)
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(id).not.toBe(value)
    expect([records.read(value), records.size]).toEqual([null, 1])
    expect(records.read(id)).toMatchObject({ data: { cart: 1 } })
  })

  test('keeps the values that are set, and its times', async () => {
    const { create, records, clock } = start()
    const { id } = await create({ a: 1, b: undefined })
    const now = clock.now()
    expect(records.read(id)).toEqual({
      data: { a: 1 },
      createdAt: now,
      renewedAt: now,
      expiresAt: now + 86_400_000,
      keptUntil: now + 86_400_000,
    })
  })

  test('is the user’s own from its login on: one owner for all sessions of a user', async () => {
    const { create } = start()
    const ownerOf = async (data: Record<string, unknown>) => (await create(data)).record.owner
    const alice = await ownerOf(USER)
    expect(alice).toMatch(/^[\w-]{43}$/)
    expect(await ownerOf({ ...USER, cart: 1 })).toBe(alice)
    expect(await ownerOf(BOB)).not.toBe(alice)
    expect(await ownerOf({ _auth_user_id: 42 })).not.toBe(await ownerOf({ _auth_user_id: '42' }))
    for (const visitor of [{ cart: 1 }, { _auth_user_id: null }, { _auth_user_id: ['alice'] }])
      expect(await ownerOf(visitor)).toBeUndefined()
  })

  test('that the store refuses to keep is a failure of the store', async () => {
    const { create } = start({ over: { create: () => false } })
    await expect(create({ cart: 1 })).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringContaining('record store'),
    })
  })

  test('fails as the store does, and names it', async () => {
    const { create } = start({
      over: { create: () => Promise.reject(new Error('redis://app:s3cret@cache.internal')) },
    })
    const error = await create({ cart: 1 }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'backend_failed',
      message: expect.stringContaining('record store'),
    })
    expect((error as Error).message).not.toContain('s3cret')
  })

  test('that the store may have kept, and failed then, is ended', async () => {
    const { create, records } = start({
      over: {
        async create(id, record) {
          await records.create(id, record)
          throw new Error('the connection was lost')
        },
      },
    })
    await expect(create(USER)).rejects.toMatchObject({ code: 'backend_failed' })
    await later()
    expect(records.size).toBe(0)
  })
})

describe('loading', () => {
  test('finds the session of the first value that opens one', async () => {
    const { create, load } = start()
    const [one, two] = [await create({ cart: 1 }), await create({ cart: 2 })]
    expect(shown(await load('rubbish', one.value, two.value))).toEqual({ cart: 1 })
    expect(shown(await load(`1.${'A'.repeat(43)}`, two.value, one.value))).toEqual({ cart: 2 })
  })

  test.each<[sentence: string, values: string[], reason: string]>([
    ['no value', [], 'unknown'],
    ['a value that was never given out', [`1.${'A'.repeat(43)}`], 'unknown'],
    ['what is not a token', ['rubbish'], 'unknown'],
    ['no version', ['A'.repeat(43)], 'unknown'],
    ['another version', [`2.${'A'.repeat(43)}`], 'unknown'],
    ['a character too few', [`1.${'A'.repeat(42)}`], 'unknown'],
    ['a character too many', [`1.${'A'.repeat(44)}`], 'unknown'],
    ['a character of another alphabet', [`1.${'A'.repeat(42)}+`], 'unknown'],
    ['a line feed behind it', [`1.${'A'.repeat(43)}\n`], 'unknown'],
    ['nothing', [''], 'unknown'],
    ['a megabyte', ['A'.repeat(1_000_000)], 'unknown'],
    ['several: the reason is that of the last', ['rubbish', `1.${'A'.repeat(43)}`], 'unknown'],
    ['several, the other way round', [`1.${'A'.repeat(43)}`, 'rubbish'], 'unknown'],
  ])('%s', async (_, values, reason) => expect(await start().load(...values)).toBe(reason))

  test.each([
    ['loaded', 'load'],
    ['ended', 'end'],
  ] as const)('what is not a token never reaches the store: %s', async (_, method) => {
    const { kind, calls } = start()
    await kind[method]([
      'rubbish',
      '',
      'A'.repeat(43),
      `2.${'A'.repeat(43)}`,
      `1.${'A'.repeat(44)}`,
      '__proto__',
    ])
    await kind[method](['rubbish'])
    expect(calls).toEqual([])
  })

  test('the id of a record is not a token: reading the store gives no credential', async () => {
    const { create, load } = start()
    const { id } = await create(USER)
    expect([await load(`1.${id}`), await load(id)]).toEqual(['unknown', 'unknown'])
  })

  test('a session under another cookie name is not found', async () => {
    const { create, sessions } = start()
    const { value } = await create(USER)
    expect(await sessions({}, 'other').load([value])).toBe('unknown')
    expect(shown(await sessions({}, 'session').load([value]))).toEqual(USER)
  })

  test('a session of another namespace is not found, however the names are put together', async () => {
    const { create, sessions } = start()
    const { value } = await create(USER)
    expect(await sessions({}, 'session', 'a').load([value])).toBe('unknown')
    const inA = await sessions({}, 'session', 'a').create(USER)
    for (const [cookieName, namespace] of [
      ['session', ''],
      ['session', 'b'],
      ['a-session', ''],
      ['session', 'a:'],
    ])
      expect(await sessions({}, cookieName, namespace).load([inA.value])).toBe('unknown')
    expect(shown(await sessions({}, 'session', 'a').load([inA.value]))).toEqual(USER)
  })

  test('a session that the store has dropped is unknown, and one that is over by our lifetime has expired', async () => {
    const { create, sessions, clock } = start({ lifetime: { idleSeconds: 3600 } })
    const { value } = await create(USER)
    clock.advance(60)
    expect(await sessions({ idleSeconds: 60 }).load([value])).toBe('idle')
    expect(await sessions({ absoluteSeconds: 60 }).load([value])).toBe('absolute')
    expect(shown(await sessions({ idleSeconds: 61 }).load([value]))).toEqual(USER)
    clock.advance(3540)
    expect(await sessions({ idleSeconds: 7200 }).load([value])).toBe('unknown')
  })

  test('a session that has expired does not hide a good one behind it', async () => {
    const { create, sessions, clock } = start()
    const old = await create(USER)
    clock.advance(60)
    const { value } = await create(BOB)
    expect(shown(await sessions({ idleSeconds: 60 }).load([old.value, value]))).toEqual(BOB)
  })

  const record: SessionRecord = { data: USER, createdAt: 0, renewedAt: 0, expiresAt: 9e15, keptUntil: 9e15 }
  const now = testClock().now()
  const good = { ...record, createdAt: now, renewedAt: now }
  const mark = { kind: 'rotation', readableUntil: 9e15, next: null }

  test.each<[sentence: string, record: object]>([
    ['no data', { ...good, data: undefined }],
    ['null as data', { ...good, data: null }],
    ['a list as data', { ...good, data: [] }],
    ['text as data', { ...good, data: '{}' }],
    ['null as its mark', { ...good, mark: null }],
    ['text as its mark', { ...good, mark: 'rotation' }],
    ['a mark of no known kind', { ...good, mark: { ...mark, kind: 'x' } }],
    ['a mark without a time', { ...good, mark: { ...mark, readableUntil: undefined } }],
    ['a mark with text as its time', { ...good, mark: { ...mark, readableUntil: '9' } }],
    ['a mark without a successor or null', { ...good, mark: { ...mark, next: undefined } }],
    ['a mark with a number as successor', { ...good, mark: { ...mark, next: 1 } }],
    ...TIMES.flatMap((time): [string, object][] => [
      [`no ${time}`, { ...good, [time]: undefined }],
      [`${time} as text`, { ...good, [time]: String(good[time]) }],
      [`${time} without end`, { ...good, [time]: Number.POSITIVE_INFINITY }],
      [`${time} that is not a number`, { ...good, [time]: Number.NaN }],
    ]),
  ])('a record that the store should not have: %s', async (_, bad) => {
    const value = `1.${'A'.repeat(43)}`
    const loaded = await start({ over: { read: () => bad as SessionRecord } }).load(value)
    expect(loaded).toBe('unknown')
    expect(shown(await start({ over: { read: () => good } }).load(value))).toEqual(USER)
  })

  test('a bad record does not hide a good one behind it', async () => {
    const { records, create, open } = start({
      over: { read: (id) => (records.read(id) ? records.read(id) : ({} as SessionRecord)) },
    })
    const { value } = await create(USER)
    expect(shown(await open(`1.${'A'.repeat(43)}`, value))).toEqual(USER)
  })
})

describe('a change', () => {
  test('is laid over the data key by key, and renews', async () => {
    const { create, kind, open, clock } = start({ lifetime: { idleSeconds: 60 } })
    const session = await create({ a: 1, b: 2 })
    clock.advance(59)
    const kept = await kind.update(session, { b: undefined, c: 3 })
    expect(kept).toMatchObject({ id: session.id, value: session.value })
    expect(kept?.record).toEqual((await open(session.value)).record)
    expect(kept?.record).toMatchObject({
      data: { a: 1, c: 3 },
      createdAt: session.record.createdAt,
      renewedAt: clock.now(),
      expiresAt: clock.now() + 60_000,
    })
  })

  test('keeps what a parallel request has written', async () => {
    const { create, kind, open } = start()
    const session = await create({ a: 1 })
    await kind.update(session, { b: 2 })
    await kind.update(session, { c: 3 })
    expect(shown(await open(session.value))).toEqual({ a: 1, b: 2, c: 3 })
  })

  test('of a session that has ended meanwhile is discarded', async () => {
    const { create, kind, load } = start()
    const session = await create(USER)
    await kind.end([session.value])
    expect(await kind.update(session, { late: 1 })).toBeNull()
    expect(await load(session.value)).toBe('unknown')
  })

  test('of a session that another request has moved meanwhile is discarded', async () => {
    const { create, kind, open } = start()
    const session = await create(USER)
    const moved = await kind.rotate(session, {})
    expect(await kind.update(session, { late: 1 })).toBeNull()
    expect(shown(await open(moved?.value ?? ''))).toEqual(USER)
  })

  test('under an id from before is not even asked of the store', async () => {
    const { create, kind, open, calls } = start()
    const session = await create(USER)
    await kind.rotate(session, {})
    const old = await open(session.value)
    calls.length = 0
    expect(old.isReadOnly).toBe(true)
    expect(await kind.update(old, { late: 1 })).toBeNull()
    expect(await kind.rotate(old, { late: 1 })).toBeNull()
    expect(calls).toEqual([])
  })

  test('is due to renew when the last renewal is older than the touch time', async () => {
    const { create, kind, clock } = start({ lifetime: { touchSeconds: 60 } })
    const session = await create(USER)
    clock.advance(60)
    expect(kind.isRenewalDue(session)).toBe(false)
    clock.advance(0.001)
    expect(kind.isRenewalDue(session)).toBe(true)
  })
})

describe('moving a session to a new id', () => {
  test('keeps its data, its change and its beginning', async () => {
    const { create, kind, open, clock } = start()
    const session = await create({ ...USER, a: 1, b: 2 })
    clock.advance(100)
    const moved = await kind.rotate(session, { b: undefined, c: 3 })
    expect(moved?.value).not.toBe(session.value)
    const { record } = await open(moved?.value ?? '')
    expect(record).toEqual(moved?.record)
    expect(record).toMatchObject({
      data: { ...USER, a: 1, c: 3 },
      createdAt: session.record.createdAt,
      renewedAt: clock.now(),
      owner: session.record.owner,
    })
    expect(record.data).not.toHaveProperty('b')
  })

  test('begins anew with a login, and carries the data over', async () => {
    const { create, kind, clock } = start()
    const visitor = await create({ cart: 1 })
    clock.advance(100)
    const moved = await kind.rotate(visitor, USER)
    expect(moved?.record).toMatchObject({ data: { ...USER, cart: 1 }, createdAt: clock.now() })
    expect(moved?.record.owner).toBeDefined()
  })

  test('empties a visitor’s old id at once, and takes it away after half a minute', async () => {
    const { create, kind, load, clock } = start()
    const visitor = await create({ cart: 1 })
    await kind.rotate(visitor, {})
    expect(shown(await load(visitor.value))).toEqual({})
    expect(await kind.update(visitor, { late: 1 })).toBeNull()
    expect(await kind.rotate(visitor, { late: 1 })).toBeNull()
    clock.advance(30)
    expect(await load(visitor.value)).toBe('unknown')
  })

  test('loses nothing of a visitor’s if the store fails on the way', async () => {
    const { create, kind, load, before } = start()
    const visitor = await create({ cart: 1 })
    before.set('supersede', () => {
      throw new Error('down')
    })
    await expect(kind.rotate(visitor, {})).rejects.toMatchObject({ code: 'backend_failed' })
    before.clear()
    expect(shown(await load(visitor.value))).toEqual({ cart: 1 })
  })

  test('carries over what another request has written meanwhile', async () => {
    const { create, kind, open, before } = start()
    const session = await create({ ...USER, a: 1, b: 2, c: 3 })
    before.set('supersede', () => kind.update(session, { a: 'late', b: undefined, d: 4 }))
    const moved = await kind.rotate(session, { c: undefined })
    expect(moved?.record.data).toEqual({ ...USER, a: 'late', d: 4 })
    expect(shown(await open(moved?.value ?? ''))).toEqual({ ...USER, a: 'late', d: 4 })
  })

  test('carries over what another request has written to a visitor’s session', async () => {
    const { create, kind, open, before } = start()
    const visitor = await create({ cart: 1 })
    before.set('supersede', () => kind.update(visitor, { cart: 2 }))
    const moved = await kind.rotate(visitor, {})
    expect(shown(await open(moved?.value ?? ''))).toEqual({ cart: 2 })
  })

  test('overrides what was written meanwhile to its own keys', async () => {
    const { create, kind, open, before } = start()
    const session = await create({ ...USER, a: 1, b: 2 })
    before.set('supersede', () => kind.update(session, { a: 'late', b: 'late' }))
    const moved = await kind.rotate(session, { a: 'mine', b: undefined })
    expect(shown(await open(moved?.value ?? ''))).toEqual({ ...USER, a: 'mine' })
  })

  test('writes no second time if nothing was written meanwhile', async () => {
    const { create, kind, calls } = start()
    const session = await create(USER)
    calls.length = 0
    await kind.rotate(session, { a: 1 })
    expect(calls).toEqual(['create', 'supersede'])
  })

  test.each([
    ['has ended meanwhile', 'end'],
    ['was moved meanwhile', 'rotate'],
  ] as const)('is discarded for a session that %s, and leaves no record behind', async (_, how) => {
    const { create, kind, before, records } = start()
    const session = await create(USER)
    before.set('supersede', () => (how === 'end' ? kind.end([session.value]) : kind.rotate(session, {})))
    expect(await kind.rotate(session, { late: 1 })).toBeNull()
    expect(records.size).toBe(how === 'end' ? 0 : 2)
  })

  test('fails if the record that it leaves behind cannot be deleted', async () => {
    const over = {
      delete: () => {
        throw new Error('the connection was lost')
      },
    }
    const { create, kind, before, records } = start({ over })
    const session = await create(USER)
    before.set('supersede', () => records.delete(session.id))
    await expect(kind.rotate(session, {})).rejects.toMatchObject({ code: 'backend_failed' })
  })

  test('continues for a login over a session that has ended meanwhile, with empty data', async () => {
    const { create, kind, before, open, load } = start()
    const session = await create({ ...USER, cart: 1 })
    before.set('supersede', () => kind.end([session.value]))
    const moved = await kind.rotate(session, BOB)
    expect(shown(await open(moved?.value ?? ''))).toEqual(BOB)
    expect(await load(session.value)).toBe('unknown')
  })

  test.each([
    ['the store fails to claim the old one', 'supersede'],
    ['the store fails to carry a write over', 'update'],
  ] as const)('is ended when %s: no cookie leads to it', async (_, name) => {
    const broken = () => {
      throw new Error('the connection was lost')
    }
    const { create, kind, before, records } = start({ over: { [name]: broken } })
    const session = await create({ ...USER, a: 1 })
    const { renewedAt, expiresAt, keptUntil } = session.record
    const times = { renewedAt, expiresAt, keptUntil }
    if (name === 'update') before.set('supersede', () => records.update(session.id, { a: 2 }, times))
    await expect(kind.rotate(session, {})).rejects.toMatchObject({ code: 'backend_failed' })
    await later()
    expect(records.read(session.id)).not.toBeNull()
    expect(records.size).toBe(1)
  })
})

describe('the old id of a session that was moved', () => {
  const moved = async () => {
    const app = start()
    const old = await app.create({ ...USER, page: 1 })
    const next = (await app.kind.rotate(old, {})) as KeptSession
    return { ...app, old, next }
  }

  test('shows the session as it is now, through all of its moves', async () => {
    const { kind, old, next, open } = await moved()
    await kind.update(next, { page: 2 })
    expect(await open(old.value)).toMatchObject({ id: next.id, value: old.value, isReadOnly: true })
    expect(shown(await open(old.value))).toEqual({ ...USER, page: 2 })
    const third = (await kind.rotate(await open(next.value), {})) as KeptSession
    await kind.update(third, { page: 3 })
    expect(await open(old.value)).toMatchObject({ id: third.id, value: old.value, isReadOnly: true })
    expect(shown(await open(old.value))).toEqual({ ...USER, page: 3 })
  })

  test('reads for ten seconds', async () => {
    const { old, next, load, open, clock } = await moved()
    clock.advance(9.999)
    expect(shown(await load(old.value))).toEqual({ ...USER, page: 1 })
    clock.advance(0.001)
    expect(await load(old.value)).toBe('unknown')
    expect(shown(await open(next.value))).toEqual({ ...USER, page: 1 })
  })

  test('reads for ten seconds from the first of several moves', async () => {
    const { kind, old, next, load, clock } = await moved()
    clock.advance(5)
    await kind.rotate(next, {})
    clock.advance(5)
    expect(await load(old.value)).toBe('unknown')
    expect(shown(await load(next.value))).toEqual({ ...USER, page: 1 })
  })

  test('does not hide a session behind it', async () => {
    const { create, old, load, clock } = await moved()
    const { value } = await create(BOB)
    clock.advance(10)
    expect(shown(await load(old.value, value))).toEqual(BOB)
  })

  test.each<[sentence: string, next: (record: SessionRecord) => SessionRecord | null]>([
    ['is gone', () => null],
    ['is of another owner', (record) => ({ ...record, owner: 'another' })],
    ['has no owner', ({ owner: _, ...record }) => record],
    ['is over', (record) => ({ ...record, expiresAt: testClock().now() })],
    ['has no data', ({ data: _, ...record }) => record as SessionRecord],
    [
      'leads in a circle',
      (record) => ({ ...record, mark: { kind: 'rotation', readableUntil: 9e15, next: 'itself' } }),
    ],
  ])('shows nothing when the session it leads to %s', async (_, change) => {
    let isChanged = false
    const app = start({
      over: {
        read: (id) => {
          const record = app.records.read(id === 'itself' ? next.id : id)
          return isChanged && record && id !== old.id ? change(record) : record
        },
      },
    })
    const old = await app.create(USER)
    const next = (await app.kind.rotate(old, {})) as KeptSession
    expect(shown(await app.load(old.value))).toEqual(USER)
    isChanged = true
    expect(await app.load(old.value)).toBe('unknown')
  })

  test.each([
    ['the same user', USER],
    ['another user', BOB],
  ])('is dead at once after a login as %s', async (_, login) => {
    const { create, kind, load } = start()
    const session = await create(USER)
    await kind.rotate(session, login)
    expect(await load(session.value)).toBe('unknown')
  })

  test('still ends the session, and the old id with it', async () => {
    const { kind, old, next, load, records } = await moved()
    await kind.rotate(next, {})
    await kind.end([old.value])
    expect([await load(old.value), await load(next.value)]).toEqual(['unknown', 'unknown'])
    expect(records.size).toBe(0)
  })
})

describe('a visitor’s old id after the login', () => {
  const loggedIn = async () => {
    const app = start()
    const visitor = await app.create({ cart: 1 })
    const session = (await app.kind.rotate(visitor, USER)) as KeptSession
    return { ...app, visitor, session, late: await app.open(visitor.value) }
  }

  test('is empty and read-only, and leads nowhere', async () => {
    const { late, visitor } = await loggedIn()
    expect(late).toMatchObject({ id: visitor.id, value: visitor.value, isReadOnly: true })
    expect(late.record.data).toEqual({})
  })

  test('takes no write and no rotation of a request that was under way', async () => {
    const { kind, late, records } = await loggedIn()
    const { size } = records
    expect(await kind.update(late, { late: 1 })).toBeNull()
    expect(await kind.rotate(late, { late: 1 })).toBeNull()
    expect(records.size).toBe(size)
  })

  test('takes no write of a request that had loaded it before the login', async () => {
    const { kind, visitor } = await loggedIn()
    expect(await kind.update(visitor, { late: 1 })).toBeNull()
  })

  test('takes no rotation of a request that had loaded it before the login', async () => {
    const { kind, visitor, records } = await loggedIn()
    const { size } = records
    expect(await kind.rotate(visitor, { late: 1 })).toBeNull()
    expect(records.size).toBe(size)
  })

  test('logs in, with empty data', async () => {
    const { kind, late, open, load, session, calls } = await loggedIn()
    calls.length = 0
    const other = await kind.rotate(late, BOB)
    expect(calls).toEqual(['create'])
    expect(shown(await open(other?.value ?? ''))).toEqual(BOB)
    expect(shown(await load(session.value))).toEqual({ ...USER, cart: 1 })
  })

  test('counts last: a session behind it is found', async () => {
    const { visitor, session, open } = await loggedIn()
    expect(await open(visitor.value, session.value)).toMatchObject({ id: session.id })
    expect(await open(visitor.value, 'rubbish')).toMatchObject({ id: visitor.id, isReadOnly: true })
  })

  test('is gone after half a minute', async () => {
    const { visitor, load, clock } = await loggedIn()
    clock.advance(29.999)
    expect(shown(await load(visitor.value))).toEqual({})
    clock.advance(0.001)
    expect(await load(visitor.value)).toBe('unknown')
  })

  test('ends nothing: knowing it is not enough to log the user out', async () => {
    const { kind, visitor, session, load } = await loggedIn()
    await kind.end([visitor.value])
    expect(shown(await load(session.value))).toEqual({ ...USER, cart: 1 })
  })

  test('brings no cookie, through the whole app', async () => {
    const app = testApp({ sessions: storedSessions(memoryRecords()), now: Date.now })
    const browser = app.browser()
    await app.during(browser, ({ session }) => session.set('cart', 1))
    const late = browser.copy()
    const held = late.cookieHeader
    await app.login(browser, 'alice', 'wonderland')
    await app.during(late, ({ session }) => session.regenerateId())
    expect(late.cookieHeader).toBe(held)
  })
})

describe('ending', () => {
  test('takes every session that these values open', async () => {
    const { create, kind, load, records } = start()
    const [one, two, three] = [await create(USER), await create(BOB), await create({ cart: 1 })]
    await kind.end([one.value, 'rubbish', `1.${'A'.repeat(43)}`, two.value])
    expect([await load(one.value), await load(two.value)]).toEqual(['unknown', 'unknown'])
    expect(shown(await load(three.value))).toEqual({ cart: 1 })
    expect(records.size).toBe(1)
  })

  test('finds what a rotation makes of the session at the same time', async () => {
    const { create, kind, before, records } = start()
    const session = await create(USER)
    before.set('delete', () => kind.rotate(session, {}))
    await kind.end([session.value])
    expect(records.size).toBe(0)
  })

  test('stops in a circle', async () => {
    const mark = { kind: 'rotation', readableUntil: 0, next: 'itself' } as const
    const record = { data: {}, createdAt: 0, renewedAt: 0, expiresAt: 0, keptUntil: 0, mark }
    const { kind, calls } = start({ over: { delete: () => record } })
    await kind.end([`1.${'A'.repeat(43)}`])
    expect(calls).toHaveLength(100)
  })

  test('of an empty session leaves one that has data by then', async () => {
    const { create, kind, load, open } = start()
    const session = await create({ flash: 1 })
    const emptied = (await kind.update(session, { flash: undefined })) as KeptSession
    await kind.update(session, { late: 1 })
    expect(await kind.endIfEmpty(emptied)).toBe(false)
    expect(shown(await open(session.value))).toEqual({ late: 1 })
    await kind.update(session, { late: undefined })
    expect(await kind.endIfEmpty(emptied)).toBe(true)
    expect(await load(session.value)).toBe('unknown')
    expect(await kind.endIfEmpty(emptied)).toBe(false)
  })

  test('of an empty session is not an end if a login has replaced it', async () => {
    const { create, kind, open } = start()
    const visitor = await create({})
    const session = await kind.rotate(visitor, USER)
    expect(await kind.endIfEmpty(visitor)).toBe(false)
    expect(shown(await open(session?.value ?? ''))).toEqual(USER)
  })
})
