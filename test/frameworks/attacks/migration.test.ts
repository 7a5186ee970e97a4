import {
  bearerAuthenticator,
  createAuth,
  memoryRecords,
  memoryUsers,
  migrateSession,
  type PreviousSession,
  sessionAuthenticator,
  storedSessions,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { plain, sessionCookies } from '../../app.ts'
import * as authJs from '../migrate/node_modules/@auth/core/jwt.js'
import * as iron from '../migrate/node_modules/iron-session/dist/index.js'
import * as iron8 from '../migrate/node_modules/iron-session-8/dist/index.js'

/** Two that have their types elsewhere than their code. */
const installed = (file: string) => import(`../migrate/node_modules/${file}`)
const { default: signature } = await installed('cookie-signature/index.js')
const { EncryptJWT, jwtDecrypt } = await installed('jose/dist/webapi/index.js')

const ORIGIN = 'https://app.test'
const PASSWORD = 'the-secret-of-the-library-before-0123456789'

interface User {
  readonly id: string
  readonly hashedPassword: string
  readonly disabled?: boolean
}

const users: readonly User[] = [
  { id: 'alice', hashedPassword: 'plain:wonderland' },
  { id: 'bob', hashedPassword: 'plain:builder' },
  { id: 'carol', hashedPassword: 'plain:carol', disabled: true },
]
const findUser = (id: unknown): User | null => users.find((user) => user.id === id) ?? null

/** A cookie as the library before has made it, and how its value is read by that library. */
interface Library {
  readonly name: string
  readonly make: (userId: string) => Promise<Record<string, string>>
  readonly read: (value: string) => Promise<unknown>
}

const byIron = ({ sealData, unsealData }: typeof iron | typeof iron8, name: string): Library => ({
  name,
  make: async (userId) => ({ [name]: await sealData({ userId }, { password: PASSWORD }) }),
  read: async (value) => (await unsealData<{ userId?: string }>(value, { password: PASSWORD })).userId,
})

const AUTH_JS = '__Secure-authjs.session-token'
const oldNextAuthKey = async (): Promise<Uint8Array> => {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(PASSWORD), 'HKDF', false, [
    'deriveBits',
  ])
  const info = new TextEncoder().encode('NextAuth.js Generated Encryption Key')
  const derived = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    key,
    256,
  )
  return new Uint8Array(derived)
}
const expressStore = new Map([
  ['sid-of-alice', 'alice'],
  ['sid-of-bob', 'bob'],
  ['sid-of-carol', 'carol'],
])

const LIBRARIES: readonly Library[] = [
  byIron(iron, 'iron-session'),
  byIron(iron8, 'iron-session-8'),
  {
    name: 'connect.sid',
    make: async (userId) => ({
      'connect.sid': encodeURIComponent(`s:${signature.sign(`sid-of-${userId}`, PASSWORD)}`),
    }),
    read: async (value) => {
      const sid = value.startsWith('s:') && signature.unsign(value.slice(2), PASSWORD)
      return sid ? expressStore.get(sid) : null
    },
  },
  {
    name: AUTH_JS,
    make: async (sub) => ({
      [AUTH_JS]: await authJs.encode({ token: { sub }, secret: PASSWORD, salt: AUTH_JS }),
    }),
    read: async (token) => (await authJs.decode({ token, secret: PASSWORD, salt: AUTH_JS }))?.sub,
  },
  {
    name: 'next-auth.session-token',
    make: async (sub) => ({
      'next-auth.session-token': await new EncryptJWT({ sub })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setIssuedAt()
        .setExpirationTime('1h')
        .encrypt(await oldNextAuthKey()),
    }),
    read: async (token) => (await jwtDecrypt(token, await oldNextAuthKey())).payload.sub,
  },
]

function app(
  { name, read }: Library,
  cookie: Partial<PreviousSession<User>['cookie']> = {},
  find: (id: unknown) => User | null = findUser,
  end?: (data: unknown) => unknown,
  authorization?: string,
) {
  const events: string[] = []
  const auth = createAuth({
    secret: 'a-secret-of-the-tests-0123456789-abcdefgh',
    origin: ORIGIN,
    users: memoryUsers(
      users.map((user) => ({ user, username: user.id, ...(user.id === 'bob' ? { tokens: ['good'] } : {}) })),
    ),
    passwords: plain,
    sessions: storedSessions(memoryRecords()),
    authenticators: [bearerAuthenticator(), sessionAuthenticator()],
    onEvent: ({ type }) => events.push(type),
  })
  const predecessor = { cookie: { name, ...cookie }, read, findUser: find, ...(end ? { end } : {}) }
  const handler = withAuth(
    auth,
    async (request, { auth }) => {
      const gone = await migrateSession(auth, predecessor)
      const { pathname } = new URL(request.url)
      if (pathname === '/logout') await auth.logout()
      if (pathname === '/login') await auth.login('bob', 'builder')
      const { userId, method } = await auth.authenticate()
      const answer = Response.json({ user: userId, method, isFresh: auth.isFresh })
      for (const value of gone) answer.headers.append('set-cookie', value)
      return answer
    },
    { onError: () => undefined },
  )
  const browser = new TestBrowser((request) => handler(request), ORIGIN)
  const setCookies: string[][] = []
  return {
    browser,
    events,
    setCookies,
    async carry(cookies: Record<string, string>) {
      for (const [key, value] of Object.entries(cookies)) browser.cookies.set(key, value)
    },
    async whoIs(path = '/'): Promise<Record<string, unknown>> {
      const answer = await browser.get(path, authorization ? { authorization } : {})
      setCookies.push(answer.headers.getSetCookie())
      return (await answer.json()) as Record<string, unknown>
    },
  }
}

describe.each(LIBRARIES.map((library) => [library.name, library] as const))(
  'moving away from %s',
  (name, library) => {
    test('logs nobody out: the old cookie logs in once, and ours takes its place', async () => {
      const { browser, carry, whoIs, events } = app(library)
      await carry(await library.make('alice'))
      expect(await whoIs()).toEqual({ user: 'alice', method: 'migrated', isFresh: false })
      expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
      expect(await whoIs()).toMatchObject({ user: 'alice' })
      expect(events).toEqual(['login'])
    })

    test('a logout holds', async () => {
      const { browser, carry, whoIs } = app(library)
      await carry(await library.make('alice'))
      expect(await whoIs('/logout')).toMatchObject({ user: null })
      expect(sessionCookies(browser)).toEqual([])
      expect(await whoIs()).toMatchObject({ user: null })
    })

    test('an altered cookie is nobody’s: it goes where it is read as nothing, and stays where reading it fails', async () => {
      const keeps = async (value: string): Promise<boolean> => {
        try {
          return (await library.read(value)) != null
        } catch {
          return true
        }
      }
      const { browser, carry, whoIs } = app(library)
      const [[key = '', value = ''] = []] = Object.entries(await library.make('alice'))
      for (const at of [4, Math.floor(value.length / 2), value.length - 8]) {
        const altered = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
        await carry({ [key]: altered })
        expect(await whoIs()).toMatchObject({ user: null })
        expect(browser.cookies.has(key)).toBe(await keeps(decodeURIComponent(altered)))
      }
      for (const garbage of ['x', '%', '%E0%A4', '__proto__', 's:', '.', '{}']) {
        await carry({ [key]: garbage })
        expect(await whoIs()).toMatchObject({ user: null })
        expect(browser.cookies.has(key)).toBe(await keeps(garbage))
      }
    })

    test('who has logged in here is not logged in as somebody else by it', async () => {
      const { browser, carry, whoIs } = app(library)
      await whoIs('/login')
      await carry(await library.make('alice'))
      expect(await whoIs()).toMatchObject({ user: 'bob', method: 'password' })
      expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
    })

    test('nor who has been logged out here, with a session that ended', async () => {
      const { browser, carry, whoIs } = app(library)
      await whoIs('/login')
      const copy = browser.cookies.get('__Host-session') as string
      await whoIs('/logout')
      await carry({ '__Host-session': copy, ...(await library.make('alice')) })
      expect(await whoIs()).toMatchObject({ user: null })
    })

    test('a disabled user, or one who is gone, stays out', async () => {
      for (const user of ['carol', 'ghost']) {
        const { carry, whoIs } = app(library)
        await carry(await library.make(user))
        expect(await whoIs()).toMatchObject({ user: null })
      }
    })

    test('its cookie is taken away under the path and domain that it has', async () => {
      const { carry, whoIs, setCookies } = app(library, { path: '/app', domain: 'app.test' })
      await carry(await library.make('alice'))
      await whoIs()
      expect(setCookies[0]).toContain(
        `${name}=; Path=/app; Domain=app.test; Max-Age=0; HttpOnly; SameSite=Lax; Secure`,
      )
    })
  },
)

describe('moving away', () => {
  const library = LIBRARIES[0] as Library

  test('a session in chunks is joined', async () => {
    const { browser, carry, whoIs } = app(library)
    const value = Object.values(await library.make('alice'))[0] as string
    await carry({ 'iron-session.0': value.slice(0, 100), 'iron-session.1': value.slice(100) })
    expect(await whoIs()).toMatchObject({ user: 'alice' })
    expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
  })

  test('of two cookies with one name either may be the good one', async () => {
    const { browser, carry, whoIs } = app(library)
    const value = Object.values(await library.make('alice'))[0] as string
    await carry({ 'iron-session': `stale; iron-session=${value}` })
    expect(await whoIs()).toMatchObject({ user: 'alice' })
    expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
  })

  test('a visitor without the old cookie is told nothing, and costs no look-up', async () => {
    const { whoIs, setCookies, events } = app({ ...library, read: () => Promise.reject(new Error('asked')) })
    expect(await whoIs()).toMatchObject({ user: null })
    expect(setCookies).toEqual([[]])
    expect(events).toEqual([])
  })

  test.each([
    ['a store that is down', { read: () => Promise.reject(new Error('down')) }],
    [
      'a reader that throws at once',
      {
        read: () => {
          throw new Error('down')
        },
      },
    ],
    ['a session that names no user', { find: () => null }],
    ['a user who may not log in', { user: 'carol' }],
  ])(
    'nothing old is lost before its user is in: %s',
    async (_, {
      read = library.read,
      find = findUser,
      user = 'alice',
    }: { read?: Library['read']; find?: typeof findUser; user?: string }) => {
      const ended: unknown[] = []
      const { browser, carry, whoIs } = app({ ...library, read }, {}, find, (data) => ended.push(data))
      const cookies = await library.make(user)
      await carry(cookies)
      for (let i = 0; i < 2; i++) expect(await whoIs()).toMatchObject({ user: null })
      expect(Object.fromEntries(browser.cookies)).toEqual(cookies)
      expect(ended).toEqual([])
    },
  )

  test.each([
    ['a token that is over', 'Bearer over'],
    ['a malformed one', 'Bearer a b'],
    ['a token of somebody else', 'Bearer good'],
  ])('another credential beside it is no session: %s', async (_, authorization) => {
    const { browser, carry, whoIs } = app(library, {}, findUser, undefined, authorization)
    await carry(await library.make('alice'))
    expect(await whoIs()).toMatchObject({ user: 'alice', method: 'migrated' })
    expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
  })

  test('a cookie of our name that is not ours does not end it', async () => {
    const { carry, whoIs } = app(library)
    await carry({ '__Host-session': 'rubbish', ...(await library.make('alice')) })
    expect(await whoIs()).toMatchObject({ user: 'alice' })
  })

  test('one value that cannot be read does not take the other one’s login away', async () => {
    const cookies = await library.make('alice')
    const value = Object.values(cookies)[0] as string
    const read = (text: string) => (text === 'stale' ? Promise.reject(new Error('down')) : library.read(text))
    const { browser, carry, whoIs } = app({ ...library, read })
    await carry({ 'iron-session': `stale; iron-session=${value}` })
    expect(await whoIs()).toMatchObject({ user: 'alice' })
    expect([...browser.cookies.keys()]).toEqual(['__Host-session'])
  })

  test('the old record is ended once its user is in, and not before', async () => {
    const order: string[] = []
    const find = (id: unknown) => {
      order.push('found')
      return findUser(id)
    }
    const { carry, whoIs, events } = app(library, {}, find, (data) =>
      order.push(`ended ${data} after ${events}`),
    )
    await carry(await library.make('alice'))
    await whoIs()
    expect(order).toEqual(['found', 'ended alice after login'])
  })

  test('users that cannot be asked let nobody in, and nothing is taken away', async () => {
    const { browser, carry, whoIs } = app(library, {}, () => {
      throw new Error('down')
    })
    await carry(await library.make('alice'))
    expect((await browser.get('/')).status).toBe(500)
    expect([...browser.cookies.keys()]).toEqual(['iron-session'])
    await carry({ 'iron-session': 'x' })
    expect(await whoIs()).toMatchObject({ user: null })
  })
})
