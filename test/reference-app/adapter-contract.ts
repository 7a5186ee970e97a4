import { type Send, TestBrowser } from 'latchkey/testing'
import { type ContractCase, holds, same } from '../../adapters/testing/contract.ts'
import { sessionCookies } from '../app.ts'

/** An adapter under test: a server of the reference app, freshly reset for each case. */
export interface AdapterSubject {
  readonly send: Send
  readonly origin: string
  /** Whether a copy of the cookie is worthless after a logout. */
  readonly canEndCopies: boolean
  /** Whether the store keeps why a session ended. Default: yes. */
  readonly tellsReasons?: boolean
}

/** The login story, from outside, as it must hold in every adapter, runtime and session mode. */
export function adapterContract(
  make: () => AdapterSubject | Promise<AdapterSubject>,
): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({ name, run: async () => check(new Story(await make())) }))
}

type Case = readonly [name: string, check: (story: Story) => Promise<void>]

const JSON_ONLY = { accept: 'application/json' }
const ALICE = { username: 'alice', password: 'correct horse battery staple' }
const ROOT = { username: 'root', password: 'r00t-pa$$word:with:colons' }

class Story {
  readonly subject: AdapterSubject
  readonly browser: TestBrowser

  constructor(subject: AdapterSubject) {
    this.subject = subject
    this.browser = this.newBrowser()
  }

  newBrowser(): TestBrowser {
    return new TestBrowser(this.subject.send, this.subject.origin)
  }

  async login(
    browser: TestBrowser = this.browser,
    fields: Record<string, string> = ALICE,
  ): Promise<Response> {
    return browser.post('/login', fields, JSON_ONLY)
  }

  async whoIs(browser: TestBrowser = this.browser): Promise<unknown> {
    const answer = await browser.get('/', JSON_ONLY)
    return ((await answer.json()) as { user: unknown }).user
  }
}

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { code?: unknown }).code
}

const CASES: readonly Case[] = [
  [
    'a visitor who stored nothing gets no cookie',
    async ({ browser }) => {
      const answer = await browser.get('/')
      same(answer.status, 200, 'status')
      same(answer.headers.getSetCookie(), [], 'cookies')
    },
  ],
  [
    'a page that needs a user sends a browser to the login page, with the way back',
    async ({ browser }) => {
      const answer = await browser.get('/app?tab=2')
      same(answer.status, 303, 'status')
      same(answer.headers.get('location'), '/login?next=%2Fapp%3Ftab%3D2', 'location')
    },
  ],
  [
    'and tells a program 401',
    async ({ browser }) => same((await browser.get('/app', JSON_ONLY)).status, 401, 'status'),
  ],
  [
    'a script is not sent there, nor is an image, and htmx is told in its own way',
    async (story) => {
      for (const path of ['/home', '/app', '/area/x', '/admin']) {
        for (const accept of ['*/*', 'image/*,*/*;q=0.8', 'text/event-stream']) {
          const answer = await story.browser.get(path, { accept })
          same(answer.status, 401, `status of ${path} for ${accept}`)
          same(await codeOf(answer), 'login_required', `code of ${path} for ${accept}`)
        }
        const htmx = await story.browser.get(path, { accept: '*/*', 'hx-request': 'true' })
        const location = `/login?${new URLSearchParams({ next: path })}`
        same([htmx.status, htmx.headers.get('hx-redirect')], [401, location], `htmx at ${path}`)
      }
      same((await story.browser.get('/home')).headers.get('location'), '/login?next=%2Fhome', 'location')
      await story.login()
      same((await story.browser.get('/home')).status, 200, 'status of the page')
    },
  ],
  [
    'a preflight for a protected path is allowed nothing, and reaches no handler',
    async ({ browser }) => {
      const headers = { origin: 'https://spa.test', 'access-control-request-method': 'GET', accept: '*/*' }
      for (const path of ['/area/x', '/admin']) {
        const answer = await browser.visit(path, { method: 'OPTIONS', headers })
        same([answer.status, await answer.text()], [204, ''], path)
        same(answer.headers.get('access-control-allow-origin'), null, `CORS at ${path}`)
      }
    },
  ],
  [
    'the right password lets in, by form, to the page that was wanted',
    async ({ browser }) => {
      const answer = await browser.post('/login', { ...ALICE, next: '/app?tab=2' })
      same(answer.status, 303, 'status')
      same(answer.headers.get('location'), '/app?tab=2', 'location')
      same((await browser.get('/app')).status, 200, 'status of the page')
    },
  ],
  [
    'a remembered login outlives the browser, and another one does not',
    async (story) => {
      for (const remember of ['', 'on']) {
        const browser = story.newBrowser()
        const answer = await story.login(browser, { ...ALICE, remember })
        const [cookie = ''] = answer.headers.getSetCookie().filter((one) => /session[^=]*=[^;]/.test(one))
        same(/; Max-Age=\d{7}/.test(cookie), remember !== '', `kept with ${remember || 'nothing'}`)
      }
    },
  ],
  [
    'a copy of a cookie that was logged out is told so, where the copy is dead',
    async (story) => {
      if (!story.subject.canEndCopies) return
      await story.login()
      const copy = story.browser.copy()
      await story.browser.post('/logout', {}, JSON_ONLY)
      const { user, reason } = (await (await copy.get('/', JSON_ONLY)).json()) as Record<string, unknown>
      same([user, reason], [null, story.subject.tellsReasons === false ? 'unknown' : 'logged_out'], 'told')
    },
  ],
  [
    'a body of plain text is no form',
    async (story) => {
      const { send, origin } = story.subject
      const answer = await send(
        new Request(`${origin}/login`, {
          method: 'POST',
          body: 'username=alice',
          headers: { ...JSON_ONLY, origin },
        }),
      )
      same([answer.status, await codeOf(answer)], [415, 'unsupported_media_type'], 'answer')
    },
  ],
  [
    'a socket’s page that is asked for as a page is not there',
    async (story) => {
      await story.login()
      same((await story.browser.get('/ws', JSON_ONLY)).status, 404, 'status')
    },
  ],
  [
    'never to another site',
    async ({ browser }) => {
      const answer = await browser.post('/login', { ...ALICE, next: '//evil.example' })
      same(answer.headers.get('location'), '/app', 'location')
    },
  ],
  [
    'wrong password, unknown user and a user without password look alike',
    async (story) => {
      const bodies = new Set<string>()
      for (const username of ['alice', 'ghost', 'dave']) {
        const answer = await story.login(story.newBrowser(), { username, password: 'wrong-password' })
        same(answer.status, 401, `status for ${username}`)
        same(answer.headers.getSetCookie(), [], `cookies for ${username}`)
        bodies.add(await answer.text())
      }
      same(bodies.size, 1, 'different answers')
    },
  ],
  [
    'a disabled account is rejected with the right password only',
    async (story) => {
      same(
        await codeOf(await story.login(story.browser, { username: 'carol', password: 'carol-knows-this' })),
        'rejected',
        'right',
      )
      same(
        await codeOf(await story.login(story.browser, { username: 'carol', password: 'wrong' })),
        'invalid_credentials',
        'wrong',
      )
      same(await story.whoIs(), null, 'user')
    },
  ],
  [
    'a login changes the id of the session and keeps what the visitor stored',
    async (story) => {
      await story.browser.visit('/session', {
        method: 'POST',
        json: { key: 'cart', value: [1] },
        headers: JSON_ONLY,
      })
      const before = story.browser.cookieHeader
      await story.login()
      holds(story.browser.cookieHeader !== before, 'the cookie is the same as before the login')
      same(await (await story.browser.get('/session', JSON_ONLY)).json(), { cart: [1] }, 'session')
    },
  ],
  [
    'another user on the same browser finds nothing of the first',
    async (story) => {
      await story.login()
      await story.browser.visit('/session', {
        method: 'POST',
        json: { key: 'secret', value: 1 },
        headers: JSON_ONLY,
      })
      await story.login(story.browser, { username: 'bob', password: 'hunter2hunter2' })
      same(await story.whoIs(), 'bob', 'user')
      same(await (await story.browser.get('/session', JSON_ONLY)).json(), {}, 'session')
    },
  ],
  [
    'a logout logs out and takes the data along',
    async (story) => {
      await story.login()
      await story.browser.visit('/session', {
        method: 'POST',
        json: { key: 'a', value: 1 },
        headers: JSON_ONLY,
      })
      const copy = story.browser.copy()
      same((await story.browser.post('/logout')).headers.get('location'), '/login', 'location')
      same(sessionCookies(story.browser).length, 0, 'cookies left')
      same(await story.whoIs(), null, 'user')
      if (story.subject.canEndCopies) same(await story.whoIs(copy), null, 'user of a copied cookie')
    },
  ],
  [
    'a change of password keeps this device in and ends the others',
    async (story) => {
      const other = story.newBrowser()
      await story.login()
      await story.login(other)
      const fields = { current: ALICE.password, new: 'a-new-password-1' }
      same((await story.browser.post('/password', fields, JSON_ONLY)).status, 200, 'status')
      same(await story.whoIs(), 'alice', 'this device')
      same(await story.whoIs(other), null, 'the other device')
      same((await story.login(story.newBrowser())).status, 401, 'the old password')
    },
  ],
  [
    'a hash that was renewed at login ends no session',
    async (story) => {
      const legacy = { username: 'legacy', password: 'old-and-cheap' }
      await story.login(story.browser, legacy)
      await story.login(story.newBrowser(), legacy)
      same(await story.whoIs(), 'legacy', 'user')
    },
  ],
  [
    'an integer id stays an integer',
    async (story) => {
      await story.login(story.browser, { username: 'answer', password: 'the-answer' })
      same(await story.whoIs(), 42, 'user')
    },
  ],
  [
    'a form of another site changes nothing',
    async (story) => {
      await story.login()
      const foreign = await story.browser.post('/logout', {}, { 'sec-fetch-site': 'cross-site' })
      same(foreign.status, 403, 'status')
      same(await story.whoIs(), 'alice', 'user')
    },
  ],
  [
    'a request of another site passes by a token alone, and not beside what a browser adds',
    async (story) => {
      await story.login()
      const { cookieHeader } = story.browser
      const foreign = { ...JSON_ONLY, origin: 'capacitor://localhost', 'sec-fetch-site': 'cross-site' }
      const bearer = { authorization: 'Bearer alice-token-123' }
      const statusOf = async (headers: Record<string, string>) => {
        const browser = story.newBrowser()
        return (await browser.post('/session', { key: 'a', value: '1' }, { ...foreign, ...headers })).status
      }
      same(await statusOf(bearer), 200, 'by a bearer token')
      same(await statusOf({ authorization: 'Custom alice-token-123' }), 200, 'by a token')
      same(await statusOf({ 'x-api-key': 'alice-token-123' }), 200, 'by a key')
      same(await statusOf({}), 403, 'by nothing')
      same(await statusOf({ ...bearer, cookie: cookieHeader }), 403, 'beside a session')
      same(await statusOf({ authorization: `Basic ${btoa('root:x')}` }), 403, 'by a password')
      same(await statusOf({ authorization: 'Negotiate alice-token-123' }), 403, 'by Negotiate')
    },
  ],
  [
    'a handler that throws keeps nothing but a logout',
    async (story) => {
      await story.login()
      same((await story.browser.post('/throw?as=error&key=lost', {}, JSON_ONLY)).status, 500, 'status')
      same(await (await story.browser.get('/session', JSON_ONLY)).json(), {}, 'session')
      same(await story.whoIs(), 'alice', 'user')
      await story.browser.post('/throw?as=error&do=logout', {}, JSON_ONLY)
      same(await story.whoIs(), null, 'user after a logout that threw')
    },
  ],
  ...['redirect', 'immutable', 'stream'].map(
    (as): Case => [
      `a response that is ${as === 'redirect' ? 'a thrown redirect' : as} carries the session`,
      async (story) => {
        await (await story.browser.post(`/throw?as=${as}&key=kept`)).text()
        same(await (await story.browser.get('/session', JSON_ONLY)).json(), { kept: 1 }, 'session')
      },
    ],
  ),
  [
    'a write after the response has left is told so',
    async (story) => {
      const text = await (await story.browser.post('/throw?as=late&key=late')).text()
      same(text.trim().split('\n').at(-1), 'session_closed', 'last line')
    },
  ],
  [
    'the cookies of the handler and ours arrive side by side',
    async (story) => {
      const answer = await story.browser.post('/login?cookies=1', ALICE, JSON_ONLY)
      same(answer.headers.getSetCookie().length, 3, 'cookies')
      same(await story.whoIs(), 'alice', 'user')
    },
  ],
  [
    'an answer with our cookie is kept by no shared cache',
    async (story) => {
      const answer = await story.browser.visit('/session?cache=public', {
        method: 'POST',
        json: { key: 'a', value: 1 },
        headers: JSON_ONLY,
      })
      holds(!/public|s-maxage/i.test(answer.headers.get('cache-control') ?? ''), 'it may be kept')
      holds(/private|no-store/i.test(answer.headers.get('cache-control') ?? ''), 'nothing forbids it')
      holds(/cookie/i.test(answer.headers.get('vary') ?? ''), 'it does not vary with the cookie')
    },
  ],
  [
    'logging out, in and rotating several times in one request leaves one good session',
    async (story) => {
      await story.login()
      same((await story.browser.post('/churn', {}, JSON_ONLY)).status, 200, 'status')
      same(await story.whoIs(), 'alice', 'user')
      same(await (await story.browser.get('/session', JSON_ONLY)).json(), { y: 2 }, 'session')
    },
  ],
  [
    'a session of one auth is none of another’s, though secret and store are shared',
    async (story) => {
      await story.login()
      const value = [...story.browser.cookies.values()][0] ?? ''
      const thief = story.newBrowser()
      thief.cookies.set('other', value)
      same((await thief.get('/other/app', JSON_ONLY)).status, 401, 'status')
    },
  ],
  [
    'a password with every request lets in, and makes no session',
    async ({ browser }) => {
      const basic = (password: string) => ({
        ...JSON_ONLY,
        authorization: `Basic ${btoa(`root:${password}`)}`,
      })
      const answer = await browser.get('/basic', basic(ROOT.password))
      same(answer.status, 200, 'status')
      same(answer.headers.getSetCookie(), [], 'cookies')
      holds(/private|no-store/i.test(answer.headers.get('cache-control') ?? ''), 'a shared cache may keep it')
      const refused = await browser.get('/basic', basic('r00t-pa$$word'))
      same(refused.status, 401, 'status of a wrong one')
      same(
        refused.headers.get('www-authenticate'),
        'Basic realm="Protected access", charset="UTF-8"',
        'challenge',
      )
    },
  ],
  [
    'a token with every request lets in, as far as its scopes go',
    async ({ browser }) => {
      const bearer = (token: string) => ({ ...JSON_ONLY, authorization: `Bearer ${token}` })
      const answer = await browser.get('/bearer?scope=admin', bearer('root-token-456'))
      same(answer.status, 200, 'status')
      same(answer.headers.getSetCookie(), [], 'cookies')
      const narrow = await browser.get('/bearer?scope=admin', bearer('alice-token-123'))
      same(narrow.status, 403, 'status without the scope')
      same(
        narrow.headers.get('www-authenticate'),
        'Bearer realm="Protected access", error="insufficient_scope", scope="admin"',
        'challenge',
      )
      same((await browser.get('/bearer', bearer('unknown'))).status, 401, 'status of an unknown one')
      same((await browser.get('/bearer', bearer(''))).status, 400, 'status of none')
    },
  ],
  [
    'a bad token is not made good by a session',
    async (story) => {
      await story.login()
      const headers = { ...JSON_ONLY, authorization: 'Bearer unknown' }
      same((await story.browser.get('/bearer', headers)).status, 401, 'status')
      same(await story.whoIs(), 'alice', 'user')
    },
  ],
  [
    'a path that is protected by a rule alone is so in every spelling',
    async (story) => {
      const protectedOnes = [
        ...[
          '/admin',
          '/%61dmin',
          '/x/%2e%2e/admin',
          '/ADMIN',
          '/admin.x',
          '/admin;x',
          '/admin.data',
          '/admin%20',
        ],
        ...['/area', '/area/x', '/AREA', '/Area/x', '/area.x', '/area;x', '/area.rsc/x', '/area%2C'],
        ...['/area/public/%2e%2e/x', '/area/public.x', '/area/PUBLIC', '/area/%70ublic', '/area/public;x'],
      ]
      for (const path of protectedOnes)
        same((await story.browser.get(path, JSON_ONLY)).status, 401, `status of ${path}`)
      for (const path of [
        '/admin%2f',
        '/%2561dmin',
        '/area/public%2f..%2fx',
        '/area/public/..;/x',
        '/%',
        '/admin%',
      ])
        same((await story.browser.get(path, JSON_ONLY)).status, 400, `status of ${path}`)
      holds(
        !/-MARKER/.test(await (await story.browser.get('/.//admin')).text()),
        '/.//admin is shown to nobody',
      )
      for (const path of ['/areal', '/area-x', '/admins', '/admin_x'])
        same((await story.browser.get(path, JSON_ONLY)).status, 404, `status of ${path}`)
      for (const path of [
        '/area/public',
        '/area/public/',
        '/area/public/x',
        '/area/public/x;y.data',
        '/area/health',
      ])
        same((await story.browser.get(path, JSON_ONLY)).status, 200, `status of ${path}`)
    },
  ],
  [
    'a rule may ask for a scope, and the next rule is asked all the same',
    async (story) => {
      await story.login()
      const refused = await story.browser.get('/admin', JSON_ONLY)
      same(refused.status, 403, 'status without the scope')
      same((await refused.json()).code, 'insufficient_scope', 'code')
      same((await story.browser.get('/ADMIN', JSON_ONLY)).status, 403, 'status of another spelling')
      same((await story.browser.get('/area/x', JSON_ONLY)).status, 200, 'status of what asks for none')
      await story.login(story.browser, ROOT)
      holds(
        /ADMIN-MARKER/.test(await (await story.browser.get('/admin')).text()),
        'a user who has it does not see it',
      )
      same(
        (await story.browser.get('/ADMIN', JSON_ONLY)).status,
        404,
        'status of a spelling that is no route',
      )
    },
  ],
  [
    'and sends a browser to the login page, with the way back',
    async ({ browser }) => {
      const answer = await browser.get('/area/x?tab=2')
      same(answer.status, 303, 'status')
      same(answer.headers.get('location'), '/login?next=%2Farea%2Fx%3Ftab%3D2', 'location')
    },
  ],
  [
    'who has the right acts as another, under a new id, and as himself again',
    async (story) => {
      const { browser } = story
      await story.login(browser, ROOT)
      const before = browser.cookieHeader
      same((await browser.post('/impersonate', { user: 'alice' }, JSON_ONLY)).status, 200, 'status')
      holds(browser.cookieHeader !== before, 'the cookie is the same as before')
      const shown = (await (await browser.get('/app', JSON_ONLY)).json()) as Record<string, unknown>
      same([shown.user, shown.originalUser, shown.state], ['alice', 'root', 'impersonator'], 'token')
      same(
        (await browser.post('/impersonate', { user: 'bob' }, JSON_ONLY)).status,
        403,
        'status of a second one',
      )
      same((await browser.post('/impersonate/exit', {}, JSON_ONLY)).status, 200, 'status of the exit')
      same(await story.whoIs(), 'root', 'user')
    },
  ],
  [
    'who has no right to it does not, nor does anybody as a peer or as nobody: one refusal',
    async (story) => {
      const refusals = new Set<string>()
      for (const [fields, user] of [
        [ALICE, 'bob'],
        [ROOT, 'root2'],
        [ROOT, 'root'],
        [ROOT, 'ghost'],
        [ROOT, 'carol'],
      ] as const) {
        const browser = story.newBrowser()
        await story.login(browser, fields)
        const answer = await browser.post('/impersonate', { user }, JSON_ONLY)
        refusals.add(`${answer.status} ${await answer.text()}`)
        same(await story.whoIs(browser), fields.username, 'user')
      }
      same([...refusals].length, 1, 'different refusals')
    },
  ],
  [
    'no link, no image and no form of another site makes anybody act as another',
    async (story) => {
      const { browser } = story
      await story.login(browser, ROOT)
      await browser.get('/impersonate?user=alice')
      await browser.get('/app?user=alice&impersonate=alice&_impersonate=alice')
      const foreign = { 'sec-fetch-site': 'cross-site' }
      same((await browser.post('/impersonate', { user: 'alice' }, foreign)).status, 403, 'status')
      same(await story.whoIs(), 'root', 'user')
    },
  ],
  [
    'who acts as another sees no data of their own and leaves none, and changes nothing of the other one',
    async (story) => {
      const { browser } = story
      const session = async () => (await browser.get('/session', JSON_ONLY)).json()
      await story.login(browser, ROOT)
      await browser.post('/session', { key: 'cart', value: 'of root' }, JSON_ONLY)
      await browser.post('/impersonate', { user: 'alice' }, JSON_ONLY)
      same(await session(), {}, 'session at the beginning')
      await browser.post('/session', { key: 'cart', value: 'of alice' }, JSON_ONLY)
      same(await session(), { cart: 'of alice' }, 'session meanwhile')
      const refused = { ok: false, code: 'impersonating' }
      const attempts: readonly [path: string, fields: Record<string, string>][] = [
        ['/sessions/revoke', { handle: 'x' }],
        ['/sessions/revoke-others', {}],
        ['/sessions/revoke-all', {}],
        ['/confirm', { password: ALICE.password }],
        ['/password', { current: ALICE.password, new: 'another-password' }],
      ]
      for (const [path, fields] of attempts) {
        const answer = await browser.post(path, fields, JSON_ONLY)
        same([answer.status, await answer.json()], [403, refused], path)
      }
      const listed = await browser.get('/sessions', JSON_ONLY)
      same([listed.status, await listed.json()], [403, refused], '/sessions')
      await browser.post('/impersonate/exit', {}, JSON_ONLY)
      same(await session(), { cart: 'of root' }, 'session at the end')
      const other = story.newBrowser()
      await story.login(other, ALICE)
      same(await story.whoIs(other), 'alice', 'user by the old password')
    },
  ],
  [
    'a logout of who acts as another logs him out himself',
    async (story) => {
      await story.login(story.browser, ROOT)
      await story.browser.post('/impersonate', { user: 'alice' }, JSON_ONLY)
      await story.browser.post('/logout')
      same(sessionCookies(story.browser).length, 0, 'cookies left')
      same(await story.whoIs(), null, 'user')
    },
  ],
  ...(['read', 'write'] as const).flatMap((outer): Case[] => [
    [
      `a handler inside of another logs out, and the outer one (${outer}) does not bring the session back`,
      async (story) => {
        const { browser } = story
        await story.login()
        const answer = await browser.post(`/nested?do=logout&outer=${outer}`, {}, JSON_ONLY)
        same(await answer.json(), { ok: true, user: null }, 'answer')
        same(sessionCookies(browser).length, 0, 'cookies left')
        same(await story.whoIs(), null, 'user')
      },
    ],
    [
      `a handler inside of another logs in, and the outer one (${outer}) knows it and does not undo it`,
      async (story) => {
        const { browser } = story
        const answer = await browser.post(`/nested?do=login&outer=${outer}`, {}, JSON_ONLY)
        same(await answer.json(), { ok: true, user: 'bob' }, 'answer')
        same(answer.headers.getSetCookie().length, 1, 'cookies set')
        same(await story.whoIs(), 'bob', 'user')
        same(await dataOf(story), outer === 'write' ? { outer: 1 } : {}, 'data')
      },
    ],
    [
      `a handler inside of another logs in as another user, over the outer one's session (${outer})`,
      async (story) => {
        await story.login()
        await story.browser.post('/session', { key: 'a', value: 'alice' }, JSON_ONLY)
        await story.browser.post(`/nested?do=login&outer=${outer}`, {}, JSON_ONLY)
        same(await story.whoIs(), 'bob', 'user')
        same(await dataOf(story), {}, 'data of alice')
      },
    ],
    [
      `what a handler inside of another writes is kept with what the outer one (${outer}) does`,
      async (story) => {
        await story.login()
        const answer = await story.browser.post(`/nested?do=write&outer=${outer}`, {}, JSON_ONLY)
        same(await answer.json(), { ok: true, user: 'alice' }, 'answer')
        same(await dataOf(story), { ...(outer === 'write' ? { outer: 1 } : {}), inner: 1 }, 'data')
      },
    ],
  ]),
]

async function dataOf({ browser }: Story): Promise<unknown> {
  return (await browser.get('/session', JSON_ONLY)).json()
}
