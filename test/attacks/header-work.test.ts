import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Hono } from 'hono'
import {
  type Auth,
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  createAuth,
  memoryRecords,
  memoryUsers,
  migrateSession,
  protectPaths,
  type RequestAuth,
  sealedSessions,
  sessionAuthenticator,
  storedSessions,
  tokenAuthenticator,
  type UserLike,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import * as honoAdapter from 'latchkey/hono'
import * as nextAdapter from 'latchkey/next'
import * as nodeAdapter from 'latchkey/node'
import * as routerAdapter from 'latchkey/react-router'
import * as remixAdapter from 'latchkey/remix'
import { describe, expect, test } from 'vitest'
import { cookieHeader } from '../../adapters/next/cookie-jar.ts'
import { seenRequest } from '../../adapters/next/seen-request.ts'
import { singleFetchPage } from '../../adapters/react-router/single-fetch-page.ts'
import { credentialsOf } from '../../src/identity/authenticators/authorization.ts'
import { ORIGIN, plain, SECRET } from '../app.ts'
import { expectLinear, PUMPS, pumped } from './by-length.ts'

const users = { ...memoryUsers<UserLike>([]), findByToken: () => null }
const common = {
  secret: SECRET,
  users,
  passwords: plain,
  throttle: false,
  trustProxy: 2,
  trustedOrigins: ['https://other.test'],
  protect: protectPaths({ include: ['/admin', '/area'], exclude: ['/area/public'], redirectTo: '/login' }),
  migrate: migrateSession({
    cookie: { name: 'old' },
    read: () => null,
    findUser: (): UserLike | null => null,
  }),
  authenticators: [
    sessionAuthenticator<UserLike>(),
    basicAuthenticator<UserLike>(),
    bearerAuthenticator<UserLike>(),
    tokenAuthenticator<UserLike>('Token'),
    apiKeyAuthenticator<UserLike>({ query: 'key' }),
  ],
} as const
const kinds: Record<string, Auth<UserLike>> = {
  sealed: createAuth<UserLike>({ ...common, sessions: sealedSessions() }),
  stored: createAuth({
    ...common,
    origin: ORIGIN,
    sessions: storedSessions(memoryRecords(), { keepAddress: true, keepUserAgent: true }),
  }),
}

/** How often a handler got to its end. */
let answers = 0

/** Everything that a handler may do with a request, and that reads it. */
async function handled(auth: RequestAuth<UserLike, unknown>): Promise<Response> {
  const { request } = auth
  await auth.authenticate()
  await auth.session.all()
  auth.safeRedirectPath(request.headers.get('referer'))
  await auth.login(request.headers.get('x-name'), 'wrong')
  const denied = await auth.requireUser({ redirectTo: '/login' })
  answers++
  return denied ?? new Response('in')
}

type Send = (auth: Auth<UserLike>, request: Request) => unknown

/** A context of React Router. */
const routerContext = () => {
  const values = new Map<unknown, unknown>()
  return {
    get: (key: { defaultValue?: unknown }) => values.get(key) ?? key.defaultValue,
    set: (key: unknown, value: unknown) => values.set(key, value),
  } as never
}

const ADAPTERS: Readonly<Record<string, Send>> = {
  fetch: (auth, request) =>
    withAuth(auth, (_, { auth: current }) => handled(current), { page: singleFetchPage })(request),
  hono: (auth, request) => {
    const app = new Hono<{ Variables: honoAdapter.AuthVariables<UserLike> }>()
    app.use(honoAdapter.latchkey(auth))
    app.all('*', (c) => handled(c.var.auth))
    return app.fetch(request)
  },
  node: (auth, { method, url, headers }) => {
    const incoming = new IncomingMessage(new Socket())
    incoming.method = method
    incoming.url = url.slice(ORIGIN.length)
    for (const [name, value] of headers) incoming.rawHeaders.push(name, value)
    if (!headers.has('host')) incoming.rawHeaders.push('host', 'app.test')
    const outgoing = new ServerResponse(incoming)
    const middleware = nodeAdapter.latchkey(auth)
    return new Promise<void>((resolve) => {
      outgoing.end = () => {
        resolve()
        return outgoing
      }
      middleware(
        incoming,
        outgoing as never,
        () => void handled(middleware.of(incoming)).then(() => resolve()),
      )
    })
  },
  next: async (auth, request) => {
    if (!request.headers.has('host')) request.headers.set('host', 'app.test')
    const adapter = nextAdapter.latchkey(auth)
    const nextUrl = new URL(request.url)
    const seen = seenRequest({ method: request.method, headers: request.headers, path: nextUrl.pathname })
    const clone = () => Object.assign(new URL(request.url), { clone })
    const proxied = Object.assign(request, { nextUrl: Object.assign(nextUrl, { clone }) })
    await adapter.check(proxied, { redirectTo: '/login' })
    return withAuth(auth, (_, { auth: current }) => handled(current))(seen)
  },
  'react-router': (auth, request) => {
    const middleware = routerAdapter.latchkey(auth)
    const args = { request, context: routerContext(), url: singleFetchPage(request), params: {} }
    return middleware(args as never, () => handled(middleware.of(args.context)))
  },
  remix: (auth, request) => {
    const middleware = remixAdapter.latchkey(auth)
    const context = { request } as never
    return middleware(context, () => handled(middleware.of(context)))
  },
}

const HEADERS: readonly string[] = [
  ...['authorization', 'cookie', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'],
  ...['origin', 'referer', 'host', 'accept', 'accept-language', 'user-agent', 'upgrade', 'content-type'],
  ...['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-purpose', 'purpose', 'x-api-key', 'x-name'],
  ...['hx-request', 'hx-boosted', 'hx-current-url', 'hx-target', 'x-requested-with', 'rsc', 'x-real-ip'],
  ...['x-inertia', 'next-url', 'access-control-request-method'],
]

/** Sends what a pump makes of a request, in both kinds of session. */
async function send(adapter: Send, make: (method: string) => Request): Promise<void> {
  for (const method of ['GET', 'POST']) {
    for (const auth of Object.values(kinds)) {
      // What cannot be answered is an answer too: only the work counts here.
      await Promise.resolve(adapter(auth, make(method))).catch(() => {})
    }
  }
}

describe.each(Object.entries(ADAPTERS))(
  'work grows with the length, not with the square of it: %s',
  (_, adapter) => {
    test('the handler is reached', async () => {
      answers = 0
      await send(
        adapter,
        (method) => new Request(`${ORIGIN}/page`, { method, headers: { accept: 'text/html' } }),
      )
      expect(answers).toBe(4)
    })

    test.each(HEADERS)('of the header %s', async (name) => {
      for (const pump of PUMPS) {
        await expectLinear(JSON.stringify(pump), (length) =>
          send(
            adapter,
            (method) => new Request(`${ORIGIN}/page`, { method, headers: { [name]: pumped(pump, length) } }),
          ),
        )
      }
    })

    test('of a credential behind a scheme of ours', async () => {
      for (const scheme of ['Basic ', 'Bearer ', 'Token ', 'Basic\t', ' ']) {
        for (const pump of PUMPS) {
          // Blanks alone never reach us: `Headers` takes them away, in Deno by work of its own that is quadratic.
          if ((scheme + pump).trim() === '') continue
          await expectLinear(JSON.stringify(scheme + pump), (length) =>
            send(
              adapter,
              (method) =>
                new Request(ORIGIN, { method, headers: { authorization: scheme + pumped(pump, length) } }),
            ),
          )
        }
      }
    })

    test('of what comes from another site with a credential', async () => {
      for (const pump of PUMPS) {
        for (const name of ['authorization', 'cookie', 'x-api-key', 'origin']) {
          await expectLinear(`${name}: ${JSON.stringify(pump)}`, (length) => {
            const headers = {
              'sec-fetch-site': 'cross-site',
              'x-api-key': 'abc',
              [name]: pumped(pump, length),
            }
            return send(adapter, (method) => new Request(ORIGIN, { method, headers }))
          })
        }
      }
    })

    test('of where htmx is', async () => {
      for (const pump of PUMPS) {
        await expectLinear(JSON.stringify(pump), (length) => {
          const headers = { 'hx-request': 'true', 'hx-current-url': `${ORIGIN}/${pumped(pump, length)}` }
          return send(adapter, (method) => new Request(`${ORIGIN}/page`, { method, headers }))
        })
      }
    })

    test.each(['/area/', '/', '/page?next=', '/page?key='])('of the target, behind %s', async (path) => {
      for (const pump of PUMPS) {
        await expectLinear(JSON.stringify(pump), (length) =>
          send(adapter, (method) => new Request(ORIGIN + path + pumped(pump, length), { method })),
        )
      }
    })
  },
)

describe('work grows with the length, not with the square of it', () => {
  test('of the cookies of Next, by the header and by the jar', async () => {
    for (const pair of ['=; ', 'a=b; ', 'session=x; ', 'a; ', ';', ' ;', '; ']) {
      await expectLinear(JSON.stringify(pair), (length) => {
        const count = Math.ceil(length / 8)
        const getAll = () => Array.from({ length: count }, (_, i) => ({ name: `a${i}`, value: 'b' }))
        const header = Array.from({ length: count }, (_, i) => `a${i}=b`).join('; ') + pumped(pair, length)
        cookieHeader(header, { getAll, set: () => {} })
      })
    }
  })

  test('of a return path', async () => {
    const auth = kinds.stored as Auth<UserLike>
    const visit = await auth.open(new Request(ORIGIN))
    if (!('auth' in visit)) throw new Error('refused')
    for (const pump of PUMPS)
      await expectLinear(JSON.stringify(pump), (length) =>
        visit.auth.safeRedirectPath(`/${pumped(pump, length)}`),
      )
  })

  test('of a value with characters that `Request` refuses elsewhere, as workerd hands it over', async () => {
    await expectLinear('blanks before a line separator', (length) => {
      const request = { headers: { get: () => `x${' '.repeat(length)}\u2028` } } as unknown as Request
      expect(credentialsOf(request, 'x')).toBe('\u2028')
    })
  })
})
