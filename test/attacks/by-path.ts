import { type AuthOptions, createAuth, handleRequest, type ProtectPathsOptions, protectPaths } from 'latchkey'
import { TestBrowser } from 'latchkey/testing'
import { expect } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'

export const RULES = { include: ['/admin', '/area'], exclude: ['/area/public', '/area/health'] }
export const JSON_ONLY = { accept: 'application/json' }
export const HTML = { accept: 'text/html' }

export interface Ask extends RequestInit {
  readonly headers?: Record<string, string>
}

/** An app with one handler for whatever comes, and without a check in it. */
export function start(rules: ProtectPathsOptions = RULES, options: Partial<AuthOptions<TestUser>> = {}) {
  const users = new Users()
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    protect: protectPaths(rules),
    ...options,
  })
  let thrown: unknown
  /** `target` is a path, or a whole address. Without headers it is followed as a link is. */
  const ask = (target: string, init: Ask = {}): Promise<Response> =>
    handleRequest(
      auth,
      new Request(target.startsWith('/') ? ORIGIN + target : target, {
        redirect: 'manual',
        headers: HTML,
        ...init,
      }),
      async (current) => new Response(`MARKER ${(await current.authenticate()).userId ?? 'nobody'}`),
      {
        onError(error) {
          thrown = error
          return undefined
        },
      },
    )
  const login = async (username = 'alice'): Promise<string> => {
    const browser = new TestBrowser(
      (request) =>
        handleRequest(auth, request, async (current) => {
          await current.loginUser(users.named(username))
          return new Response()
        }),
      ORIGIN,
    )
    await browser.post(rules.exclude?.[0] ?? '/login')
    return browser.cookieHeader
  }
  return { ask, login, users, thrown: () => thrown }
}

/** `marker`, or the status of the refusal. */
export async function judged(answer: Response): Promise<'marker' | number> {
  const isMarker = (await answer.text()).includes('MARKER')
  expect(isMarker).toBe(answer.status === 200)
  return isMarker ? 'marker' : answer.status
}
