import { describe, expect, test } from 'vitest'
import type { TestApp } from '../app.ts'
import { type Auth, start, told } from './impersonating.ts'

describe('the way out', () => {
  test.each([
    ['the right is lost', ({ users }: TestApp) => users.change('root', { scopes: [] })],
    ['the other one is gone', ({ users }: TestApp) => users.byId.delete('alice')],
    ['the other one is disabled', ({ users }: TestApp) => users.change('alice', { disabled: true })],
    ['it is over', ({ clock }: TestApp) => clock.advance(3600)],
  ])('is open when %s', async (_, change) => {
    const app = start()
    const browser = await app.acting()
    await change(app)
    expect(await app.exit(browser)).toMatchObject({ userId: 'root', originalToken: null })
    expect(await app.who(browser)).toEqual(['root'])
    expect(told(app.events)).toEqual([['impersonation_ended', 'alice', 'root', 'exit']])
  })

  const ways: readonly [
    sentence: string,
    leave: (auth: Auth) => Promise<unknown>,
    now: unknown[],
    reason: string,
  ][] = [
    ['exit', (auth) => auth.exitImpersonation(), ['root'], 'exit'],
    ['logout', (auth) => auth.logout(), [null], 'logout'],
    ['a login', (auth) => auth.login('bob', 'builder'), ['bob'], 'login'],
  ]
  test.each(ways)('is open when the guard throws, and told: %s', async (_, leave, now, reason) => {
    let isBroken = false
    const guard = () => {
      if (isBroken) throw new TypeError('guard broke')
      return true
    }
    const { acting, during, who, events } = start({ options: { guard } })
    const browser = await acting()
    isBroken = true
    await during(browser, leave)
    expect(await who(browser)).toEqual(now)
    expect(events[0]).toMatchObject({ type: 'impersonation_ended', userId: 'alice', actor: 'root', reason })
  })

  test('is no way in: for who acts as nobody it changes nothing', async () => {
    const { loggedIn, exit, who, events } = start()
    for (const user of [null, 'alice', 'root']) {
      const browser = await loggedIn(user)
      const held = new Map(browser.cookies)
      expect(await exit(browser)).toMatchObject({ userId: user })
      expect([browser.cookies, events, await who(browser)]).toEqual([held, [], [user]])
    }
  })

  test('twice is once', async () => {
    const { acting, during, who, events } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      await auth.exitImpersonation()
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root' })
      expect(auth.token).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(events).toHaveLength(1)
    expect(await who(browser)).toEqual(['root'])
  })

  test('in the request that began it', async () => {
    const { loggedIn, during, who, events } = start()
    const browser = await loggedIn('root')
    await during(browser, async (auth) => {
      await auth.impersonate('alice')
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(await who(browser)).toEqual(['root'])
    expect(told(events)).toEqual([
      ['impersonation_started', 'alice', 'root'],
      ['impersonation_ended', 'alice', 'root', 'exit'],
    ])
  })
})

test('the way out is open while the table of users is down', async () => {
  const app = start()
  const browser = await app.acting()
  const { byId } = app.users
  const get = byId.get.bind(byId)
  byId.get = () => {
    throw new Error('down')
  }
  const token = await app.during(browser, (auth) => auth.exitImpersonation())
  expect(token.isAuthenticated).toBe(false)
  byId.get = get
  expect(await app.who(browser)).toEqual(['root'])
})
