import { type Auth, createAuth } from 'latchkey'
import { resolveAuth } from 'latchkey/adapter'
import { describe, expect, test } from 'vitest'
import { plain, SECRET, Users } from '../../app.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a runtime hands over has any shape
type Env = any

const make = (secret: string): Auth<never, unknown> =>
  createAuth({ secret, users: new Users().provider, passwords: plain }) as never

/** How many auths a function makes of these environments, one after the other. */
function made(read: (env: Env) => unknown, environments: readonly unknown[]): number {
  let count = 0
  const authOf = resolveAuth<never, Env, unknown>((env) => {
    read(env)
    count++
    return make(SECRET)
  })
  for (const env of environments) authOf(env)
  return count
}

/** What servers hand over of each request, by a class of their own. */
class Info {
  readonly #addr = { hostname: '127.0.0.1' }
  get remoteAddr(): object {
    return this.#addr
  }
  requestIP(): object {
    return this.#addr
  }
}

const DB = { of: 'Workers' }
const nothing = (): void => {}
const secret = (env: Env) => env.SECRET

describe('a function in place of an auth is called', () => {
  test.each<[sentence: string, read: (env: Env) => unknown, environments: unknown[], calls: number]>([
    ['once where there is no environment', nothing, [undefined, undefined], 1],
    ['once for one object', secret, [process.env, process.env], 1],
    ['once for objects with the same secret', secret, [{ SECRET: 'a' }, { SECRET: 'a' }], 1],
    ['once for objects with the same binding', ({ DB }) => DB, [{ DB }, { DB }], 1],
    ['once for requests of @hono/node-server', nothing, [{ incoming: {} }, { incoming: {} }], 1],
    ['once for requests of Deno.serve', nothing, [new Info(), new Info()], 1],
    [
      'once for an address beside the secret',
      secret,
      [
        { SECRET: 'a', ip: '1' },
        { SECRET: 'a', ip: '2' },
      ],
      1,
    ],
    ['for each secret', secret, [{ SECRET: 'a' }, { SECRET: 'b' }], 2],
    ['for each binding', ({ DB }) => DB, [{ DB: {} }, { DB: {} }], 2],
    ['for each list of secrets', secret, [{ SECRET: ['a'] }, { SECRET: ['a'] }], 2],
    ['where a secret is missing', secret, [{ SECRET: 'a' }, {}], 2],
    ['where a secret is new', secret, [{}, { SECRET: 'a' }], 2],
    ['where there is what was looked for in vain', (env) => 'DB' in env, [{}, { DB }], 2],
    ['for each thing in a copy', (env) => ({ ...env }), [{ DB: {} }, { DB: {} }], 2],
    ['for each socket that it asks for', ({ remoteAddr }) => remoteAddr, [new Info(), new Info()], 2],
    ['once for environments that take turns', secret, [{ SECRET: 'a' }, { SECRET: 'b' }, { SECRET: 'a' }], 2],
    ['anew without an environment', nothing, [{}, undefined], 2],
  ])('%s', (_, read, environments, calls) => {
    expect(made(read, environments)).toBe(calls)
  })
})

test('each environment gets its own auth back', () => {
  const authOf = resolveAuth((env: { SECRET: string }) => make(env.SECRET))
  const [a, b] = [`${SECRET}a`, `${SECRET}b`]
  const first = authOf({ SECRET: a })
  expect(authOf({ SECRET: b })).not.toBe(first)
  expect(authOf({ SECRET: a })).toBe(first)
})

test('what is read of an environment only later tells it apart from then on', () => {
  const later: (() => unknown)[] = []
  const authOf = resolveAuth((env: { DB: object }) => {
    later.push(() => env.DB)
    return make(SECRET)
  })
  const first = authOf({ DB })
  expect(later[0]?.()).toBe(DB)
  expect(authOf({ DB: {} })).not.toBe(first)
  expect(authOf({ DB })).toBe(first)
})

test.each<
  [sentence: string, secretOf: (env: Record<string, unknown>) => unknown, one: object, other: object]
>([
  [
    'a method of a class',
    (env) => (env as unknown as Map<string, string>).get('SECRET'),
    new Map([['SECRET', 'a']]),
    new Map([['SECRET', 'b']]),
  ],
  ['a copy', (env) => ({ SECRET: 'none', ...env }).SECRET, {}, { SECRET: 'b' }],
  [
    'a list of its members',
    (env) => Object.entries(env).find(([name]) => name === 'SECRET')?.[1],
    {},
    { SECRET: 'b' },
  ],
  [
    'a member’s descriptor',
    (env) => Object.getOwnPropertyDescriptor(env, 'SECRET')?.value,
    { SECRET: 'a' },
    { SECRET: 'b' },
  ],
  ['whether a member is there', (env) => 'SECRET' in env, {}, { SECRET: undefined }],
])('environments that differ in what the function learns by %s share nothing', (_, secretOf, one, other) => {
  const made: unknown[] = []
  const authOf = resolveAuth((env: object) => {
    made.push(secretOf(env as Record<string, unknown>))
    return { made: made.length } as never
  })
  expect(authOf(one)).not.toBe(authOf(other))
  expect(authOf(one)).toBe(authOf(one))
  expect(made).toHaveLength(2)
})

test('a function that failed is called again', () => {
  let calls = 0
  const authOf = resolveAuth(() => {
    if (calls++ === 0) throw new Error('no secret yet')
    return make(SECRET)
  })
  expect(() => authOf({})).toThrow('no secret yet')
  expect(authOf({})).toBe(authOf({}))
  expect(calls).toBe(2)
})

test('what a server keeps in private members works, and functions of the app are themselves', () => {
  const own = (): number => 1
  let calls = 0
  const authOf = resolveAuth((env: Info & { own?: unknown }) => {
    calls++
    expect([env.remoteAddr, env.requestIP()]).toEqual([{ hostname: '127.0.0.1' }, { hostname: '127.0.0.1' }])
    expect(env.own).toBe(own)
    return make(SECRET)
  })
  authOf(Object.assign(new Info(), { own }))
  expect(calls).toBe(1)
})

test('auths that a function makes for each request do not pile up', () => {
  let calls = 0
  const authOf = resolveAuth(({ incoming }: { incoming: object }) => {
    calls += incoming ? 1 : 0
    return make(SECRET)
  })
  const requests = Array.from({ length: 40 }, () => ({ incoming: {} }))
  for (const env of requests) authOf(env)
  expect(calls).toBe(40)
  authOf({ ...(requests[39] as { incoming: object }) })
  expect(calls).toBe(40)
  authOf({ ...(requests[0] as { incoming: object }) })
  expect(calls).toBe(41)
})
