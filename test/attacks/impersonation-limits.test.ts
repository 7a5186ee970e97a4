import { bearerAuthenticator, type DeviceList, handleRequest, sessionAuthenticator } from 'latchkey'
import type { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, plain, type TestApp, type TestUser } from '../app.ts'
import { type Auth, REFUSED, RIGHT, start, told } from './impersonating.ts'

const devicesOf = (auth: Auth): DeviceList => auth.devices as DeviceList

describe('what is not for who acts as another', () => {
  test('he is not fresh, and no password makes him so', async () => {
    const verified: string[] = []
    const passwords = {
      ...plain,
      verify(text: string, hashed: string) {
        verified.push(hashed)
        return plain.verify(text, hashed)
      },
    }
    const { acting, during } = start({ more: { passwords } })
    const browser = await acting()
    verified.length = 0
    await during(browser, async (auth) => {
      await auth.authenticate()
      expect(auth.isFresh).toBe(false)
      for (const password of ['wonderland', 'pw', '', null])
        expect(await auth.reauthenticate(password)).toEqual({ ok: false, code: 'impersonating' })
      expect(auth.isFresh).toBe(false)
    })
    expect(verified).toEqual([])
  })

  test('nor is he fresh by a scope or a guard of his', async () => {
    const { acting, during } = start({ options: { guard: () => true }, more: { freshSeconds: 86_400 } })
    await during(await acting(), async (auth) => {
      await auth.authenticate()
      expect(auth.isFresh).toBe(false)
    })
  })

  const calls: readonly [sentence: string, call: (auth: Auth, app: TestApp) => Promise<unknown>][] = [
    [
      'that the other one has a new password',
      (auth, { users }) => auth.passwordChanged(users.named('alice')),
    ],
    ['that they have one themself', (auth, { users }) => auth.passwordChanged(users.named('root'))],
    ['for the list of devices', (auth) => devicesOf(auth).listSessions()],
    ['for the end of a device', async (auth) => devicesOf(auth).revokeSession('x'.repeat(22))],
    ['for the end of the other devices', (auth) => devicesOf(auth).revokeOthers()],
    ['for the end of all devices', (auth) => devicesOf(auth).revokeAll()],
    ['for the devices of a user', (auth) => devicesOf(auth).of('alice').listSessions()],
    ['for the end of a device of a user', (auth) => devicesOf(auth).of('alice').revokeSession('x')],
    ['for the end of all devices of a user', (auth) => devicesOf(auth).of('alice').revokeAll()],
  ]
  const ways: readonly [sentence: string, isOnce: boolean, isKnown: boolean][] = [
    ['in the session', false, true],
    ['in the session, before anybody asked who it is', false, false],
    ['for one request', true, true],
  ]
  describe.each(ways)('who acts %s', (_, isOnce, isKnown) => {
    test.each(calls)('asks in vain %s, and nothing is changed', async (_, call) => {
      const app = start()
      const target = await app.loggedIn('alice')
      const browser = isOnce ? await app.loggedIn('root') : await app.acting()
      const held = new Map(browser.cookies)
      await app.during(browser, async (auth) => {
        if (isOnce) await auth.impersonateOnce('alice')
        else if (isKnown) await auth.authenticate()
        app.events.length = 0
        await expect(call(auth, app)).rejects.toMatchObject({ code: 'impersonating', status: 403 })
      })
      expect([browser.cookies, app.events]).toEqual([held, []])
      expect(await app.who(target)).toEqual(['alice'])
      expect(await app.who(browser)).toEqual(isOnce ? ['root'] : ['alice', 'root'])
      await app.exit(browser)
      await app.during(browser, async (auth) => {
        expect(await devicesOf(auth).listSessions()).toHaveLength(1)
        expect(await devicesOf(auth).of('alice').listSessions()).toHaveLength(1)
      })
    })
  })

  describe.each(['GET', 'HEAD', 'OPTIONS'])('no link and no image begins or ends it: %s', (method) => {
    const by = async (app: ReturnType<typeof start>, browser: TestBrowser, work: (auth: Auth) => unknown) => {
      const request = new Request(ORIGIN, { method, headers: { cookie: browser.cookieHeader } })
      const visit = opened(app.auth, request)
      await work(visit.auth)
      const { cookies } = await visit.close({ failed: false })
      expect(cookies).toEqual([])
    }

    test('neither it begins', async () => {
      const app = start()
      const browser = await app.loggedIn('root')
      await by(app, browser, async (auth) => {
        for (const id of ['alice', 'ghost', null])
          await expect(auth.impersonate(id)).rejects.toMatchObject({ code: 'misuse' })
        expect(await auth.authenticate()).toMatchObject({ userId: 'root' })
      })
      expect([await app.who(browser), app.events]).toEqual([['root'], []])
    })

    test('nor it ends', async () => {
      const app = start()
      const browser = await app.acting()
      await by(app, browser, async (auth) => {
        await expect(auth.exitImpersonation()).rejects.toMatchObject({ code: 'misuse' })
        expect(await auth.authenticate()).toMatchObject({ userId: 'alice', originalUserId: 'root' })
      })
      expect([await app.who(browser), app.events]).toEqual([['alice', 'root'], []])
    })

    test('but one for this request alone may, which keeps nothing', async () => {
      const app = start()
      const browser = await app.loggedIn('root')
      await by(app, browser, async (auth) => {
        expect(await auth.impersonateOnce('alice')).toMatchObject({ ok: true })
        expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root', originalToken: null })
      })
      expect(await app.who(browser)).toEqual(['root'])
    })
  })

  test.each([
    ['requireNotImpersonating', (auth: Auth) => auth.requireNotImpersonating()],
    ['notImpersonating', (auth: Auth) => auth.requireUser({ notImpersonating: true })],
    [
      'a scope beside it that the other one has',
      (auth: Auth) => auth.requireUser({ notImpersonating: true, scopes: ['read'] }),
    ],
    [
      'the session alone',
      (auth: Auth) => auth.requireUser({ notImpersonating: true, by: [sessionAuthenticator()] }),
    ],
  ])('what asks for the user himself answers 403: %s', async (_, ask) => {
    const { acting, loggedIn, during, exit } = start()
    const browser = await acting()
    const refusal = await during(browser, ask)
    expect(refusal?.status).toBe(403)
    expect(await refusal?.text()).toContain('Not allowed')
    await exit(browser)
    if (String(ask).includes('read')) return
    expect(await during(browser, ask)).toBeNull()
    expect((await during(await loggedIn(null), ask))?.status).toBe(401)
  })

  test('the code of it is one of its own', async () => {
    const { auth, acting } = start()
    const browser = await acting()
    const headers = { accept: 'application/json', cookie: browser.cookieHeader }
    const answer = await handleRequest(auth, new Request(ORIGIN, { headers }), async (current) => {
      return (await current.requireNotImpersonating()) ?? new Response()
    })
    expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'impersonating' }])
    expect(answer.headers.get('www-authenticate')).toBeNull()
  })

  test('he has the scopes of the other one, and none of his own', async () => {
    const { acting, during } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      expect(await auth.requireScopes('read')).toBeNull()
      for (const scope of ['admin', RIGHT]) expect((await auth.requireScopes(scope))?.status).toBe(403)
    })
  })

  test('all that he does is told of him', async () => {
    const { acting, during, events } = start()
    const browser = await acting()
    await during(browser, async (auth) => {
      await auth.authenticate()
      await auth.login('bob', 'wrong')
    })
    expect(events).toMatchObject([{ type: 'login_failed', username: 'bob', actor: 'root' }])
  })
})

describe('for one request alone', () => {
  const TOKEN = { authorization: 'Bearer root' }
  const byToken = () => {
    const app = start({
      more: { authenticators: [bearerAuthenticator<TestUser>(), sessionAuthenticator<TestUser>()] },
    })
    const ask = (headers: Record<string, string>, work: (auth: Auth) => unknown) =>
      handleRequest(app.auth, new Request(ORIGIN, { method: 'POST', headers }), async (current) =>
        Response.json((await work(current)) ?? null),
      )
    return { ...app, ask }
  }
  const both = ({ token }: Auth) => [token.userId, token.originalUserId, token.state, token.expiresAt]

  test('who came by a token acts, and nothing is kept', async () => {
    const { ask, events } = byToken()
    const answer = await ask(TOKEN, async (auth) => {
      expect(await auth.impersonateOnce('alice')).toMatchObject({ ok: true, token: { userId: 'alice' } })
      expect(auth.isFresh).toBe(false)
      expect((await auth.requireNotImpersonating())?.status).toBe(403)
      return both(auth)
    })
    expect(await answer.json()).toEqual(['alice', 'root', 'impersonator', null])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(told(events)).toEqual([['impersonation_started', 'alice', 'root']])
    expect(await (await ask(TOKEN, async (auth) => (await auth.authenticate()).userId)).json()).toBe('root')
  })

  test('he cannot act for longer: there is nothing of his to write into', async () => {
    const { ask, events } = byToken()
    const answer = await ask(TOKEN, (auth) => auth.impersonate('alice'))
    expect([await answer.json(), answer.headers.getSetCookie(), events]).toEqual([REFUSED, [], []])
  })

  test('nor into the session of somebody else that came along', async () => {
    const { ask, loggedIn, who } = byToken()
    const browser = await loggedIn('bob')
    const headers = { ...TOKEN, cookie: browser.cookieHeader }
    const answer = await ask(headers, async (auth) => [
      await auth.impersonate('alice'),
      (await auth.impersonateOnce('alice')).ok,
    ])
    expect([await answer.json(), answer.headers.getSetCookie()]).toEqual([[REFUSED, true], []])
    expect(await who(browser)).toEqual(['bob'])
  })

  test('the same refusals, and the same one', async () => {
    const { ask } = byToken()
    const answer = await ask(TOKEN, async (auth) =>
      Promise.all(
        ['root', 'root2', 'ghost', 'carol', '042', '', null, ['alice']].map((id) => auth.impersonateOnce(id)),
      ),
    )
    for (const outcome of (await answer.json()) as unknown[]) expect(outcome).toEqual(REFUSED)
    for (const headers of [{}, { authorization: 'Bearer alice' }, { authorization: 'Bearer unknown' }])
      expect(
        await (await ask(headers as Record<string, string>, (auth) => auth.impersonateOnce('bob'))).json(),
      ).toEqual(REFUSED)
  })

  test('of a session nothing is changed either', async () => {
    const { loggedIn, during, who } = start()
    const browser = await loggedIn('root')
    const held = new Map(browser.cookies)
    await during(browser, async (auth) => {
      expect(await auth.impersonateOnce('alice')).toMatchObject({ ok: true })
      expect(auth.token).toMatchObject({ userId: 'alice', originalUserId: 'root' })
      expect(await auth.exitImpersonation()).toMatchObject({ userId: 'root', originalToken: null })
    })
    expect(browser.cookies).toEqual(held)
    await during(browser, (auth) => auth.impersonateOnce('alice'))
    expect([await who(browser), browser.cookies]).toEqual([['root'], held])
  })
})
