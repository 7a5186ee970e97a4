import {
  type Auth,
  type AuthOptions,
  createAuth,
  memoryRecords,
  type PasswordVerifier,
  type RequestAuth,
  sealedSessions,
  storedSessions,
  type UserLike,
  type UserProvider,
  type Visit,
} from 'latchkey'
import { type SessionCommit, serializeCookie } from 'latchkey/adapter'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser, type TestClock, testClock } from 'latchkey/testing'

export const SECRET = 'a-test-secret-of-more-than-32-bytes-0001'
export const ORIGIN = 'https://app.test'

export interface TestUser {
  readonly id: string | number
  readonly hashedPassword: string | null
  readonly displayName?: string
  readonly scopes?: readonly string[]
  readonly sessionEpoch?: number
  readonly disabled?: boolean
}

/** Passwords in the clear: what is tested is never how long hashing takes. */
export const plain: PasswordVerifier = {
  verify: (text, hashed) => hashed === `plain:${text}`,
  hash: (text) => `plain:${text}`,
  dummyHash: 'plain:-no-password-has-this-text-',
}

/** Users that a test can change behind the library's back. */
export class Users {
  readonly byId: Map<string | number, TestUser> = new Map()
  readonly byName: Map<string, string | number> = new Map()

  constructor() {
    this.put('alice', { id: 'alice', hashedPassword: 'plain:wonderland' })
    this.put('bob', { id: 'bob', hashedPassword: 'plain:builder' })
    this.put('answer', { id: 42, hashedPassword: 'plain:question' })
    this.put('text', { id: '42', hashedPassword: 'plain:question' })
    this.put('sso', { id: 'sso', hashedPassword: null })
  }

  put(username: string, user: TestUser): TestUser {
    this.byId.set(user.id, user)
    this.byName.set(username, user.id)
    return user
  }

  change(username: string, change: Partial<TestUser>): TestUser {
    return this.put(username, { ...this.named(username), ...change })
  }

  named(username: string): TestUser {
    const user = this.byId.get(this.byName.get(username) ?? '')
    if (!user) throw new Error(`no user ${username}`)
    return user
  }

  get provider(): UserProvider<TestUser> {
    return {
      findById: (id) => this.byId.get(id) ?? null,
      findByUsername: (name) => this.byId.get(this.byName.get(name) ?? '') ?? null,
    }
  }
}

/** Opens a request that nothing refuses, with a session that is asked without waiting. */
export function opened<User extends UserLike, Devices>(
  auth: Auth<User, Devices>,
  request: Request,
  address?: string,
): Visit<User, Devices> {
  const visit = auth.open(request, { address })
  if (visit instanceof Response || visit instanceof Promise) throw new Error('The request was refused.')
  return visit
}

/** The `Set-Cookie` values of a visit that was closed. */
export const setCookiesOf = ({ cookies }: SessionCommit): string[] => cookies.map(serializeCookie)

/** The cookies of a browser that hold a session: not the one that says when the last one ended. */
export const sessionCookies = ({ cookies }: TestBrowser): string[] =>
  [...cookies.keys()].filter((name) => !name.endsWith('-ended'))

export interface TestApp {
  /** The app itself. */
  readonly handle: (request: Request) => Promise<Response>
  readonly auth: Auth<TestUser>
  readonly users: Users
  readonly clock: TestClock
  readonly browser: () => TestBrowser
  /** Runs `use` in one request of a browser: a POST, or with headers a GET. */
  during<T>(
    browser: TestBrowser,
    use: (auth: RequestAuth<TestUser>) => T | Promise<T>,
    headers?: Record<string, string>,
  ): Promise<T>
  /** Logs in by password; the outcome. */
  login(browser: TestBrowser, username: string, password: string): ReturnType<RequestAuth<TestUser>['login']>
  /** The id of the user that a browser's requests belong to. */
  whoIs(browser: TestBrowser): Promise<string | number | null>
}

/** An app whose one route does what the test says. */
export function testApp(
  options: Partial<AuthOptions<TestUser, unknown>> = {},
  clock: TestClock = testClock(),
): TestApp {
  const users = new Users()
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    now: clock.now,
    ...options,
  })
  const thrown = new Map<string, unknown>()
  const works = new Map<string, (auth: RequestAuth<TestUser>) => unknown>()
  const handle = withAuth(
    auth,
    async (request, { auth: current }) => {
      await works.get(request.headers.get('x-work') ?? '')?.(current)
      return new Response('ok')
    },
    {
      onError(error, request) {
        thrown.set(request.headers.get('x-work') ?? '', error)
        return undefined
      },
    },
  )
  const during = async <T>(
    browser: TestBrowser,
    use: (auth: RequestAuth<TestUser>) => T | Promise<T>,
    headers?: Record<string, string>,
  ): Promise<T> => {
    const name = String(works.size)
    let value: T | undefined
    works.set(name, async (current) => {
      value = await use(current)
    })
    const named = { ...headers, 'x-work': name }
    await (headers ? browser.get('/', named) : browser.post('/', {}, named))
    if (thrown.has(name)) throw thrown.get(name)
    return value as T
  }
  return {
    handle,
    auth,
    users,
    clock,
    browser: () => new TestBrowser(handle, ORIGIN),
    during,
    login: (browser, username, password) => during(browser, (current) => current.login(username, password)),
    whoIs: (browser) => during(browser, async (current) => (await current.authenticate()).userId),
  }
}

/** The session modes that come with the library, each with a fresh store. */
export const SESSION_MODES = {
  sealed: () => ({ sessions: sealedSessions() }),
  'sealed, with revocation': (clock?: TestClock) => ({
    sessions: sealedSessions({ revocation: memoryRecords(clock ? { now: clock.now } : {}) }),
  }),
  'stored in memory': (clock?: TestClock) => ({
    sessions: storedSessions(memoryRecords(clock ? { now: clock.now } : {})),
  }),
} as const
