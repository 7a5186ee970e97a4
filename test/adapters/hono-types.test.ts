import { Hono } from 'hono'
import { hc, type InferRequestType, type InferResponseType } from 'hono/client'
import { createFactory } from 'hono/factory'
import { validator } from 'hono/validator'
import { createAuth, type UserProvider } from 'latchkey'
import { type AuthVariables, latchkey, requireUser } from 'latchkey/hono'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ORIGIN, plain, SECRET } from '../app.ts'

/** An app's own user: its type must arrive in handlers as it is. */
interface Member {
  readonly id: number
  readonly hashedPassword: string
  readonly plan: 'free' | 'paid'
}

const MEMBER: Member = { id: 7, hashedPassword: 'plain:wonderland', plan: 'paid' }
const users: UserProvider<Member> = { findById: () => MEMBER, findByUsername: () => MEMBER }
const auth = createAuth({ secret: SECRET, origin: ORIGIN, users, passwords: plain })

interface AppEnv {
  Variables: AuthVariables<Member>
}

/** A router of its own, which an app mounts below a path. */
const notes = new Hono<AppEnv>()
  .use(requireUser())
  .get('/', (c) => {
    expectTypeOf(c.var.auth.user).toEqualTypeOf<Member>()
    return c.json({ notes: ['one'], owner: c.var.auth.user.id })
  })
  .get('/:id', (c) => {
    expectTypeOf(c.var.auth.user).toEqualTypeOf<Member>()
    return c.json({ id: Number(c.req.param('id')), owner: c.var.auth.user.id })
  })

const app = new Hono()
  .basePath('/v1')
  .use(latchkey(auth))
  .post(
    '/login',
    validator('json', (value: { password: string }) => ({ password: String(value.password) })),
    async (c) => {
      const { password } = c.req.valid('json')
      const outcome = await c.var.auth.login('anybody', password)
      if (!outcome.ok) return c.json({ ok: false, code: outcome.code } as const, 401)
      expectTypeOf(outcome.token.user).toEqualTypeOf<Member>()
      return c.json({ ok: true } as const, 200)
    },
  )
  .post('/logout', async (c) => {
    await c.var.auth.logout()
    return c.body(null, 204)
  })
  .get('/me', requireUser(), (c) => {
    expectTypeOf(c.var.auth.user).toEqualTypeOf<Member>()
    expectTypeOf(c.var.auth.token.state).toEqualTypeOf<'fresh' | 'remembered' | 'impersonator'>()
    return c.json({ id: c.var.auth.user.id, plan: c.var.auth.user.plan }, 200)
  })
  .route('/notes', notes)

const client = (browser: TestBrowser) =>
  hc<typeof app>(ORIGIN, {
    async fetch(input: RequestInfo | URL, init?: RequestInit) {
      const { pathname } = new URL(String(input))
      const headers = Object.fromEntries(new Headers(init?.headers))
      const json: unknown = init?.body === undefined ? undefined : JSON.parse(String(init.body))
      return browser.visit(pathname, { method: init?.method ?? 'GET', headers, json })
    },
  })

type Client = ReturnType<typeof client>

describe('the types of a Hono client', () => {
  test('come through latchkey() and requireUser() unharmed', () => {
    type Me = Client['v1']['me']['$get']
    expectTypeOf<InferResponseType<Me, 200>>().toEqualTypeOf<{ id: number; plan: 'free' | 'paid' }>()
    type Login = Client['v1']['login']['$post']
    expectTypeOf<InferRequestType<Login>['json']>().toEqualTypeOf<{ password: string }>()
    expectTypeOf<InferResponseType<Login, 200>>().toEqualTypeOf<{ readonly ok: true }>()
    expectTypeOf<InferResponseType<Login, 401>['code']>().toEqualTypeOf<
      'invalid_credentials' | 'rejected' | 'throttled' | 'second_factor_required'
    >()
    expectTypeOf<InferResponseType<Client['v1']['logout']['$post']>>().toEqualTypeOf<null>()
    type Note = Client['v1']['notes'][':id']['$get']
    expectTypeOf<InferRequestType<Note>['param']>().toEqualTypeOf<{ id: string }>()
    expectTypeOf<InferResponseType<Note>>().toEqualTypeOf<{ id: number; owner: number }>()
  })

  test('a route that does not exist is an error of the compiler', () => {
    // @ts-expect-error there is no such route
    expectTypeOf<Client['v1']['nothing']>().not.toBeNever()
  })

  test('and it logs in, reads and logs out', async () => {
    const browser = new TestBrowser((request) => app.fetch(request), ORIGIN)
    const { v1 } = client(browser)
    expect((await v1.me.$get()).status).toBe(401)
    const refused = await v1.login.$post({ json: { password: 'wrong' } })
    expect(await refused.json()).toEqual({ ok: false, code: 'invalid_credentials' })
    expect((await v1.login.$post({ json: { password: 'wonderland' } })).status).toBe(200)
    const me = await v1.me.$get()
    if (!me.ok) throw new Error('refused')
    expect((await me.json()).plan).toBe('paid')
    expect(await (await v1.notes.$get()).json()).toEqual({ notes: ['one'], owner: 7 })
    expect(await (await v1.notes[':id'].$get({ param: { id: '3' } })).json()).toEqual({ id: 3, owner: 7 })
    expect((await v1.logout.$post()).status).toBe(204)
    expect((await v1.notes.$get()).status).toBe(401)
  })
})

describe('the user, as the compiler sees him', () => {
  test('is perhaps nobody without requireUser, and somebody after it', () => {
    new Hono<AppEnv>()
      .get('/a', (c) => {
        expectTypeOf(c.var.auth.user).toEqualTypeOf<Member | null>()
        // @ts-expect-error there may be nobody
        return c.json(c.var.auth.user.id)
      })
      .get('/b', requireUser(), (c) => {
        expectTypeOf(c.get('auth').user).toEqualTypeOf<Member>()
        return c.json(c.var.auth.user.id)
      })
  })

  test('keeps his type in handlers that a factory makes', () => {
    const factory = createFactory<AppEnv>()
    const handlers = factory.createHandlers(requireUser(), (c) => {
      expectTypeOf(c.var.auth.user).toEqualTypeOf<Member>()
      return c.json({ plan: c.var.auth.user.plan })
    })
    const made = new Hono<AppEnv>().get('/', ...handlers)
    expectTypeOf<InferResponseType<ReturnType<typeof hc<typeof made>>['index']['$get']>>().toEqualTypeOf<{
      plan: 'free' | 'paid'
    }>()
  })

  test('is known without a type argument where latchkey() is chained', () => {
    new Hono().use(latchkey(auth)).get('/', (c) => {
      expectTypeOf(c.var.auth.user).toEqualTypeOf<Member | null>()
      return c.text('')
    })
  })
})
