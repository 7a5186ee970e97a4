import { LoginManager } from 'latchkey'
import { type IronSessionStore, ironSession } from 'latchkey/iron-session'
import { type SessionVisitor, sessionStoreContract, TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { plain, sessionCookies, Users } from '../app.ts'
import * as iron from './migrating/node_modules/iron-session/dist/index.js'
import * as iron8 from './migrating/node_modules/iron-session-8/dist/index.js'

const ORIGIN = 'https://app.test'
const options = { cookieName: 'iron', password: 'a-password-of-iron-session-0123456789' }

describe.each([
  ['9', iron.getIronSession],
  // One of the two types of its sessions: what is used of them is the same.
  ['8', iron8.getIronSession as unknown as typeof iron.getIronSession],
] as const)('iron-session %s as a session store', (_, getIronSession) => {
  const open = async (request: Request, response: Response): Promise<IronSessionStore> =>
    ironSession(await getIronSession(request, response, options))

  /** One request of a browser: `use` has its session, which is saved afterwards. */
  const during = async <T>(
    browser: TestBrowser,
    use: (session: IronSessionStore, request: Request) => T | Promise<T>,
  ): Promise<T> => {
    let result: T | undefined
    const send = async (request: Request): Promise<Response> => {
      const response = new Response()
      const session = await open(request, response)
      result = await use(session, request)
      await session.save()
      return response
    }
    const one = new TestBrowser(send, ORIGIN)
    for (const [name, value] of browser.cookies) one.cookies.set(name, value)
    await one.get('/')
    browser.cookies.clear()
    for (const [name, value] of one.cookies) browser.cookies.set(name, value)
    return result as T
  }
  const visitor = (browser: TestBrowser): SessionVisitor => ({
    request: (use) => during(browser, (session) => use(session)),
    copy: () => visitor(browser.copy()),
  })
  const newBrowser = () => new TestBrowser(() => Promise.reject(new Error('never sent')), ORIGIN)

  for (const { name, run } of sessionStoreContract(() => visitor(newBrowser()), { canEndCopies: false }))
    test(name, run)

  test('login and logout of LoginManager', async () => {
    const users = new Users()
    const manager = new LoginManager({
      secret: 'a-secret-0123456789-0123456789-abcdef',
      users: users.provider,
      passwords: plain,
    })
    const browser = newBrowser()
    const whoIs = () =>
      during(browser, async (session, request) => (await manager.authenticate({ request, session })).userId)
    await during(browser, (session) => session.set('cart', [1]))
    const before = browser.cookies.get('iron')
    await during(browser, (session, request) => manager.login({ request, session }, 'alice', 'wonderland'))
    expect(browser.cookies.get('iron')).not.toBe(before)
    expect(await whoIs()).toBe('alice')
    await during(browser, (session, request) => manager.logout({ request, session }))
    expect(sessionCookies(browser)).toEqual([])
    expect(await whoIs()).toBeNull()
  })

  test('a cookie that was altered is an empty session', async () => {
    const browser = newBrowser()
    await during(browser, (session) => session.set('a', 1))
    const value = browser.cookies.get('iron') as string
    for (const bad of ['x', `${value.slice(0, -9)}AAAA${value.slice(-5)}`, value.slice(0, 40)]) {
      browser.cookies.set('iron', bad)
      expect(await during(browser, (session) => session.get('a'))).toBeUndefined()
    }
  })

  test.each(['save', 'destroy', 'updateConfig', '__proto__'])('the key "%s" is refused', async (key) => {
    const browser = newBrowser()
    await expect(during(browser, (session) => session.set(key, 1))).rejects.toMatchObject({
      code: 'session_key_refused',
    })
  })
})
