import { type AuthOptions, basicAuthenticator, createAuth, handleRequest, type RequestAuth } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

export type Work = (auth: RequestAuth<TestUser>) => unknown

export const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
export const bytes = (...codes: number[]): string => btoa(String.fromCharCode(...codes))
export const basic = (name: string, password: string): string => `Basic ${base64(`${name}:${password}`)}`

/** `alice:wonderland`, as it must be spelt; it ends with `==`, so that there are bits left over. */
export const GOOD = 'YWxpY2U6d29uZGVybGFuZA=='
export const ALICE = `Basic ${GOOD}`

/** An app whose every page is for users, by HTTP Basic alone unless the test says more. */
export function start(options: Partial<AuthOptions<TestUser>> = {}) {
  const clock = testClock()
  const users = new Users()
  const asked: string[] = []
  const verified: string[] = []
  const events: Record<string, unknown>[] = []
  let thrown: unknown
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: {
      ...users.provider,
      findByUsername(name) {
        asked.push(name)
        return users.provider.findByUsername(name)
      },
    },
    passwords: {
      ...plain,
      verify(text, hashed) {
        verified.push(hashed)
        return plain.verify(text, hashed)
      },
    },
    authenticators: [basicAuthenticator()],
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  })
  /** A request with these headers; those of one name as two lines. */
  const ask = (headers: HeadersInit, { work, method = 'GET' }: { work?: Work; method?: string } = {}) => {
    const sent = new Headers(headers)
    if (!sent.has('accept')) sent.set('accept', 'application/json')
    return handleRequest(
      auth,
      new Request(ORIGIN, { method, headers: sent }),
      async (current) => {
        const refused = await current.requireUser()
        if (refused) return refused
        const answer = await work?.(current)
        return answer instanceof Response ? answer : Response.json({ user: current.token.userId, answer })
      },
      {
        address: '192.0.2.1',
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  }
  const by = (authorization: string) => ask({ authorization })
  return { auth, ask, by, users, clock, asked, verified, events, thrown: () => thrown }
}

/** The user who was let in, or the code of the refusal. */
export async function verdict(answer: Response): Promise<unknown> {
  const { user, code } = (await answer.json()) as { user?: unknown; code?: unknown }
  return user ?? code
}
