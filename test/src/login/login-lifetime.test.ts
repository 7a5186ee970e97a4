import {
  type LoginOptions,
  memoryRecords,
  type RequestAuth,
  sealedSessions,
  storedSessions,
  type UserLike,
} from 'latchkey'
import { TestBrowser, testClock } from 'latchkey/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ORIGIN, SECRET, type TestApp, type TestUser, testApp } from '../../app.ts'

const HOUR = 3600
const DAY = 24 * HOUR

const KINDS = {
  sealed: () => sealedSessions(),
  stored: (now: () => number) => storedSessions(memoryRecords({ now })),
}

function start(kind: keyof typeof KINDS, options: object = {}) {
  const clock = testClock()
  return inBrowser(testApp({ sessions: KINDS[kind](clock.now), ...options }, clock))
}

/** A browser, and for how long it was last told to keep the session cookie. */
function inBrowser(app: TestApp) {
  const at = { app, clock: app.clock, maxAge: undefined as number | undefined }
  const browser = new TestBrowser(async (request) => {
    const response = await app.handle(request)
    for (const cookie of response.headers.getSetCookie()) {
      const seconds = /^__Host-session=.*; Max-Age=(\d+)/.exec(cookie)?.[1]
      at.maxAge = seconds === undefined ? undefined : Number(seconds)
    }
    return response
  }, ORIGIN)
  return Object.assign(at, { browser })
}

/** Logs alice in. */
function login({ app, browser }: ReturnType<typeof start>, options: LoginOptions<TestUser>) {
  return app.during(browser, async (auth) => {
    const outcome = await auth.login('alice', 'wonderland', options)
    if (!outcome.ok) throw new Error(outcome.code)
    return outcome.token
  })
}

const daysLeft = (app: TestApp, time: number | null): number => ((time ?? 0) - app.clock.now()) / (DAY * 1000)

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('how long a login lives: %s', (kind) => {
  test.each<
    [sentence: string, options: LoginOptions<TestUser>, expires: number, absolute: number, maxAge?: number]
  >([
    ['as configured, until the browser is closed', {}, 1, 14],
    ['`remember: false` is the same', { remember: false }, 1, 14],
    ['remembered for 30 days, whatever becomes of the browser', { remember: true }, 30, 30, 30 * DAY],
    [
      'remembered, but only while the browser is open',
      { remember: true, lifetime: { persistent: false } },
      30,
      30,
    ],
    ['as configured, in a cookie that outlives the browser', { lifetime: { persistent: true } }, 1, 14, DAY],
    ['shorter when it is not used', { lifetime: { idleSeconds: 6 * HOUR } }, 0.25, 14],
    ['shorter in all', { lifetime: { absoluteSeconds: 12 * HOUR } }, 0.5, 0.5],
    [
      'never longer than configured',
      { lifetime: { idleSeconds: 9 * DAY, absoluteSeconds: 99 * DAY } },
      1,
      14,
    ],
    ['remembered for less', { remember: true, lifetime: { idleSeconds: 7 * DAY } }, 7, 30, 7 * DAY],
  ])('%s', async (_, options, expires, absolute, maxAge) => {
    const at = start(kind)
    const token = await login(at, options)
    expect([daysLeft(at.app, token.expiresAt), daysLeft(at.app, token.absoluteExpiresAt)]).toEqual([
      expires,
      absolute,
    ])
    expect(at.maxAge).toBe(maxAge)
    const later = await at.app.during(at.browser, (auth) => auth.authenticate())
    expect(later).toMatchObject({ expiresAt: token.expiresAt, absoluteExpiresAt: token.absoluteExpiresAt })
    at.clock.advance(expires * DAY - 0.001)
    await at.app.during(at.browser, async (auth) => {
      auth.skipRenewal()
      expect((await auth.authenticate()).userId).toBe('alice')
    })
    at.clock.advance(0.001)
    expect(await at.app.whoIs(at.browser)).toBe(null)
  })

  test('ends when it is told to, however much it is used', async () => {
    const at = start(kind)
    const endsAt = at.clock.now() + 2 * HOUR * 1000
    const token = await login(at, { remember: true, lifetime: { endsAt } })
    expect([token.expiresAt, token.absoluteExpiresAt]).toEqual([endsAt, endsAt])
    at.clock.advance(2 * HOUR - 1)
    expect(await at.app.whoIs(at.browser)).toBe('alice')
    at.clock.advance(1)
    const token2 = await at.app.during(at.browser, (auth) => auth.authenticate())
    expect(token2).toMatchObject({ userId: null, reason: 'absolute' })
  })

  test('a renewal moves the end of a remembered login by its own idle time, and is told at once', async () => {
    const at = start(kind, { rememberSeconds: 10 * DAY })
    await login(at, { remember: true, lifetime: { idleSeconds: 5 * DAY } })
    at.clock.advance(2 * DAY)
    const token = await at.app.during(at.browser, (auth) => auth.authenticate())
    expect(daysLeft(at.app, token.expiresAt)).toBe(5)
    expect(daysLeft(at.app, token.absoluteExpiresAt)).toBe(8)
    expect(at.maxAge).toBe(5 * DAY)
    at.clock.advance(5 * DAY - 1)
    expect(await at.app.whoIs(at.browser)).toBe('alice')
    at.clock.advance(3 * DAY + 1)
    expect(await at.app.whoIs(at.browser)).toBeNull()
  })

  test('the lifetime is that of the last login, and goes along with a new id', async () => {
    const at = start(kind)
    await login(at, { remember: true })
    await at.app.during(at.browser, (auth) => auth.reauthenticate('wonderland'))
    at.clock.advance(2 * DAY)
    expect(await at.app.whoIs(at.browser)).toBe('alice')
    await login(at, {})
    expect(at.maxAge).toBeUndefined()
    at.clock.advance(DAY)
    expect(await at.app.whoIs(at.browser)).toBeNull()
  })

  test('a shorter configuration counts for remembered logins that exist', async () => {
    const clock = testClock()
    const sessions = KINDS[kind](clock.now)
    const app = testApp({ sessions }, clock)
    const at = inBrowser(app)
    await login(at, { remember: true })
    clock.advance(3 * DAY)
    const shorter = testApp({ sessions, rememberSeconds: 2 * DAY }, clock)
    const { cookies } = at.browser
    expect(await shorter.whoIs(Object.assign(shorter.browser(), { cookies }))).toBeNull()
  })

  test.each<[sentence: string, headers: Record<string, string>, isRenewed: boolean]>([
    ['an ordinary request renews', {}, true],
    ['a prefetch does not', { 'sec-purpose': 'prefetch' }, false],
    ['nor one that may be rendered', { 'sec-purpose': 'prefetch;prerender' }, false],
    ['nor one of an older browser', { purpose: 'prefetch' }, false],
    ['nor one of Next’s router', { 'next-router-prefetch': '1' }, false],
  ])('%s', async (_, headers, isRenewed) => {
    const at = start(kind)
    await login(at, {})
    at.clock.advance(HOUR)
    const before = at.browser.cookieHeader
    const token = await at.app.during(at.browser, (auth) => auth.authenticate(), headers)
    expect(daysLeft(at.app, token.expiresAt)).toBe(isRenewed ? 1 : 23 / 24)
    at.clock.advance(23 * HOUR)
    expect(await at.app.whoIs(at.browser)).toBe(isRenewed ? 'alice' : null)
    if (!isRenewed) expect(at.browser.cookieHeader).toBe(before)
  })

  test.each<[sentence: string, write: (auth: RequestAuth<TestUser>, i: number) => unknown]>([
    ['reads', () => {}],
    ['writes', (auth, i) => auth.session.set('polls', i)],
    ['regenerates the id', (auth) => auth.session.regenerateId()],
  ])(
    'a request may skip it, and %s: the session ends all the same, and what it wrote is saved',
    async (_, write) => {
      const at = start(kind)
      await login(at, {})
      for (let i = 1; i < 24; i++) {
        at.clock.advance(HOUR)
        await at.app.during(at.browser, async (auth) => {
          auth.skipRenewal()
          await write(auth, i)
          expect(daysLeft(at.app, (await auth.authenticate()).expiresAt)).toBeCloseTo((24 - i) / 24)
        })
        const polls = await at.app.during(at.browser, async (auth) => {
          auth.skipRenewal()
          return auth.session.get('polls')
        })
        expect(polls).toBe(write.toString().includes('polls') ? i : undefined)
      }
      at.clock.advance(HOUR)
      expect(await at.app.whoIs(at.browser)).toBeNull()
    },
  )

  test.each<[sentence: string, config: object, options: LoginOptions<TestUser>]>([
    ['a login of two minutes', {}, { lifetime: { idleSeconds: 120 } }],
    [
      'a short `rememberSeconds`',
      { rememberSeconds: 200 },
      { remember: true, lifetime: { idleSeconds: 100 } },
    ],
  ])('%s lives on while it is used', async (_, config, options) => {
    const at = start(kind, { ...config, absoluteSeconds: 10_000 })
    await login(at, options)
    for (let i = 0; i < 6; i++) {
      at.clock.advance(30)
      expect(await at.app.whoIs(at.browser)).toBe('alice')
    }
  })

  test('a re-authentication tells the end that it has moved', async () => {
    const at = start(kind)
    await login(at, {})
    at.clock.advance(200)
    await at.app.during(at.browser, async (auth) => {
      await auth.reauthenticate('wonderland')
      expect(daysLeft(at.app, auth.token.expiresAt)).toBe(1)
    })
  })
})

test.each<[sentence: string, own: unknown]>([
  ['text', '1h'],
  ['null', null],
  ['a list', []],
  ['text for a time', { idleMs: '999999999999' }],
  ['a negative time', { idleMs: -1 }],
  ['an object for a time', { idleMs: { valueOf: 1, toString: 1 } }],
  ['text for a choice', { remember: 'yes' }],
])('a lifetime that was tampered with in the store ends the session: %s', async (_, own) => {
  const clock = testClock()
  const store = memoryRecords({ now: clock.now })
  const app = testApp({ sessions: storedSessions(store) }, clock)
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  const read = store.read.bind(store)
  store.read = (id) => {
    const record = read(id)
    return record && { ...record, data: { ...record.data, _auth_lifetime: own } }
  }
  expect(await app.whoIs(browser)).toBe(Array.isArray(own) ? 'alice' : null)
  store.read = (id) => {
    const record = read(id)
    return record && { ...record, data: null as never }
  }
  expect(await app.whoIs(browser)).toBeNull()
  await app.during(browser, (auth) => auth.logout())
})

test.each<[sentence: string, options: LoginOptions<TestUser>]>([
  ['shortened', { lifetime: { idleSeconds: HOUR } }],
  ['remembered and shortened', { remember: true, lifetime: { idleSeconds: 7 * DAY } }],
  ['with an end', { lifetime: { absoluteSeconds: 8 * HOUR } }],
])(
  'a sealed login survives a visitor’s write in a process that has not its secret yet: %s',
  async (_, options) => {
    const at = start('sealed', { secret: ['a-new-secret-of-more-than-32-bytes-00001', SECRET] })
    await login(at, options)
    const old = testApp({ sessions: sealedSessions() }, at.clock)
    const browser = Object.assign(old.browser(), { cookies: at.browser.cookies })
    await old.during(browser, ({ session }) => session.set('cart', 1))
    expect(await at.app.whoIs(at.browser)).toBe('alice')
  },
)

describe('refused at the login, and nothing is changed', () => {
  test.each<[sentence: string, options: object, says: RegExp]>([
    ['text in place of a choice', { remember: 'on' }, /`remember` must be true or false/],
    ['an end that has passed', { lifetime: { endsAt: 1 } }, /`lifetime.endsAt`/],
    ['an end in seconds', { lifetime: { endsAt: 1.5 } }, /`lifetime.endsAt`/],
    ['no time at all', { lifetime: { idleSeconds: 0 } }, /`lifetime.idleSeconds`/],
    [
      'a time without end',
      { lifetime: { absoluteSeconds: Number.POSITIVE_INFINITY } },
      /`lifetime.absoluteSeconds`/,
    ],
    ['text as a time', { lifetime: { idleSeconds: '60' } }, /`lifetime.idleSeconds`/],
    ['text for persistent', { lifetime: { persistent: 'yes' } }, /`lifetime.persistent`/],
    ['a member that there is not', { lifetime: { maxAge: 60 } }, /no member `maxAge`/],
    ['no object', { lifetime: 60 }, /`lifetime` must be an object/],
  ])('%s', async (_, options, says) => {
    const { app, browser } = start('stored')
    const trying = app.during(browser, (auth) =>
      auth.login('alice', 'wonderland', options as LoginOptions<UserLike>),
    )
    await expect(trying).rejects.toThrow(says)
    const wrong = app.during(browser, (auth) =>
      auth.login('alice', 'wrong', options as LoginOptions<UserLike>),
    )
    await expect(wrong, 'the same for a wrong password').rejects.toThrow(says)
    expect(await app.whoIs(browser)).toBeNull()
  })
})

test('a cookie that is to be kept for longer than a session that is not used is cut, and the console says so', () => {
  const warned: unknown[] = []
  const { warn } = console
  console.warn = (text) => void warned.push(text)
  onTestFinished(() => {
    console.warn = warn
  })
  start('sealed', { cookie: { maxAgeSeconds: DAY } })
  start('sealed', { cookie: { maxAgeSeconds: 30 * DAY }, idleSeconds: 30 * DAY, absoluteSeconds: 60 * DAY })
  expect(warned).toEqual([])
  start('sealed', { cookie: { maxAgeSeconds: 30 * DAY } })
  expect(warned).toEqual([
    expect.stringMatching(
      /`cookie.maxAgeSeconds` \(2592000\) is longer than `idleSeconds` \(86400\).*`remember: true`/,
    ),
  ])
})
