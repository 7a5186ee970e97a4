import { memoryRecords, type SessionPatch, storedSessions } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type Options, start } from './impersonating.ts'

describe('keys that were planted in the store', () => {
  const planted = async (owner: string | null, data: SessionPatch, options: Options = {}) => {
    const clock = testClock()
    const store = memoryRecords({ now: clock.now })
    const ids: string[] = []
    const create = store.create.bind(store)
    store.create = (id, record) => {
      ids.push(id)
      return create(id, record)
    }
    const app = start({ options, more: { sessions: storedSessions(store), now: clock.now } })
    const browser = await app.loggedIn(owner)
    if (owner === null) await app.during(browser, ({ session }) => session.set('cart', 1))
    const id = ids.at(-1) as string
    const record = await store.read(id)
    expect(record).not.toBeNull()
    const { renewedAt = 0, expiresAt = 0, keptUntil = 0 } = record ?? {}
    await store.update(id, data, { renewedAt, expiresAt, keptUntil })
    return { ...app, browser }
  }
  const LATER = 1_767_225_600_000 + 60_000

  test('mean something where they are the session’s own: the rows below can fail', async () => {
    const data = {
      _impersonated_user_id: 'alice',
      _impersonator_user_id: 'root',
      _impersonation_ends_at: LATER,
    }
    const { who, browser } = await planted('root', data)
    expect(await who(browser)).toEqual(['alice', 'root'])
  })

  test('do not wait in a visitor’s session for whoever logs in there', async () => {
    const data = {
      _impersonated_user_id: 'alice',
      _impersonator_user_id: 'root',
      _impersonation_ends_at: LATER,
    }
    const { who, login, during, browser } = await planted(null, data)
    expect(await who(browser)).toEqual([null])
    await login(browser, 'root', 'pw')
    expect(await who(browser)).toEqual(['root'])
    expect(await during(browser, ({ session }) => session.all())).toEqual({ cart: 1 })
  })

  const rows: readonly [sentence: string, owner: string, data: SessionPatch, options?: Options][] = [
    ['the one alone', 'root', { _impersonated_user_id: 'alice' }],
    ['without an end', 'root', { _impersonated_user_id: 'alice', _impersonator_user_id: 'root' }],
    ['without who did it', 'root', { _impersonated_user_id: 'alice', _impersonation_ends_at: LATER }],
    [
      'bound to another actor',
      'root',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root2', _impersonation_ends_at: LATER },
    ],
    [
      'of one with the right, in a session of one without',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'of one with the right, where the guard would say yes to all',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
      { guard: () => true },
    ],
    [
      'of one without the right',
      'bob',
      { _impersonated_user_id: 'alice', _impersonator_user_id: 'bob', _impersonation_ends_at: LATER },
    ],
    [
      'as a peer',
      'root',
      { _impersonated_user_id: 'root2', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an end that is over',
      'root',
      {
        _impersonated_user_id: 'alice',
        _impersonator_user_id: 'root',
        _impersonation_ends_at: LATER - 60_000,
      },
    ],
    [
      'with an end that is a text',
      'root',
      {
        _impersonated_user_id: 'alice',
        _impersonator_user_id: 'root',
        _impersonation_ends_at: '9999999999999',
      },
    ],
    [
      'with an id that is a list',
      'root',
      { _impersonated_user_id: ['alice'], _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an id of another type, where there is none',
      'root',
      { _impersonated_user_id: '042', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an actor of another type',
      'answer',
      { _impersonated_user_id: 'alice', _impersonator_user_id: '42', _impersonation_ends_at: LATER },
      { guard: () => true },
    ],
    [
      'with an id that is null',
      'root',
      { _impersonated_user_id: null, _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
    [
      'with an id that is empty',
      'root',
      { _impersonated_user_id: '', _impersonator_user_id: 'root', _impersonation_ends_at: LATER },
    ],
  ]
  test.each(rows)('mean nothing, and are removed: %s', async (_, owner, data, options) => {
    const { who, during, browser } = await planted(owner, data, options)
    const id = owner === 'answer' ? 42 : owner
    expect(await who(browser)).toEqual([id])
    expect(await who(browser)).toEqual([id])
    await during(browser, async (auth) => {
      expect(await auth.authenticate()).toMatchObject({ state: 'fresh', originalToken: null })
    })
  })
})
