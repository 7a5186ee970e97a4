import { createAuth, type FailureStrategy, handleRequest, type PathProtection, protectPaths } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../app.ts'
import { JSON_ONLY, judged, RULES, start } from './by-path.ts'

const STAFF = protectPaths({ include: ['/admin'], scopes: ['staff'] })
const AREA = protectPaths({ include: ['/area'], exclude: ['/area/public'], redirectTo: '/login' })

describe('rules in a list are asked in order', () => {
  const { ask, login, users } = start(RULES, { protect: [STAFF, AREA] })
  users.change('bob', { scopes: ['staff'] })
  const cookies = { alice: '', bob: '' }
  const statusOf = async (path: string, name?: 'alice' | 'bob'): Promise<'marker' | number> => {
    if (name) cookies[name] ||= await login(name)
    return judged(await ask(path, { headers: { ...JSON_ONLY, ...(name ? { cookie: cookies[name] } : {}) } }))
  }

  test.each<[path: string, anonymous: 'marker' | number, alice: 'marker' | number, bob: 'marker' | number]>([
    ['/admin', 401, 403, 'marker'],
    ['/ADMIN.x/y', 401, 403, 'marker'],
    ['/area', 401, 'marker', 'marker'],
    ['/Area;x', 401, 'marker', 'marker'],
    ['/area/public', 'marker', 'marker', 'marker'],
    ['/x', 'marker', 'marker', 'marker'],
    ['/admin%2f', 400, 400, 400],
    ['/area%2f', 400, 400, 400],
  ])('%s', async (path, anonymous, alice, bob) => {
    expect([await statusOf(path), await statusOf(path, 'alice'), await statusOf(path, 'bob')]).toEqual([
      anonymous,
      alice,
      bob,
    ])
  })

  test('the first answer wins: each rule has its own', async () => {
    expect((await ask('/admin')).headers.get('location')).toBe(null)
    expect((await ask('/area')).headers.get('location')).toBe('/login?next=%2Farea')
  })
})

describe('a rule that lets a user pass does not speak for the next', () => {
  const both = (...protect: PathProtection[]) => start(RULES, { protect })

  test('a user passes the first, and lacks the scope of the second', async () => {
    const { ask, login } = both(protectPaths({ exclude: ['/area/public'] }), STAFF)
    const headers = { cookie: await login() }
    expect(await judged(await ask('/admin', { headers }))).toBe(403)
    expect(await judged(await ask('/x', { headers }))).toBe('marker')
    expect(await judged(await ask('/x'))).toBe(401)
  })

  test('nor does one that goes on without a user, or whose function does', async () => {
    const strategies: FailureStrategy[] = ['continue', () => null, async () => undefined]
    for (const onFailure of strategies) {
      const { ask } = both(protectPaths({ onFailure }), AREA)
      expect(await judged(await ask('/x'))).toBe('marker')
      expect(await judged(await ask('/area', { headers: JSON_ONLY }))).toBe(401)
    }
  })

  test('nor what a rule lifts: the next one may protect it', async () => {
    const { ask } = both(protectPaths({ exclude: ['/area'] }), AREA)
    expect(await judged(await ask('/area/x', { headers: JSON_ONLY }))).toBe(401)
    expect(await judged(await ask('/area/public'))).toBe('marker')
  })

  test('the login page that one rule names is exempt from all of them, and nothing else is', async () => {
    const rest: readonly PathProtection[] = [
      protectPaths(),
      protectPaths({ include: ['/login'] }),
      protectPaths({ include: ['/login'], scopes: ['staff'] }),
      protectPaths({ redirectTo: '/other' }),
      protectPaths({ onFailure: 'throw' }),
    ]
    for (const other of rest) {
      for (const list of [
        [AREA, other],
        [other, AREA],
      ]) {
        const { ask } = both(...list)
        expect(await judged(await ask('/login'))).toBe('marker')
        expect(await judged(await ask('/login?next=%2Fx', { method: 'POST' }))).toBe('marker')
        expect(await judged(await ask('/login/x', { headers: JSON_ONLY }))).toBe(401)
        expect(await judged(await ask('/LOGIN', { headers: JSON_ONLY }))).toBe(401)
      }
    }
  })

  test('also where the app has wrapped that rule in a function of its own', async () => {
    const rule = protectPaths({ redirectTo: '/login' })
    const { ask } = both((visitor, path) => rule(visitor, path))
    expect(await judged(await ask('/login'))).toBe('marker')
    expect(await judged(await ask('/x'))).toBe(303)
  })

  test('a rule of the app’s own is asked like any other, and what it returns is sent', async () => {
    const seen: unknown[] = []
    const own: PathProtection = (_, { request, loginPages }) => {
      const { pathname } = new URL(request.url)
      seen.push([pathname, loginPages])
      return pathname === '/closed' ? new Response('closed', { status: 503 }) : null
    }
    const { ask } = both(own, AREA)
    expect(await judged(await ask('/closed'))).toBe(503)
    expect(await judged(await ask('/area', { headers: JSON_ONLY }))).toBe(401)
    expect(seen).toEqual([
      ['/closed', ['/login']],
      ['/area', ['/login']],
    ])
  })

  test('what is neither a response nor null lets nobody pass', async () => {
    for (const answer of [true, false, 0, '', {}, Promise.resolve(false)])
      expect(await judged(await both((() => answer) as never, AREA).ask('/x'))).toBe(500)
  })
})

describe('scopes', () => {
  const failures: readonly [onFailure: FailureStrategy | undefined, anonymous: number][] = [
    [undefined, 401],
    ['challenge', 401],
    ['throw', 401],
    [() => new Response('own', { status: 418 }), 418],
  ]
  test.each(failures)(
    'a user who lacks one is answered 403, whatever becomes of others: %s',
    async (onFailure, anonymous) => {
      const { ask, login } = start({
        ...RULES,
        scopes: ['staff', 'night'],
        ...(onFailure ? { onFailure } : {}),
      })
      const headers = { ...JSON_ONLY, cookie: await login() }
      const answer = await ask('/admin', { headers })
      expect([answer.status, await answer.json()]).toEqual([403, { ok: false, code: 'insufficient_scope' }])
      expect((await ask('/admin', { headers: JSON_ONLY })).status).toBe(anonymous)
      expect(await judged(await ask('/area/public', { headers }))).toBe('marker')
    },
  )

  test('all of them are needed, and a redirect is for those who are not logged in', async () => {
    const { ask, login, users } = start({
      include: ['/admin'],
      scopes: ['staff', 'night'],
      redirectTo: '/login',
    })
    expect((await ask('/admin')).status).toBe(303)
    const headers = { cookie: await login() }
    users.change('alice', { scopes: ['staff'] })
    expect(await judged(await ask('/admin', { headers }))).toBe(403)
    users.change('alice', { scopes: ['night', 'staff'] })
    expect(await judged(await ask('/admin', { headers }))).toBe('marker')
  })
})

describe('the path before and after a rewrite', () => {
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    protect: protectPaths({ ...RULES, redirectTo: '/login' }),
  })
  const ask = (path: string, rewritten: string) =>
    handleRequest(auth, new Request(ORIGIN + path, { headers: JSON_ONLY }), () => new Response('MARKER'), {
      rewritten,
    })

  test.each([
    ['neither is protected', '/de/x', '/x', 'marker'],
    ['the one that came', '/admin', '/x', 401],
    ['the one that is matched', '/de/admin', '/admin', 401],
    ['in another spelling', '/de/ADMIN.x', '/ADMIN.x', 401],
    ['a public one', '/de/area/public', '/area/public', 'marker'],
    ['a public one that becomes another', '/area/public', '/area/x', 401],
    ['a protected one that becomes public', '/area/x', '/area/public', 401],
    ['one that is ambiguous afterwards', '/de/x', '/x/../admin', 400],
    ['one that was', '/x%2fadmin', '/x', 400],
    ['one that is no path', '/x', 'admin', 400],
    ['the login page that becomes another', '/login', '/area', 401],
    ['another that becomes the login page', '/area', '/login', 401],
  ])('%s', async (_, path, rewritten, expected) => {
    expect(await judged(await ask(path, rewritten))).toBe(expected)
  })
})

describe('the target as it came', () => {
  const auth = createAuth<TestUser>({
    secret: SECRET,
    users: new Users().provider,
    passwords: plain,
    protect: protectPaths(RULES),
  })
  const ask = (path: string, target: string, method = 'GET') =>
    handleRequest(auth, new Request(ORIGIN + path, { method }), () => new Response('MARKER'), { target })

  test.each([
    ['a raw byte behind a segment', '/admin%C2%A0', '/admin\xa0', 401],
    ['the same, escaped: a letter', '/admin%C2%A0', '/admin%C2%A0', 'marker'],
    ['a raw byte behind a public path', '/area/public%C2%A0', '/area/public\xa0', 401],
    ['a raw byte elsewhere', '/x%C2%A0', '/x\xa0', 'marker'],
    ['dots that the address has no more', '/admin', '/x/../admin', 400],
    ['dots that lead out', '/x', '/admin/../x', 400],
    ['a fragment', '/x', '/x#/../admin', 400],
    ['a tab', '/admin', '/ad\tmin', 400],
    ['a host, to `url.parse`', '//x@y/admin', '//x@y/admin', 401],
    ['a whole address', '/x', 'http://x/admin', 400],
    ['one whose path Fastify finds', '/', 'http://x?/admin', 400],
    ['nothing', '/', '', 400],
  ])('%s', async (_, path, target, expected) => {
    expect(await judged(await ask(path, target))).toBe(expected)
  })

  test('a star is for OPTIONS, and ambiguous to a rule', async () => {
    expect(await judged(await ask('/', '*', 'OPTIONS'))).toBe(400)
  })
})
