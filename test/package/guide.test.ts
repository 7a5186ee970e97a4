import { hashApiToken } from 'latchkey'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { driven, load, logIn, open, origin, password, said } from './guide-apps.ts'
import { deadLinks, guideFiles, removeGuide, writeGuide } from './guide-files.ts'

const wrong = 'wrong horse battery staple'

/** As it is but for the half second that each password takes. */
vi.mock('latchkey/password', async (original) => {
  const { scrypt, ...rest } = await original<typeof import('latchkey/password')>()
  const derive: NonNullable<Parameters<typeof scrypt>[0]>['derive'] = async (password, salt) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array([...salt, ...password])))
  return { ...rest, scrypt: () => scrypt({ derive }) }
})

beforeAll(() => {
  vi.stubEnv('LATCHKEY_SECRET', 'a secret of the guide, which is 32 bytes or more')
  vi.stubEnv('PROXY_PROOF_HASH', hashApiToken('it is me, the proxy'))
  writeGuide()
})
/** In each test all files are new: nobody is logged in, and no attempt is counted. */
beforeEach(() => void vi.useRealTimers().resetModules())
afterAll(() => {
  vi.unstubAllEnvs()
  removeGuide()
})

test('README.md: the quick start', async () => {
  const browser = await open('quick-start.ts', 'default')
  expect(await said(browser.get('/'))).toEqual([200, '{"id":null,"name":"Anonymous"}'])
  expect(await said(browser.get('/', { 'x-api-key': 'acme_9Qn6yWv0T4' }))).toEqual([
    200,
    '{"id":1,"name":"Ada"}',
  ])
  expect(guideFiles.get('quick-start.ts')).toContain('acme_9Qn6yWv0T4')
})

test('users-and-tokens.md: the token', async () => {
  const whoami = await open('whoami.ts', 'whoami')
  expect(await said(whoami.get('/'))).toEqual([200, '{"name":"Anonymous","reason":null}'])
  whoami.cookies.set('__Host-session', 'nonsense')
  expect(await said(whoami.get('/'))).toEqual([200, '{"name":"Anonymous","reason":"unknown"}'])
  const app = await open('app.ts', 'app')
  await logIn(app, 'ada')
  const answer = await whoami.get('/', { cookie: app.cookieHeader })
  const ada = { userId: 'ada', displayName: 'Ada', method: 'password', isVerified: true, isStaff: false }
  expect(await answer.json()).toEqual(ada)
})

describe('login-and-logout.md', () => {
  test('in, and out', async () => {
    const app = await open('app.ts', 'app')
    expect(await said(app.get('/app'))).toEqual([303, '/login?next=%2Fapp'])
    expect((await said(app.get('/login?error=<b>')))[1]).toContain('<p>&lt;b&gt;</p>')
    expect(await logIn(app, 'ada')).toEqual([303, '/app'])
    expect(await said(app.get('/app'))).toEqual([200, 'Hello Ada'])
    expect(await said(app.post('/logout'))).toEqual([303, '/login'])
    expect((await app.get('/app')).status).toBe(303)
  })

  test('wrong: one answer for all, then none for a while', async () => {
    const app = await open('app.ts', 'app')
    for (const name of ['ada', 'nobody']) {
      expect(await logIn(app, name, wrong)).toEqual([303, '/login?error=invalid_credentials'])
    }
    expect(await said(app.post('/login'))).toEqual([303, '/login?error=invalid_credentials'])
    for (let i = 0; i < 9; i++) await logIn(app, 'ada', wrong)
    expect(await logIn(app, 'ada')).toEqual([303, '/login?error=throttled'])
    expect((await app.get('/app')).status).toBe(303)
  })

  test('the browser keeps the cookie of who asks for it, for 30 days', async () => {
    for (const remember of [undefined, 'on']) {
      const browser = await open('remember.ts', 'remember')
      const form = { email: 'ada@example.com', password, ...(remember ? { remember } : {}) }
      const answer = await browser.post('/login', form)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/app'])
      const [cookie = ''] = answer.headers.getSetCookie()
      expect(/; Max-Age=259(2000|1999)/.test(cookie)).toBe(remember === 'on')
    }
  })

  test('a code by mail, once', async () => {
    const { makeCode } = await load('mail-code.ts')
    const { users } = await load('users.ts')
    const browser = await open('mail-code.ts', 'mailCode')
    const code = makeCode(users.findById('bob'))
    expect(await said(browser.post('/code', { code: 'x' }))).toEqual([303, '/login?error=code'])
    expect(await said(browser.post('/code', { code }))).toEqual([303, '/app'])
    expect(await said(browser.post('/code', { code }))).toEqual([303, '/login?error=code'])
    const whoami = await open('whoami.ts', 'whoami')
    const answer = await whoami.get('/', { cookie: browser.cookieHeader })
    expect(await answer.json()).toMatchObject({ userId: 'bob', method: 'mail' })
  })

  test('the login view is no longer than the one it comes from', () => {
    const view = /login\.post\('\/login'[\s\S]*?\n\}\)\n/.exec(guideFiles.get('login.ts') ?? '')?.[0] ?? ''
    // imia's: def, form, two fields, login, if, redirect, redirect.
    expect(view.trim().split('\n').length).toBeLessThanOrEqual(8)
    expect(view).toContain('auth.login(')
  })
})

test('guards.md', async () => {
  const browser = await open('guards.ts', 'guarded')
  expect(await logIn(browser, 'bob')).toEqual([303, '/login?error=not_verified'])
  expect(await logIn(browser, 'bob', wrong)).toEqual([303, '/login?error=invalid_credentials'])
  expect(browser.cookies.size).toBe(0)
  expect(await logIn(browser, 'ada')).toEqual([303, '/app'])
  const rejected = '{"ok":false,"code":"rejected","reason":"staff_only"}'
  expect(await logIn(browser, 'ada', password, '/staff/login')).toEqual([403, rejected])
  expect(await logIn(browser, 'sam', password, '/staff/login')).toEqual([200, '{"ok":true}'])
})

describe('authenticators.md', () => {
  const basic = (name: string, given: string) => ({
    authorization: `Basic ${btoa(`${name}@example.com:${given}`)}`,
  })

  test('HTTP Basic', async () => {
    const browser = await open('metrics.ts', 'metrics')
    const refused = await browser.get('/')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="Metrics", charset="UTF-8"')
    expect((await browser.get('/', basic('ada', wrong))).status).toBe(401)
    expect((await browser.get('/', basic('nobody', password))).status).toBe(401)
    const answer = await browser.get('/', basic('ada', password))
    expect(await said(Promise.resolve(answer))).toEqual([200, 'up 1'])
    expect([answer.headers.get('cache-control'), browser.cookies.size]).toEqual(['private', 0])
  })

  test('a session, tokens and keys in a chain', async () => {
    const api = await open('api.ts', 'api')
    const { status, headers } = await api.get('/me')
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="Protected access", ApiKey realm="Protected access", header="X-Api-Key"',
    ])
    await logIn(api, 'ada')
    expect(await said(api.get('/me'))).toEqual([200, '{"id":"ada","by":"password"}'])
    const { token } = await (await api.post('/tokens')).json()
    expect(token).toMatch(/^acme_[\w-]{43}$/)

    const script = await open('api.ts', 'api')
    const bearer = { authorization: `Bearer ${token}` }
    expect(await said(script.get('/me', bearer))).toEqual([200, '{"id":"ada","by":"bearer"}'])
    expect(await said(script.get('/me', { 'x-api-key': token }))).toEqual([
      200,
      '{"id":"ada","by":"api_key"}',
    ])
    const both = { authorization: 'Bearer acme_none', 'x-api-key': token }
    expect((await script.get('/me', both)).status).toBe(401)
    expect((await script.post('/tokens', {}, bearer)).status).toBe(401)
    expect(script.cookies.size).toBe(0)

    const hook = await open('hook.ts', 'hook')
    expect(await said(hook.get('/', { authorization: `Hook ${token}` }))).toEqual([200, 'Ada'])
    expect(await said(hook.get('/', bearer))).toEqual([401, 'Anonymous'])
  })
})

test('own-authenticator.md', async () => {
  const browser = await open('proxy.ts', 'behindProxy')
  const proof = { 'x-proxy-proof': 'it is me, the proxy' }
  const answer = await browser.get('/', { ...proof, 'x-proxy-user': 'ada' })
  expect(answer.headers.get('cache-control')).toBe('private')
  expect(await answer.text()).toBe('Ada')
  const refused: Record<string, string>[] = [
    {},
    proof,
    { ...proof, 'x-proxy-user': 'nobody' },
    { 'x-proxy-user': 'ada' },
    { 'x-proxy-user': 'ada', 'x-proxy-proof': '' },
    { 'x-proxy-user': 'ada', 'x-proxy-proof': 'it is me' },
  ]
  for (const headers of refused) {
    const { status, headers: told } = await browser.get('/', headers)
    expect([headers, status, told.get('www-authenticate')]).toEqual([
      headers,
      401,
      'Proxy realm="Protected access"',
    ])
  }
})

describe('protection.md', () => {
  test('in the handler', async () => {
    const browser = await open('pages.ts', 'pages')
    expect(await said(browser.get('/'))).toEqual([200, 'Welcome'])
    expect(await said(browser.get('/app?a=1'))).toEqual([303, '/login?next=%2Fapp%3Fa%3D1'])
    const json = { accept: 'application/json' }
    expect(await said(browser.get('/app', json))).toEqual([401, '{"ok":false,"code":"login_required"}'])
    expect((await browser.get('/staff/users')).status).toBe(401)
    await logIn(browser, 'ada')
    expect(await said(browser.get('/staff/users', json))).toEqual([
      403,
      '{"ok":false,"code":"insufficient_scope"}',
    ])
    expect(await said(browser.post('/app/name'))).toEqual([200, 'Changed'])
    await logIn(browser, 'sam')
    expect(await said(browser.get('/staff/users'))).toEqual([200, 'Everybody'])
    const reports = await open('reports.ts', 'reports')
    expect((await reports.get('/')).status).toBe(401)
    expect((await reports.get('/', { cookie: browser.cookieHeader })).status).toBe(403)
    await logIn(browser, 'ada')
    const answer = reports.get('/', { cookie: browser.cookieHeader })
    expect(await said(answer)).toEqual([200, 'The reports of Ada'])
  })

  test('by path', async () => {
    const browser = await open('paths.ts', 'paths')
    const led = (path: string) => [303, `/login?next=${encodeURIComponent(path)}`]
    for (const path of ['/', '/app/help', '/app/help/', '/app/help/x'])
      expect(await said(browser.get(path))).toEqual([200, `${path}, Anonymous`])
    for (const path of ['/app', '/app/helpful', '/docs', '/App/help', '/app//help', '/app/help.data', '/x'])
      expect(await said(browser.get(path))).toEqual(led(path))
    expect(await said(browser.get('/app/%68elp'))).toEqual(led('/app/%68elp'))
    for (const path of ['/docs%2fdrafts', '/x/..;/app']) expect((await browser.get(path)).status).toBe(400)
    expect((await browser.get('/login')).status).toBe(200)
    await logIn(browser, 'ada')
    for (const path of ['/app', '/app/help'])
      expect(await said(browser.get(path))).toEqual([200, `${path}, Ada`])
    const areas = await open('areas.ts', 'areas')
    for (const path of ['/', '/app/help', '/apple', '/docs', '/admins', '/admin-icon.png'])
      expect(await said(areas.get(path))).toEqual([200, `${path}, Anonymous`])
    for (const path of ['/app/x', '/docs/drafts', '/app.css', '/ADMIN', '/admin.data', '/admin;x'])
      expect(await said(areas.get(path))).toEqual(led(path))
    await logIn(areas, 'ada')
    expect((await areas.get('/admin/x')).status).toBe(403)
    expect(await said(areas.get('/app/x'))).toEqual([200, '/app/x, Ada'])
    await logIn(areas, 'sam')
    expect(await said(areas.get('/admin/x'))).toEqual([200, 'Staff only'])
    const front = await open('front-page.ts', 'frontPage')
    expect([(await front.get('/')).status, (await front.get('/x')).status]).toEqual([200, 404])
  })

  test('links, scripts, and an error format of one’s own', async () => {
    const pages = await open('pages.ts', 'pages')
    expect(await said(pages.get('/app'))).toEqual([303, '/login?next=%2Fapp'])
    expect((await pages.get('/app', { accept: '*/*' })).status).toBe(401)
    const htmx = await pages.get('/app', {
      accept: '*/*',
      'hx-request': 'true',
      'hx-current-url': `${origin}/`,
    })
    expect([htmx.status, htmx.headers.get('hx-redirect')]).toEqual([401, '/login?next=%2F'])
    const api = await open('problem.ts', 'api')
    const denied = await api.get('/things?x=1')
    expect([denied.status, denied.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
    const type = 'https://app.example/problems/login_required'
    expect(await denied.json()).toEqual({ type, status: 401, instance: '/things' })
    expect((await api.post('/things', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })

  test('WebSockets', async () => {
    const pages = await open('pages.ts', 'pages')
    const paths = await open('paths.ts', 'paths')
    const upgrade = { connection: 'upgrade', upgrade: 'websocket' }
    expect((await pages.get('/', { ...upgrade, origin: 'https://evil.example' })).status).toBe(403)
    expect((await pages.get('/staff/users', { ...upgrade, origin })).status).toBe(401)
    expect((await paths.get('/app', { ...upgrade, origin })).status).toBe(401)
  })
})

describe('impersonation.md', () => {
  test('in the session', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const browser = await open('support.ts', 'support')
    const { events } = await load('support.ts')
    const act = (user: string) => said(browser.post('/support/act', { user }))
    expect(await act('ada')).toEqual([403, 'Not allowed'])
    await logIn(browser, 'ada')
    expect(await act('bob')).toEqual([403, 'Not allowed'])
    await logIn(browser, 'sam')
    for (const user of ['sam', 'nobody', 'ada']) expect(await act(user)).toEqual([403, 'Not allowed'])
    events.length = 0

    expect(await act('bob')).toEqual([303, '/app'])
    expect(await said(browser.get('/app'))).toEqual([200, 'Sam as Bob'])
    expect(await act('ada')).toEqual([403, 'Not allowed'])
    expect((await browser.post('/app/password')).status).toBe(403)
    await browser.post('/support/exit')
    expect(await said(browser.get('/app'))).toEqual([200, 'Sam'])
    expect(await said(browser.post('/app/password'))).toEqual([200, 'Changed'])

    await act('bob')
    vi.setSystemTime(Date.now() + 1_800_000)
    expect(await said(browser.get('/app'))).toEqual([200, 'Sam'])

    await act('bob')
    await browser.post('/logout')
    expect((await browser.get('/app')).status).toBe(303)
    await logIn(browser, 'sam')
    await act('bob')
    await logIn(browser, 'ada')
    expect(await said(browser.get('/app'))).toEqual([200, 'Ada'])

    const ends = events.filter(({ type }: { type: string }) => type === 'impersonation_ended')
    expect(ends).toEqual(
      ['exit', 'expired', 'logout', 'login'].map((reason) =>
        expect.objectContaining({ reason, userId: 'bob', actor: 'sam' }),
      ),
    )
    expect(events[0]).toMatchObject({ type: 'impersonation_started', user: { id: 'bob' }, actor: 'sam' })
  })

  test('for one request', async () => {
    const { newToken } = await load('tokens.ts')
    const { users } = await load('users.ts')
    const api = await open('once.ts', 'once')
    const me = (owner: string, as: Record<string, string> = {}) => {
      const authorization = `Bearer ${newToken(users.findById(owner))}`
      return said(api.get('/me', { authorization, ...as }))
    }
    expect(await me('sam', { 'x-act-as': 'ada' })).toEqual([200, '{"userId":"ada","originalUserId":"sam"}'])
    expect(await me('sam')).toEqual([200, '{"userId":"sam","originalUserId":null}'])
    expect(await me('sam', { 'x-act-as': 'bob' })).toEqual([403, 'Not allowed'])
    expect(await me('ada', { 'x-act-as': 'sam' })).toEqual([403, 'Not allowed'])
    expect(api.cookies.size).toBe(0)
  })
})

test('every file of the guide was driven, or is imported by one that was', () => {
  const imported = Array.from(guideFiles.values()).flatMap((code) =>
    Array.from(code.matchAll(/from '\.\/([\w-]+\.ts)'/g), ([, name]) => name),
  )
  const idle = Array.from(guideFiles.keys()).filter((name) => !driven.has(name) && !imported.includes(name))
  expect(idle).toEqual([])
})

test('every link of the guide leads to a page, and to a heading that is there', () => {
  expect(deadLinks()).toEqual([])
})
