import {
  type AuthOptions,
  bearerAuthenticator,
  createAuth,
  handleRequest,
  type RequestAuth,
  type UserProvider,
} from 'latchkey'
import { TestBrowser, testClock } from 'latchkey/testing'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

export type Work = (auth: RequestAuth<TestUser>) => unknown
export type Sent = Record<string, string> | [string, string][]

export const TOKEN = 'alice-token-123'
export const GOOD = { authorization: `Bearer ${TOKEN}` }
export const REALM = 'realm="Protected access"'

export interface Ask {
  readonly path?: string
  readonly method?: string
  readonly body?: URLSearchParams
  /** In place of the check for a user. */
  readonly instead?: Work
  /** After it. */
  readonly work?: Work
  readonly scopes?: readonly unknown[]
}

/** An app whose every page is for users, by bearer token alone unless the test says more. */
export function start({
  authenticators = [bearerAuthenticator()],
  ...options
}: Partial<AuthOptions<TestUser>> = {}) {
  const clock = testClock()
  const users = new Users()
  users.change('alice', { scopes: ['read', 'write'] })
  const tokens = new Map<string, () => unknown>([
    [TOKEN, () => users.byId.get('alice')],
    ['carol-token', () => ({ id: 'carol', hashedPassword: null, disabled: true })],
    ['A1-._~+/==', () => users.byId.get('bob')],
  ])
  const asked: string[] = []
  const provider: UserProvider<TestUser> = {
    ...users.provider,
    findByToken(token) {
      asked.push(token)
      return tokens.get(token)?.() as TestUser | undefined
    },
  }
  let thrown: unknown
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: provider,
    passwords: plain,
    authenticators,
    now: clock.now,
    ...options,
  })
  const ask = (headers: Sent = {}, { path = '/', instead, work, scopes, ...init }: Ask = {}) => {
    const sent = new Headers(headers)
    sent.set('accept', 'application/json')
    const handle: Work = async (current) => {
      const refused = await current.requireUser(scopes ? { scopes: scopes as string[] } : {})
      if (refused) return refused
      const answer = await work?.(current)
      return answer ?? { user: current.token.userId, method: current.token.method }
    }
    return handleRequest(
      auth,
      new Request(new URL(path, ORIGIN), { ...init, headers: sent }),
      async (current) => {
        const answer = await (instead ?? handle)(current)
        return answer instanceof Response ? answer : Response.json(answer)
      },
      {
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  }
  /** A browser in which `username` is logged in. */
  const login = async (username: string): Promise<TestBrowser> => {
    const browser = new TestBrowser(
      (request) =>
        handleRequest(auth, request, async (current) => {
          await current.loginUser(users.named(username))
          return new Response()
        }),
      ORIGIN,
    )
    await browser.post('/')
    return browser
  }
  return { auth, ask, login, users, tokens, provider, clock, asked, thrown: () => thrown }
}

/** The user who was let in, or the code of the refusal. */
export async function verdict(answer: Response): Promise<unknown> {
  const { user, code } = (await answer.json()) as { user?: unknown; code?: unknown }
  return user ?? code
}

export const challenge = (answer: Response): string | null => answer.headers.get('www-authenticate')
