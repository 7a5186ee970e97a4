import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { shot } from '../chromium.ts'
import { describeCells } from './cells.ts'
import { APP, PLAIN, SIBLING, Sites } from './sites.ts'
import { heading, logIn, logOut, sessionCookie, whoIs } from './steps.ts'

/**
 * Ways to plant a live session of the attacker's own, `X`, in the jar of a visitor. What Chromium keeps of it and
 * sends to the app is the second part: nothing, or something that only looks like our cookie.
 */
const BY_HEADER: readonly [sentence: string, from: string, line: string, arrives: RegExp | null][] = [
  ['under our bare name, for all hosts', SIBLING, 'session=X; Domain=example.com; Path=/', /(^|; )session=/],
  [
    'the same, for one path, so that it goes first',
    SIBLING,
    'session=X; Domain=example.com; Path=/app',
    /session=/,
  ],
  ['under our name, for all hosts', SIBLING, '__Host-session=X; Domain=example.com; Path=/; Secure', null],
  ['under our name, for itself', SIBLING, '__Host-session=X; Path=/; Secure', null],
  ['under our name in small letters', SIBLING, '__host-session=X; Domain=example.com; Path=/; Secure', null],
  ['under our name in capitals', SIBLING, '__HOST-SESSION=X; Domain=example.com; Path=/; Secure', null],
  ['under our name after blanks', SIBLING, '  __Host-session=X; Domain=example.com; Path=/; Secure', null],
  [
    'without a name, and our name in its value',
    SIBLING,
    '=__Host-session=X; Domain=example.com; Path=/',
    null,
  ],
  [
    'with the other prefix',
    SIBLING,
    '__Secure-session=X; Domain=example.com; Path=/; Secure',
    /__Secure-session=/,
  ],
  [
    'behind the comma of an older standard',
    SIBLING,
    '$Version=1,__Host-session=X; Domain=example.com; Path=/',
    /\$Version=1,__Host-session=/,
  ],
  ['under our name, without TLS', PLAIN, '__Host-session=X; Path=/', null],
  ['under our name, without TLS and yet secure', PLAIN, '__Host-session=X; Path=/; Secure', null],
  ['under our bare name, without TLS', PLAIN, 'session=X; Path=/', /(^|; )session=/],
]

/** What a script can write and a header cannot. */
const BY_SCRIPT: readonly [sentence: string, line: string, arrives: RegExp | null][] = [
  ['under our bare name', 'session=X; Domain=example.com; Path=/', /(^|; )session=/],
  ['under our name', '__Host-session=X; Domain=example.com; Path=/; Secure', null],
  ['without a name', '=__Host-session=X; Domain=example.com; Path=/', null],
  ['after a blank of Unicode', '\u2000__Host-session=X; Domain=example.com; Path=/', /__Host-session=/],
  [
    'after a blank that does not break',
    '\u00a0__Host-session=X; Domain=example.com; Path=/',
    /__Host-session=/,
  ],
  ['after a next line', '\u0085__Host-session=X; Domain=example.com; Path=/', /__Host-session=/],
]

describeCells('a cookie that somebody else plants', (adapter, sessions) => {
  let sites: Sites
  /** The attacker's own live session. */
  let value: string
  beforeAll(async () => {
    sites = await Sites.open(adapter, sessions)
    const page = await sites.visitor()
    await logIn(page, 'bob')
    value = (await sessionCookie(page)) ?? ''
  })
  beforeEach(() => sites.tidy())
  afterEach(() => sites.world.configure({}))
  afterAll(() => sites?.close())

  test('in the right place it would do: the attacker’s session lives', async () => {
    const page = await sites.visitor()
    await page.context().addCookies([{ name: '__Host-session', value, url: APP, secure: true }])
    expect(await whoIs(page)).toBe('bob')
  })

  /** The visitor is nobody with it, logs in as herself with it, and out. */
  async function changesNothing(page: Page, arrives: RegExp | null): Promise<void> {
    sites.arrived.length = 0
    await page.goto(`${APP}/app`)
    const { cookie } = await sites.arrival('GET /app')
    if (arrives) expect(cookie).toMatch(arrives)
    else expect(cookie).toBe('')
    expect(await heading(page)).toBe('Log in')
    await logIn(page, 'alice')
    expect(await heading(page)).toBe('Hello Alice')
    await logOut(page)
    await page.goto('/app')
    expect(await heading(page)).toBe('Log in')
  }

  test.each(BY_HEADER)('%s, from %s', async (_, from, line, arrives) => {
    const page = await sites.visitor()
    await page.goto(sites.put(`${from}/`, 'Hello', { 'set-cookie': line.replace('X', value) }))
    await changesNothing(page, arrives)
  })

  test.each(BY_SCRIPT)('by a script of a sibling domain, %s', async (_, line, arrives) => {
    const page = await sites.visitor()
    await page.goto(sites.put(`${SIBLING}/`, 'Hello'))
    await page.evaluate(
      (text) => {
        // biome-ignore lint/suspicious/noDocumentCookie: the attacker's way
        document.cookie = text
      },
      line.replace('X', value),
    )
    await changesNothing(page, arrives)
  })

  test('a sibling that fills the jar can push our cookie out, and no other in', async () => {
    const page = await sites.visitor()
    await logIn(page, 'alice')
    const mine = await sessionCookie(page)
    const many = Array.from({ length: 200 }, (_, i) => `c${i}=1; Domain=example.com; Path=/; Secure`)
    const lines = [...many, `__Host-session=${value}; Domain=example.com; Path=/; Secure`]
    await page.goto(sites.put(`${SIBLING}/`, 'Hello', { 'set-cookie': lines }))
    expect([mine, undefined]).toContain(await sessionCookie(page))
    expect(await whoIs(page)).toBe((await sessionCookie(page)) ? 'alice' : 'nobody')
  })

  describe('where the session is shared with all hosts of the domain, on purpose', () => {
    const RUBBISH: readonly [where: string, path: string][] = [
      ['behind ours', '/'],
      ['before ours, for a longer path', '/app'],
    ]
    test.each(RUBBISH)('a cookie of our name %s hides nothing', async (where, path) => {
      sites.world.configure({ cookie: { domain: 'example.com' } })
      const page = await sites.visitor()
      await logIn(page, 'alice')
      // A host's own cookie is another one than the domain's, though they have one name.
      const line = path === '/' ? `Path=${path}` : `Domain=example.com; Path=${path}`
      const host = path === '/' ? APP : SIBLING
      await page.goto(
        sites.put(`${host}/toss`, 'Hello', { 'set-cookie': `__Secure-session=rubbish; ${line}; Secure` }),
      )
      sites.arrived.length = 0
      await page.goto('/app')
      const { cookie } = await sites.arrival('GET /app')
      const values = cookie.split('; ').map((pair) => pair.replace('__Secure-session=', ''))
      expect(values).toHaveLength(2)
      expect(values.indexOf('rubbish')).toBe(where.startsWith('before') ? 0 : 1)
      expect(await heading(page)).toBe('Hello Alice')
      await shot(page, `attacks-${adapter}-two-cookies`)
      await logOut(page)
      expect(await whoIs(page)).toBe('nobody')
      await logIn(page, 'alice')
      expect(await heading(page)).toBe('Hello Alice')
    })

    test('a live session of the attacker’s for a longer path counts there: the price of sharing', async () => {
      sites.world.configure({ cookie: { domain: 'example.com' } })
      const attacker = await sites.visitor()
      await logIn(attacker, 'bob')
      const [bobs] = await attacker.context().cookies(APP)
      const page = await sites.visitor()
      await logIn(page, 'alice')
      const line = `__Secure-session=${bobs?.value}; Domain=example.com; Path=/app; Secure`
      await page.goto(sites.put(`${SIBLING}/toss`, 'Hello', { 'set-cookie': line }))
      await page.goto('/app')
      expect(await heading(page)).toBe('Hello Bob')
      expect(await whoIs(page)).toBe('alice')
    })
  })
})
