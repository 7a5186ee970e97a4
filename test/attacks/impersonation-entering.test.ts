import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { type Options, REFUSED, RIGHT, start, told } from './impersonating.ts'

describe('who may act as whom', () => {
  const rows: readonly [sentence: string, actor: string | null, target: unknown, options?: Options][] = [
    ['nobody', null, 'alice'],
    ['a user without the right', 'alice', 'bob'],
    ['a user without the right, as who has it', 'alice', 'root'],
    ['one as himself', 'root', 'root'],
    ['one as a peer', 'root', 'root2'],
    ['one as nobody we know', 'root', 'ghost'],
    ['one as a disabled user', 'root', 'carol'],
    ['one as a user who is gone', 'root', 'gone'],
    ['one with the right of another app', 'root', 'alice', { scope: 'support' }],
    ['one as himself, whatever a guard says', 'root', 'root', { guard: () => true, allowPeers: true }],
    ['one as himself, peers or not', 'root', 'root', { allowPeers: true }],
    ['one as a peer, whatever a guard says', 'root', 'root2', { guard: () => true }],
    ['one as a user with a scope that they lack', 'root', 'chief'],
    ['one as a user with other scopes than theirs', 'alice', 'chief', { scope: 'read' }],
    ['one as a user with more scopes, peers or not', 'alice', 'root', { scope: 'read', allowPeers: true }],
    ['one as a disabled user, whatever a guard says', 'root', 'carol', { guard: () => true }],
    ['nobody, whatever a guard says', null, 'alice', { guard: () => true }],
    ['one to whom the guard says no', 'root', 'alice', { guard: () => false }],
    ['one to whom the guard says no later', 'root', 'alice', { guard: async () => false }],
  ]
  test.each(rows)(
    'not %s: one refusal for all, and nothing is written',
    async (_, actor, target, options = {}) => {
      const { loggedIn, act, who, events } = start({ options })
      const browser = await loggedIn(actor)
      const held = new Map(browser.cookies)
      expect(await act(browser, target)).toEqual(REFUSED)
      expect(browser.cookies).toEqual(held)
      expect(events).toEqual([])
      expect(await who(browser)).toEqual([actor])
    },
  )

  const good: readonly [sentence: string, actor: string, target: string, options?: Options][] = [
    ['who has the scope', 'root', 'alice'],
    ['who has the scope that is asked for', 'alice', 'bob', { scope: 'read' }],
    ['who has the scope that is asked for, as one with no more', 'root', 'alice', { scope: 'admin' }],
    ['to whom the guard allows a user with more scopes', 'bob', 'chief', { guard: () => true }],
    ['a peer, where that is allowed', 'root', 'root2', { allowPeers: true }],
    ['to whom the guard says yes', 'bob', 'alice', { guard: () => true }],
    ['to whom the guard says yes later', 'bob', 'alice', { guard: async () => true }],
  ]
  test.each(good)('who may: %s', async (_, actor, target, options = {}) => {
    const { loggedIn, act, who, events } = start({ options })
    const browser = await loggedIn(actor)
    expect(await act(browser, target)).toMatchObject({ ok: true, token: { userId: target } })
    expect(await who(browser)).toEqual([target, actor])
    expect(told(events)).toEqual([['impersonation_started', target, actor]])
  })

  const verdicts: readonly [sentence: string, verdict: unknown, isYes: boolean][] = [
    ['true', true, true],
    ['a promise of true', Promise.resolve(true), true],
    ['"yes"', 'yes', false],
    ['"true"', 'true', false],
    ['1', 1, false],
    ['an object', {}, false],
    ['a list', [true], false],
    ['a Boolean of the other kind', Object(true), false],
    ['nothing', undefined, false],
    ['null', null, false],
    ['a promise of 1', Promise.resolve(1), false],
    ['a promise of nothing', Promise.resolve(), false],
    ['a promise of a promise of "yes"', Promise.resolve(Promise.resolve('yes')), false],
    ['a function', () => true, false],
  ]
  test.each(verdicts)('of what a guard may say, only true is a yes: %s', async (_, verdict, isYes) => {
    const { loggedIn, act } = start({ options: { guard: () => verdict as boolean } })
    expect(await act(await loggedIn('bob'), 'alice')).toMatchObject(isYes ? { ok: true } : REFUSED)
  })

  test('a guard is told both, as they are now, and only of who could be', async () => {
    const pairs: unknown[] = []
    const guard = (actor: TestUser, target: TestUser) => {
      pairs.push([actor, target])
      return true
    }
    const { loggedIn, act, users } = start({ options: { guard } })
    const browser = await loggedIn('bob')
    for (const target of ['ghost', 'carol', 'bob', 'root', '', null]) await act(browser, target)
    expect(pairs).toEqual([])
    await act(browser, 'alice')
    expect(pairs).toEqual([[users.named('bob'), users.named('alice')]])
  })

  test.each([
    [
      'at once',
      () => {
        throw new TypeError('guard broke')
      },
    ],
    ['later', () => Promise.reject(new TypeError('guard broke'))],
  ])('what a guard throws %s reaches the caller, and nothing is written', async (_, guard) => {
    const { loggedIn, act, who, events } = start({ options: { guard } })
    const browser = await loggedIn('bob')
    const held = new Map(browser.cookies)
    await expect(act(browser, 'alice')).rejects.toThrowError(new TypeError('guard broke'))
    expect([browser.cookies, events]).toEqual([held, []])
    expect(await who(browser)).toEqual(['bob'])
  })

  test('a guard that never answers is a broken one, and nobody acts as anybody', async () => {
    const { loggedIn, act, who } = start({
      options: { guard: () => new Promise(() => {}) },
      more: { timeLimitSeconds: 0.05 },
    })
    const browser = await loggedIn('bob')
    await expect(act(browser, 'alice')).rejects.toMatchObject({ code: 'backend_failed' })
    expect(await who(browser)).toEqual(['bob'])
  })

  test.each([
    ['one text', RIGHT],
    ['one text with it among others', `read,${RIGHT},write`],
    ['one text that holds it by chance', `no-${RIGHT}-please`],
    ['an object', { includes: () => true }],
    ['a list of a list', [[RIGHT]]],
    ['in capitals', [RIGHT.toUpperCase()]],
    ['more than it', [`${RIGHT}:none`]],
    ['null', null],
  ])('scopes that are no list of names give no right to it: %s', async (_, scopes) => {
    const { loggedIn, act, users } = start()
    users.change('bob', { scopes: scopes as never })
    const browser = await loggedIn('bob')
    const outcome = await act(browser, 'alice').catch((error: unknown) => error)
    expect(outcome).toEqual(REFUSED)
  })

  test('nobody acts through a second one', async () => {
    const { acting, act, who, during, events } = start({ options: { guard: () => true, allowPeers: true } })
    const browser = await acting('alice')
    const held = new Map(browser.cookies)
    for (const target of ['bob', 'root', 'root2', 'alice']) {
      expect(await act(browser, target)).toEqual(REFUSED)
      expect(await during(browser, (auth) => auth.impersonateOnce(target))).toEqual(REFUSED)
    }
    expect([await who(browser), browser.cookies, events]).toEqual([['alice', 'root'], held, []])
  })

  test('nor in the same request', async () => {
    const { loggedIn, during, who } = start({ options: { guard: () => true } })
    const browser = await loggedIn('root')
    await during(browser, async (auth) => {
      expect(await auth.impersonate('alice')).toMatchObject({ ok: true })
      expect(await auth.impersonate('bob')).toEqual(REFUSED)
      expect(auth.token).toMatchObject({ userId: 'alice', originalUserId: 'root', state: 'impersonator' })
    })
    expect(await who(browser)).toEqual(['alice', 'root'])
  })
})

describe('whom an id means', () => {
  test.each([
    [42, 42],
    ['42', '42'],
    ['alice', 'alice'],
  ])('%j is %j', async (id, user) => {
    const { loggedIn, act, who } = start()
    const browser = await loggedIn('root')
    await act(browser, id)
    expect(await who(browser)).toEqual([user, 'root'])
  })

  test('a number spelt as a text, where no text is spelt like it', async () => {
    const { loggedIn, act, who, users } = start()
    users.byId.delete('42')
    const browser = await loggedIn('root')
    await act(browser, '42')
    expect(await who(browser)).toEqual([42, 'root'])
  })

  test.each([
    '042',
    ' 42',
    '42 ',
    '42\n',
    '+42',
    '-42',
    '42.0',
    '4.2e1',
    '0x2a',
    '४२',
    '４２',
    '',
    ' ',
    'ALICE',
    'alice ',
    'alice\0',
    '[object Object]',
    'null',
    '__proto__',
  ])('%j is nobody, whatever numbers there are', async (id) => {
    const { loggedIn, act, users } = start()
    users.byId.delete('42')
    for (const number of [0, -42, Number.NaN]) users.put(`n${number}`, { id: number, hashedPassword: null })
    expect(await act(await loggedIn('root'), id)).toEqual(REFUSED)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['an object', { id: 'alice' }],
    ['a list', ['alice']],
    ['a list of a number', [42]],
    ['a text of the other kind', Object('alice')],
    ['what says its text itself', { toString: () => 'alice', valueOf: () => 42 }],
    ['a function', () => 'alice'],
    ['a symbol', Symbol.for('alice')],
    ['a big integer', 42n],
    ['an empty text', ''],
    ['a text with NUL', 'alice\0'],
    ['a very long text', 'a'.repeat(1025)],
  ])('%s never reaches the provider', async (_, id) => {
    const { loggedIn, act, asked } = start()
    const browser = await loggedIn('root')
    expect(await act(browser, id)).toEqual(REFUSED)
    expect(asked).toEqual(['root'])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53, -42])('%d is nobody', async (id) => {
    const { loggedIn, act, users } = start()
    users.byId.set(id, { id, hashedPassword: null })
    if (id === -42) users.byId.delete(id)
    expect(await act(await loggedIn('root'), id)).toEqual(REFUSED)
  })

  test.each(['042', ' 42', 'Alice', '1e3'])(
    'a table that compares loosely finds nobody by %j',
    async (id) => {
      const users = start().users.provider
      const findById = (given: string | number) =>
        users.findById(given) ??
        users.findById(Number(given)) ??
        users.findById(String(given).trim().toLowerCase()) ??
        (given === '1e3' ? { id: 1000, hashedPassword: null } : null)
      const app = start({ more: { users: { ...users, findById } } })
      expect(await app.act(await app.loggedIn('root'), id)).toEqual(REFUSED)
    },
  )

  test.each([
    ['no id', {}],
    ['no usable hash', { id: 'odd', hashedPassword: 42 }],
    ['no usable epoch', { id: 'odd', hashedPassword: null, sessionEpoch: 'x' }],
  ])('a row with %s is a broken table, and nobody is impersonated', async (_, row) => {
    const { loggedIn, act, users } = start()
    users.byId.set('odd', row as never)
    await expect(act(await loggedIn('root'), 'odd')).rejects.toMatchObject({ code: 'backend_failed' })
  })
})
