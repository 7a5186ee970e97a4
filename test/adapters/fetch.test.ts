import { createAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, sessionCookies, Users } from '../app.ts'

interface Env {
  readonly SECRET: string
}

const authOf = ({ SECRET: secret }: Env) =>
  createAuth({ secret, origin: ORIGIN, users: new Users().provider, passwords: plain })
const auth = authOf({ SECRET })

describe('the fetch adapter', () => {
  test('hands over what the runtime hands over', async () => {
    const execution = { waitUntil: () => {} }
    const handle = withAuth(authOf, (_, context) => {
      expect([context.env.SECRET, context.execution]).toEqual([SECRET, execution])
      return new Response('ok')
    })
    expect((await handle(new Request(ORIGIN), { SECRET }, execution)).status).toBe(200)
  })

  test('makes its auth once per environment', async () => {
    let made = 0
    const handle = withAuth(
      (env: Env) => {
        made++
        return authOf(env)
      },
      () => new Response('ok'),
    )
    const env = { SECRET }
    await handle(new Request(ORIGIN), env)
    await handle(new Request(ORIGIN), env)
    expect(made).toBe(1)
  })

  test('an environment without a secret is refused at the first request, and names the fix', () => {
    const handle = withAuth(authOf, () => new Response('ok'))
    expect(() => handle(new Request(ORIGIN), {} as Env)).toThrowError(/`secret` is missing/)
  })

  test('a handler that throws is answered 500, says nothing, and is reported', async () => {
    const reported: unknown[] = []
    const handle = withAuth(
      auth,
      () => {
        throw new Error('SELECT * FROM users')
      },
      {
        onError: (error) => {
          reported.push(error)
          return undefined
        },
      },
    )
    const answer = await handle(new Request(ORIGIN))
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('SELECT')
    expect(reported).toHaveLength(1)
  })

  test('the app may answer for itself', async () => {
    const handle = withAuth(auth, () => Promise.reject(new Error('x')), {
      onError: () => new Response('sorry', { status: 502 }),
    })
    expect((await handle(new Request(ORIGIN))).status).toBe(502)
  })

  test('a logout survives a handler that throws, and nothing else does', async () => {
    const handle = withAuth(
      auth,
      async (request, { auth: current }) => {
        if (request.url.endsWith('/login')) await current.login('alice', 'wonderland')
        if (request.url.endsWith('/half')) {
          await current.logout()
          current.session.set('a', 1)
          throw new Error('half-way')
        }
        return Response.json((await current.authenticate()).userId)
      },
      { onError: () => undefined },
    )
    const browser = new TestBrowser(handle, ORIGIN)
    await browser.post('/login')
    expect(await (await browser.get('/')).json()).toBe('alice')
    await browser.post('/half')
    expect(sessionCookies(browser)).toEqual([])
  })

  test('an address is asked of the runtime', async () => {
    const addresses: unknown[] = []
    const handle = withAuth<ReturnType<Users['named']>, { ip: string }>(
      createAuth({
        secret: SECRET,
        origin: ORIGIN,
        users: new Users().provider,
        passwords: plain,
        onEvent: ({ address }) => addresses.push(address),
      }),
      async (_, { auth: current }) => {
        await current.login('alice', 'wonderland')
        return new Response('ok')
      },
      { address: (_, { ip }) => ip },
    )
    await handle(new Request(ORIGIN, { method: 'POST' }), { ip: '192.0.2.7' })
    expect(addresses).toEqual(['192.0.2.7'])
  })
})
